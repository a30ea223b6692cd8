"""The law of a prediction's life: the statuses there are, and which may follow which.

The table is stated here on its own, not taken from the emulator, so that a slip in either is caught by the other. The
names are neutral: what a profile writes on the wire ("succeeded", "success") is for its dialect to read.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class Status(Enum):
    """Where a prediction stands in its life."""

    CREATED = "created"
    STARTING = "starting"
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"
    CANCELLED = "cancelled"


# One step: what may come next, with nothing between. From CREATED to SUCCESS there is no way but through PROCESSING;
# whoever polls slowly may still see just these two, which is a question to REACHABLE.
NEXT: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType(
    {
        Status.CREATED: frozenset({Status.STARTING, Status.PROCESSING, Status.ERROR, Status.CANCELLED}),
        Status.STARTING: frozenset({Status.PROCESSING, Status.ERROR, Status.CANCELLED}),
        Status.PROCESSING: frozenset({Status.SUCCESS, Status.ERROR, Status.CANCELLED}),
        Status.SUCCESS: frozenset(),
        Status.ERROR: frozenset(),
        Status.CANCELLED: frozenset(),
    }
)

TERMINAL: Final = frozenset(status for status, following in NEXT.items() if not following)


def _after(status: Status) -> frozenset[Status]:
    return NEXT[status].union(*map(_after, NEXT[status]))


# Any number of steps, at least one: the transitive closure of NEXT. No status is reachable from itself.
REACHABLE: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType({status: _after(status) for status in Status})


def may_follow(earlier: Status, later: Status) -> bool:
    """Say whether a read may show *later* once another has shown *earlier*: the same again, or something reachable."""
    return later is earlier or later in REACHABLE[earlier]
