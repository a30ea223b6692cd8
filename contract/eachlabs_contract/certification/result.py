"""What is concluded about a program in one scenario, or about one of its habits. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.trial import Cost, Expectation, Scenario
from eachlabs_contract.verdict import Verdict

NO_CALM: Final = "it does not get through even where nothing goes wrong"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An expectation that a program fell short of.

    :param told: what happened instead.
    :param during: the id of the scenario in which it did.
    """

    expectation: Expectation
    told: str
    during: str


@dataclass(frozen=True, slots=True)
class Result:
    """The conclusion about one scenario, or about one habit.

    :param reason: why it does not apply; empty: it does.
    :param observation: None where the program was not run for it.
    """

    scenario: Scenario
    verdict: Verdict
    shortfalls: tuple[Shortfall, ...] = ()
    reason: str = ""
    observation: Observation | None = None

    @property
    def counts(self) -> bool:
        """Whether it is part of the grade."""
        return self.verdict is not Verdict.NOT_APPLICABLE

    @property
    def costs(self) -> frozenset[Cost]:
        """What the shortfalls cost."""
        return frozenset(each.expectation.cost for each in self.shortfalls)

    @property
    def expectations(self) -> tuple[tuple[Expectation, str], ...]:
        """Everything that was expected, each with what happened instead, which is nothing where it was met."""
        told = {each.expectation.sentence: each.told for each in reversed(self.shortfalls)}
        return tuple((each, told.get(each.sentence, "")) for each in all_of(self.scenario))


def all_of(scenario: Scenario) -> tuple[Expectation, ...]:
    """Return what is expected in *scenario*: that the program ends by itself, and what is peculiar to it."""
    return (*((expect.ENDS,) if scenario.group != "hygiene" else ()), *scenario.expectations)


def judged(scenario: Scenario, seen: Observation) -> Result:
    """Return what *seen* says about a program in *scenario*."""
    shortfalls = _shortfalls(scenario, seen, scenario.id)
    if shortfalls:
        return Result(scenario, Verdict.BROKEN, shortfalls, observation=seen)
    if seen.strikes and not any(each.times for each in seen.strikes):
        faults = ", ".join(sorted({each.fault for each in seen.strikes}))
        return inapplicable(scenario, f"what was to go wrong ({faults}) never met a call of it", seen)
    return Result(scenario, Verdict.HOLDS, observation=seen)


def judged_habit(habit: Scenario, runs: Mapping[str, Observation]) -> Result:
    """Return what all *runs*, by the ids of their scenarios, say about one habit."""
    shortfalls = tuple(each for identity, seen in runs.items() for each in _shortfalls(habit, seen, identity))
    if not any(seen.calls for seen in runs.values()):
        return inapplicable(habit, "it sent no request")
    return Result(habit, Verdict.BROKEN if shortfalls else Verdict.HOLDS, shortfalls)


def inapplicable(scenario: Scenario, reason: str, seen: Observation | None = None) -> Result:
    """Return that *scenario* says nothing about a program, and why."""
    return Result(scenario, Verdict.NOT_APPLICABLE, reason=reason, observation=seen)


def _shortfalls(scenario: Scenario, seen: Observation, during: str) -> tuple[Shortfall, ...]:
    found = ((each, each.shortfall(seen)) for each in all_of(scenario))
    return tuple(Shortfall(each, told, during) for each, told in found if told)
