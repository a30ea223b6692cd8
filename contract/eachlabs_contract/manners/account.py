"""Everything that a journal says about its caller: manners, use of the limits, and money in exact USD."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from eachlabs_contract.history import Journal
from eachlabs_contract.manners.capacity import Capacity, measure_capacity
from eachlabs_contract.manners.catalogue import judge_all
from eachlabs_contract.manners.manner import Conduct
from eachlabs_contract.manners.prices import cost_of, is_charged
from eachlabs_contract.manners.traffic import ends_seen, fetches, ids_seen, in_view
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import BROKE, HELD, Verdict

CONDUCT_MEANINGS: Final = ("no MUST manner is broken", "a MUST manner is broken")
"""Meaning of each exit code."""


@dataclass(frozen=True, slots=True)
class Spend:
    """Money, in USD.

    :param executions: that the real service would have charged.
    :param unpriced: those of them whose price nobody knows; they are missing from every amount.
    :param cost: what they would have cost; saved, since an emulator charges nothing.
    :param wasted: what of it was for nothing. A prediction that was lost in two ways counts once.
    :param for_nothing: how many executions that are.
    :param unheard: those of them whose ids no answer told: a lost answer, which need not be the caller's fault.
    """

    executions: int
    unpriced: int
    cost: Decimal
    wasted: Decimal
    for_nothing: int
    unheard: int


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that a journal says about its caller.

    :param source: where it was read.
    """

    source: str
    journal: Journal
    conducts: tuple[Conduct, ...]
    capacity: Capacity
    spend: Spend

    @classmethod
    def of(cls, journal: Journal, source: str) -> "Account":
        """Judge *journal*."""
        conducts = judge_all(journal)
        return cls(source, journal, conducts, measure_capacity(journal), measure_spend(journal, conducts))

    @property
    def exit_code(self) -> int:
        """0: no MUST is broken; 1: one is."""
        musts = (each for each in self.conducts if each.manner.level is Level.MUST)
        return BROKE if any(each.verdict is Verdict.BROKEN for each in musts) else HELD


def measure_spend(journal: Journal, conducts: Sequence[Conduct]) -> Spend:
    """Return what *journal*, and all that was concluded from it, says about money."""
    heard = ids_seen(journal) | ends_seen(journal).keys() | fetches(journal).keys()
    unheard = [each for each in in_view(journal) if is_charged(journal, each) and each.id not in heard]
    vain = {each.id: each for each in (*unheard, *(each for conduct in conducts for each in conduct.wasted))}
    bill, wasted = journal.bill, cost_of(journal, vain.values())
    return Spend(bill.executions, bill.unpriced, bill.total, wasted, len(vain), len(unheard))
