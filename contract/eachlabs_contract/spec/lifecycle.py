"""The statuses of a prediction, and which may follow which.

The table is independent of the emulator's, so that each reveals a mistake in the other. The names are neutral: a
dialect translates the words of its profile ("succeeded", "success").
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class Status(Enum):
    """The status of a prediction."""

    CREATED = "created"
    STARTING = "starting"
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"
    CANCELLED = "cancelled"


# The statuses that may follow directly. CREATED leads to SUCCESS only through PROCESSING, but a slow caller may see
# only these two: see REACHABLE.
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


# The statuses after one or more steps: the transitive closure of NEXT. No status is reachable from itself.
REACHABLE: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType({status: _after(status) for status in Status})


def may_follow(earlier: Status, later: Status) -> bool:
    """Say whether a read may show *later* after another showed *earlier*: the same status, or a reachable one."""
    return later is earlier or later in REACHABLE[earlier]
