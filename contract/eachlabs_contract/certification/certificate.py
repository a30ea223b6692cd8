"""What a program is certified to be: its grade, what stands behind it, and what it would have cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final

from eachlabs_contract.certification.observation import Account
from eachlabs_contract.certification.result import Result
from eachlabs_contract.certification.trial import Cost
from eachlabs_contract.manners import counted, usd
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Verdict

ENOUGH: Final = Decimal("0.8")
"""Share of what a program should do that it does for the best grade."""


class Grade(StrEnum):
    """How fit a program is to be let loose on a paid service, best first."""

    A = "A"
    B = "B"
    C = "C"
    F = "F"

    @property
    def meaning(self) -> str:
        """What it says, in words."""
        return MEANINGS[self]

    def is_at_least(self, other: "Grade") -> bool:
        """Say whether it is as good as *other*, or better."""
        return list(Grade).index(self) <= list(Grade).index(other)


MEANINGS: Final = {
    Grade.A: "it keeps every MUST, and 80 % of every SHOULD at least",
    Grade.B: "it keeps every MUST",
    Grade.C: "it breaks a MUST, but nothing that loses money or hangs",
    Grade.F: "it loses money, hangs, or does not even do its work where nothing goes wrong",
}


def grade(results: Sequence[Result]) -> Grade:
    """Return the grade that *results* earn; those that do not apply change nothing."""
    counted = [each for each in results if each.counts]
    if all(each.verdict is Verdict.HOLDS for each in counted if each.trial.level is Level.MUST):
        should = [each.verdict is Verdict.HOLDS for each in counted if each.trial.level is Level.SHOULD]
        return Grade.A if sum(should) >= ENOUGH * len(should) else Grade.B
    costs = {cost for each in counted for cost in each.costs}
    return Grade.F if costs - {Cost.NEITHER} else Grade.C


@dataclass(frozen=True)
class Certificate:
    """Everything that was concluded about one program.

    :param label: by which it is known.
    :param command: what starts it in a shell; empty: it is a function.
    :param results: of the trials, in the order of the catalogue.
    :param habits: of what is judged over all of them.
    :param seconds: real time that it took.
    """

    label: str
    command: str
    results: tuple[Result, ...]
    habits: tuple[Result, ...] = ()
    seconds: float = 0.0

    @property
    def rows(self) -> tuple[Result, ...]:
        """Trials and habits."""
        return (*self.results, *self.habits)

    @cached_property
    def grade(self) -> Grade:
        """What all of it earns."""
        return grade(self.rows)

    @property
    def complaints(self) -> tuple[str, ...]:
        """A line for each expectation that it fell short of: where, what was expected, what happened."""
        return tuple(
            f"{each.during}: {each.expected} But {each.got}"
            + (f" [{each.cost}]" if each.cost is not Cost.NEITHER else "")
            for row in self.rows
            for each in row.violations
        )

    def again(self, result: Result) -> str:
        """Return what tries one trial again; of a habit, those in which it was broken."""
        ids = list(dict.fromkeys(each.during for each in result.violations)) or [result.trial.id]
        if not self.command:
            return f"certify({self.label}, trials={ids!r})"
        return f"eachlabs-contract certify {' '.join(f'--trial {each}' for each in ids)} -- {self.command}"

    @property
    def basis(self) -> str:
        """Over how much the grade was earned."""
        trials = f"{sum(each.counts for each in self.results)} of {len(self.results)} trials"
        habits = f"{sum(each.counts for each in self.habits)} of {len(self.habits)} habits"
        return f"{trials} and {habits}" if self.habits else trials

    @cached_property
    def account(self) -> Account:
        """What it paid for in all trials together."""
        accounts = [each.observation.account for each in self.results if each.observation]
        return Account(
            created=sum(each.created for each in accounts),
            paid=sum(each.paid for each in accounts),
            uncollected=sum(each.uncollected for each in accounts),
            spent=sum((each.spent for each in accounts), Decimal()),
        )

    @property
    def lost(self) -> Decimal:
        """USD that it paid for nothing."""
        return sum((each.observation.account.lost for each in self.results if each.observation), Decimal())

    @property
    def for_nothing(self) -> int:
        """Paid executions that were of no use."""
        return sum(each.observation.account.for_nothing for each in self.results if each.observation)

    @property
    def superfluous(self) -> int:
        """Predictions that were made although the work did not need them."""
        accounts = (each.observation.account for each in self.results if each.observation)
        return sum(max(each.created - each.needed, 0) for each in accounts)

    @property
    def money(self) -> str:
        """What it paid for, in a sentence."""
        saved = self.account.uncollected - self.for_nothing
        made = f"{counted(self.account.created, 'prediction')} made, {self.superfluous} more than needed"
        paid = f"{self.account.paid} paid for, {self.account.uncollected} never collected"
        inevitably = f" ({saved} inevitably)" if saved > 0 else ""
        return f"{made}; {paid}{inevitably}: {usd(self.lost)} of {usd(self.account.spent)} for nothing"

    @property
    def losses(self) -> tuple[tuple[Decimal, Result, str], ...]:
        """Where it paid for nothing: USD, the result, and what became of the executions."""
        accounts = [(each.observation.account, each) for each in self.results if each.observation]
        return tuple((each.lost, result, _fate(each, result)) for each, result in accounts if each.lost)


def _fate(account: Account, result: Result) -> str:
    made = f"{account.created} made, {account.needed} needed"
    return f"{result.trial.title}: {made}, {account.uncollected} paid for and never collected"


def worst_grade(certificates: Sequence[Certificate]) -> Grade:
    """Return the worst grade of *certificates*, of which there is one at least."""
    return max((each.grade for each in certificates), key=list(Grade).index)
