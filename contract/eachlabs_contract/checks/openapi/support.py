"""How much is sent: plenty where it costs nothing, a few cases where time is real and creates may cost."""

import math
from typing import Final, TypeVar

from eachlabs_contract.checks.session import Session
from eachlabs_contract.verdict import InconclusiveError

T = TypeVar("T")

FEW: Final = 4
"""Cases of a kind where the clock is real, the limits are on and creates may cost."""


def times(session: Session, count: int) -> int:
    """Return how many random cases to make where *count* are enough for a quick run."""
    return count * 10 if session.thorough else count


def some(session: Session, found: list[T], least: int) -> list[T]:
    """Return all that was *found*, or a few of them, spread evenly, where each one counts.

    :raises InconclusiveError: there are fewer than *least*.
    """
    enough(len(found), least, "cases")
    return found if session.owner.control else found[:: math.ceil(len(found) / FEW)]


def enough(found: int, least: int, what: str) -> None:
    """Make sure that a green run is no empty one.

    :raises InconclusiveError: there were fewer than *least* of *what*.
    """
    if found < least:
        raise InconclusiveError(f"there were only {found} {what}; fewer than {least} show nothing")
