"""The result of one trial or of one habit. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.trial import Expectation, Trial
from eachlabs_contract.verdict import Verdict, Violation

BASELINE_FAILED: Final = "not run: the program fails the trial without a fault"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one trial or of one habit.

    :param reason: why it does not apply; else empty.
    :param observation: None for a habit, or for a trial that was not run.
    """

    trial: Trial
    verdict: Verdict
    violations: tuple[Violation, ...] = ()
    reason: str = ""
    observation: Observation | None = None

    @property
    def counts(self) -> bool:
        """Whether the result counts for the grade."""
        return self.verdict is not Verdict.NOT_APPLICABLE

    @property
    def costs(self) -> frozenset[str]:
        """The kinds of cost of the violations."""
        return frozenset(violation.cost for violation in self.violations)

    @property
    def expectations(self) -> tuple[tuple[Expectation, str], ...]:
        """Every expectation, each with the actual behaviour; empty if it was met."""
        got = {violation.expected: violation.got for violation in reversed(self.violations)}
        return tuple((expectation, got.get(expectation.sentence, "")) for expectation in all_expectations(self.trial))


def all_expectations(trial: Trial) -> tuple[Expectation, ...]:
    """Return the expectations of *trial*, including the common one that the program ends."""
    return (*((expect.ENDS,) if trial.group != "hygiene" else ()), *trial.expectations)


def judged(trial: Trial, seen: Observation) -> Result:
    """Return the result of *trial* for the observation *seen*."""
    violations = _violations(trial, seen, trial.id)
    if violations:
        return Result(trial, Verdict.BROKEN, violations, observation=seen)
    if seen.faults and not any(fault.times for fault in seen.faults):
        names = ", ".join(sorted({repr(fault.fault) for fault in seen.faults}))
        reason = f"the fault {names} was never triggered: the program made no matching request"
        return inapplicable(trial, reason, seen)
    return Result(trial, Verdict.HOLDS, observation=seen)


def judged_habit(habit: Trial, runs: Mapping[str, Observation]) -> Result:
    """Return the result of one habit for all *runs*, given by the ids of their trials."""
    violations = tuple(chain(*(_violations(habit, seen, identity) for identity, seen in runs.items())))
    if not any(seen.calls for seen in runs.values()):
        return inapplicable(habit, "the program sent no request")
    return Result(habit, Verdict.BROKEN if violations else Verdict.HOLDS, violations)


def inapplicable(trial: Trial, reason: str, seen: Observation | None = None) -> Result:
    """Return the result of a trial that does not apply."""
    return Result(trial, Verdict.NOT_APPLICABLE, reason=reason, observation=seen)


def _violations(trial: Trial, seen: Observation, during: str) -> tuple[Violation, ...]:
    return tuple(
        Violation(got, expected=expectation.sentence, cost=expectation.cost, during=during)
        for expectation in all_expectations(trial)
        if (got := expectation.judge(seen))
    )
