"""All that a journal says of whoever called: manners, use of the limits, money."""

from dataclasses import dataclass
from typing import Final

from eachlabs_contract.history.journal import Journal
from eachlabs_contract.manners import judged
from eachlabs_contract.manners.capacity import Capacity, capacity
from eachlabs_contract.manners.manner import Conduct
from eachlabs_contract.manners.spend import Spend, spend
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.verdict import BROKE, HELD, Verdict

MEANINGS: Final = ("good manners, or nothing worse than a SHOULD broken", "a manner that is a MUST is broken")
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
        conducts = judged(journal)
        return cls(source, journal, conducts, capacity(journal), spend(journal, conducts))

    @property
    def exit_code(self) -> int:
        """0: no MUST is broken; 1: one is."""
        musts = (each for each in self.conducts if each.manner.level is Level.MUST)
        return BROKE if any(each.verdict is Verdict.BROKEN for each in musts) else HELD
