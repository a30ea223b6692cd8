"""Judges a journal: manners, use of the limits, and cost in exact USD."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
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
    """Cost in USD.

    :param executions: number of executions that the real service would have charged.
    :param unpriced: number of executions of unknown price; no amount includes them.
    :param cost: the cost at the real service; an emulator charges nothing.
    :param wasted: the part of the cost that was in vain. A prediction wasted in two ways counts once.
    :param for_nothing: number of wasted executions.
    :param unheard: number of wasted executions whose id no response contained; not always the caller's fault.
    """

    executions: int
    unpriced: int
    cost: Decimal
    wasted: Decimal
    for_nothing: int
    unheard: int


@dataclass(frozen=True, slots=True)
class Account:
    """All judgements on one journal.

    :param source: the URL or file of the journal.
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
        """0: no MUST is broken; 1: a MUST is broken."""
        musts = (conduct for conduct in self.conducts if conduct.manner.level is Level.MUST)
        return BROKE if any(conduct.verdict is Verdict.BROKEN for conduct in musts) else HELD


def measure_spend(journal: Journal, conducts: Sequence[Conduct]) -> Spend:
    """Return the cost of the executions in *journal*, and the part that *conducts* show as wasted."""
    heard = ids_seen(journal) | ends_seen(journal).keys() | fetches(journal).keys()
    charged = (prediction for prediction in in_view(journal) if is_charged(journal, prediction))
    unheard = [prediction for prediction in charged if prediction.id not in heard]
    vain = {prediction.id: prediction for prediction in chain(unheard, *(conduct.wasted for conduct in conducts))}
    bill, wasted = journal.bill, cost_of(journal, vain.values())
    return Spend(bill.executions, bill.unpriced, bill.total, wasted, len(vain), len(unheard))
