"""How many cases are sent: many where they are free, few where time is real and creates may cost money."""

import math
from typing import Final, TypeVar

from eachlabs_contract.checks.session import Session
from eachlabs_contract.verdict import InconclusiveError

T = TypeVar("T")

FEW: Final = 4
"""Cases of each kind where the clock is real, the limits are on and creates may cost money."""


def times(session: Session, count: int) -> int:
    """Return the number of random cases of this run, where a quick run makes *count*."""
    return count * 10 if session.thorough else count


def some(session: Session, cases: list[T], least: int) -> list[T]:
    """Return all *cases*, or a few of them, evenly spread, where each one may cost money.

    :raises InconclusiveError: there are fewer than *least*.
    """
    enough(len(cases), least, "cases")
    return cases if session.owner.control else cases[:: math.ceil(len(cases) / FEW)]


def enough(number: int, least: int, what: str) -> None:
    """Make sure that a check tests enough.

    :raises InconclusiveError: *number* is below *least*.
    """
    if number < least:
        raise InconclusiveError(f"only {number} {what}, where at least {least} are needed")
