"""What is concluded about a program in one trial, or about one of its habits. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.trial import Expectation, Trial
from eachlabs_contract.verdict import Verdict, Violation

NO_CALM: Final = "it does not get through even where nothing goes wrong"


@dataclass(frozen=True, slots=True)
class Result:
    """The conclusion about one trial, or about one habit.

    :param reason: why it does not apply; empty: it does.
    :param observation: None where the program was not run for it.
    """

    trial: Trial
    verdict: Verdict
    violations: tuple[Violation, ...] = ()
    reason: str = ""
    observation: Observation | None = None

    @property
    def counts(self) -> bool:
        """Whether it is part of the grade."""
        return self.verdict is not Verdict.NOT_APPLICABLE

    @property
    def costs(self) -> frozenset[str]:
        """What the violations cost."""
        return frozenset(each.cost for each in self.violations)

    @property
    def expectations(self) -> tuple[tuple[Expectation, str], ...]:
        """Everything that was expected, each with what happened instead, which is nothing where it was met."""
        told = {each.expected: each.got for each in reversed(self.violations)}
        return tuple((each, told.get(each.sentence, "")) for each in all_of(self.trial))


def all_of(trial: Trial) -> tuple[Expectation, ...]:
    """Return what is expected in *trial*: that the program ends by itself, and what is peculiar to it."""
    return (*((expect.ENDS,) if trial.group != "hygiene" else ()), *trial.expectations)


def judged(trial: Trial, seen: Observation) -> Result:
    """Return what *seen* says about a program in *trial*."""
    violations = _violations(trial, seen, trial.id)
    if violations:
        return Result(trial, Verdict.BROKEN, violations, observation=seen)
    if seen.strikes and not any(each.times for each in seen.strikes):
        faults = ", ".join(sorted({each.fault for each in seen.strikes}))
        return inapplicable(trial, f"what was to go wrong ({faults}) never met a call of it", seen)
    return Result(trial, Verdict.HOLDS, observation=seen)


def judged_habit(habit: Trial, runs: Mapping[str, Observation]) -> Result:
    """Return what all *runs*, by the ids of their trials, say about one habit."""
    violations = tuple(each for identity, seen in runs.items() for each in _violations(habit, seen, identity))
    if not any(seen.calls for seen in runs.values()):
        return inapplicable(habit, "it sent no request")
    return Result(habit, Verdict.BROKEN if violations else Verdict.HOLDS, violations)


def inapplicable(trial: Trial, reason: str, seen: Observation | None = None) -> Result:
    """Return that *trial* says nothing about a program, and why."""
    return Result(trial, Verdict.NOT_APPLICABLE, reason=reason, observation=seen)


def _violations(trial: Trial, seen: Observation, during: str) -> tuple[Violation, ...]:
    found = ((each, each.judge(seen)) for each in all_of(trial))
    return tuple(Violation(got, expected=each.sentence, cost=each.cost, during=during) for each, got in found if got)
