"""The certificate of a program: its grade, the results behind it, and its cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final

from eachlabs_contract.certification.observation import Payments
from eachlabs_contract.certification.result import Result
from eachlabs_contract.certification.trial import Cost
from eachlabs_contract.manners import counted, usd
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Verdict

ENOUGH: Final = Decimal("0.8")
"""Share of the SHOULD trials that a program must pass for grade A."""


class Grade(StrEnum):
    """How safe a program is to run against a paid service, best first."""

    A = "A"
    B = "B"
    C = "C"
    F = "F"

    @property
    def meaning(self) -> str:
        """The meaning of the grade in words."""
        return MEANINGS[self]

    def is_at_least(self, other: "Grade") -> bool:
        """Return whether this grade is *other* or better."""
        return list(Grade).index(self) <= list(Grade).index(other)


MEANINGS: Final = {
    Grade.A: "passes every MUST, and at least 80 % of the SHOULDs",
    Grade.B: "passes every MUST",
    Grade.C: "fails a MUST, but loses no money and does not hang",
    Grade.F: "loses money, hangs, or fails without any fault",
}


def grade(results: Sequence[Result]) -> Grade:
    """Return the grade for *results*; results that do not apply change nothing."""
    relevant = [result for result in results if result.counts]
    if all(result.verdict is Verdict.HOLDS for result in relevant if result.trial.level is Level.MUST):
        should = [result.verdict is Verdict.HOLDS for result in relevant if result.trial.level is Level.SHOULD]
        return Grade.A if sum(should) >= ENOUGH * len(should) else Grade.B
    costs = {cost for result in relevant for cost in result.costs}
    return Grade.F if costs - {Cost.NEITHER} else Grade.C


@dataclass(frozen=True)
class Certificate:
    """All results of one program.

    :param label: its name in the reports.
    :param command: its shell command; empty for a function.
    :param results: of the trials, in the order of the catalogue.
    :param habits: results of the habits, each judged over all trials.
    :param seconds: real time taken.
    """

    label: str
    command: str
    results: tuple[Result, ...]
    habits: tuple[Result, ...] = ()
    seconds: float = 0.0

    @property
    def rows(self) -> tuple[Result, ...]:
        """Results of trials and habits."""
        return (*self.results, *self.habits)

    @cached_property
    def grade(self) -> Grade:
        """The grade for all results."""
        return grade(self.rows)

    @property
    def complaints(self) -> tuple[str, ...]:
        """One line for each unmet expectation: the trial, the expectation, the actual behaviour and the cost."""
        return tuple(
            f"{violation.during}: {violation.expected} Instead: {violation.got}"
            + (f" [{violation.cost}]" if violation.cost is not Cost.NEITHER else "")
            for row in self.rows
            for violation in row.violations
        )

    def again(self, result: Result) -> str:
        """Return the command that reruns one trial; for a habit, the trials in which it was broken."""
        ids = list(dict.fromkeys(violation.during for violation in result.violations)) or [result.trial.id]
        if not self.command:
            return f"certify({self.label}, trials={ids!r})"
        return f"eachlabs-contract certify {' '.join(f'--trial {identity}' for identity in ids)} -- {self.command}"

    @property
    def basis(self) -> str:
        """The number of trials and habits behind the grade, in words."""
        trials = f"{sum(result.counts for result in self.results)} of {counted(len(self.results), 'trial')}"
        habits = f"{sum(result.counts for result in self.habits)} of {counted(len(self.habits), 'habit')}"
        return f"{trials} and {habits}" if self.habits else trials

    @cached_property
    def run_payments(self) -> tuple[Payments, ...]:
        """The payments of each run."""
        return tuple(result.observation.payments for result in self.results if result.observation)

    @cached_property
    def payments(self) -> Payments:
        """The payments of all runs together."""
        return Payments(
            created=sum(payments.created for payments in self.run_payments),
            paid=sum(payments.paid for payments in self.run_payments),
            uncollected=sum(payments.uncollected for payments in self.run_payments),
            spent=sum((payments.spent for payments in self.run_payments), Decimal()),
        )

    @property
    def lost(self) -> Decimal:
        """Wasted USD."""
        return sum((payments.lost for payments in self.run_payments), Decimal())

    @property
    def for_nothing(self) -> int:
        """Number of wasted executions."""
        return sum(payments.for_nothing for payments in self.run_payments)

    @property
    def superfluous(self) -> int:
        """Number of predictions beyond those needed."""
        return sum(max(payments.created - payments.needed, 0) for payments in self.run_payments)

    @property
    def money(self) -> str:
        """The payments in one sentence."""
        unavoidable = self.payments.uncollected - self.for_nothing
        made = f"{counted(self.payments.created, 'prediction')} made, {self.superfluous} more than needed"
        paid = f"{self.payments.paid} paid, {self.payments.uncollected} never collected"
        note = f" ({unavoidable} unavoidable)" if unavoidable > 0 else ""
        return f"{made}; {paid}{note}: {usd(self.lost)} of {usd(self.payments.spent)} wasted"

    @property
    def losses(self) -> tuple[tuple[Decimal, Result, str], ...]:
        """For each trial that wasted money: the USD, the result, and the payments in words."""
        runs = [(result.observation.payments, result) for result in self.results if result.observation]
        return tuple((payments.lost, result, _in_words(payments, result)) for payments, result in runs if payments.lost)


def _in_words(payments: Payments, result: Result) -> str:
    made = f"{payments.created} made, {payments.needed} needed"
    return f"{result.trial.title}: {made}, {payments.uncollected} paid and never collected"


def worst_grade(certificates: Sequence[Certificate]) -> Grade:
    """Return the worst grade of *certificates* (at least one)."""
    return max((certificate.grade for certificate in certificates), key=list(Grade).index)
