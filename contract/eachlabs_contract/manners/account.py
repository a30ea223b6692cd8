"""All that a journal says of whoever called: manners, use of the limits, money."""

from dataclasses import dataclass
from typing import Final

from eachlabs_contract.history import Journal
from eachlabs_contract.manners.capacity import Capacity, measure_capacity
from eachlabs_contract.manners.catalogue import judge_all
from eachlabs_contract.manners.manner import Conduct
from eachlabs_contract.manners.spend import Spend, measure_spend
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import BROKE, HELD, Verdict

CONDUCT_MEANINGS: Final = ("good manners, or nothing worse than a SHOULD broken", "a manner that is a MUST is broken")
"""What each exit code says."""


@dataclass(frozen=True, slots=True)
class Account:
    """All that a journal says of whoever called.

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
