"""Where predictions and counted requests are kept: what a store does, and what it may say no with.

The atomic steps live here, because another store may be shared by several processes: counting a request in, adding a
prediction under the cap, replacing a record only if nobody else did. The rules are the pure functions of `limits`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from eachlabs_mock.core import Instant, Prediction, Rate, Status


class StoreFullError(Exception):
    """The store holds as many predictions as it may, and every one of them is still in flight."""


class StoreUnwritableError(Exception):
    """The store cannot keep what it was given, and has not; the text says why."""


@dataclass(frozen=True, slots=True)
class Holding:
    """All that a store keeps of one world, as `of_world`, `arrivals` and `evicted` tell it."""

    predictions: Sequence[Prediction]
    arrivals: Sequence[Instant]
    evicted: Mapping[tuple[str, Status], int]


class Store(Protocol):
    """What an emulator needs of a store. Waits are milliseconds; 0 means that it passed.

    Whatever changes it may raise `StoreUnwritableError`, and has changed nothing then.

    :ivar life: how many processes have had it before this one.
    """

    life: int

    def admit(self, world: str, now: Instant, rate: Rate | None, *, count_refused: bool = False) -> int:
        """Count a request that arrives *now* if the window lets it through; return how long it would have to wait."""
        ...

    def window_wait(self, world: str, now: Instant, rate: Rate | None) -> int:
        """Return how long a further request would have to wait for the window, counting nothing."""
        ...

    def slot_wait(self, world: str, now: Instant, cap: int | None) -> int:
        """Return how long a further prediction would have to wait for a slot, adding nothing."""
        ...

    def add(self, prediction: Prediction, cap: int | None) -> int:
        """Add *prediction* unless *cap* are in flight in its world; return how long it would have to wait.

        :raises StoreFullError: there is no room, and nothing that has ended could make way.
        """
        ...

    def get(self, prediction_id: str) -> Prediction | None:
        """Return the record, or None where there is none (any more)."""
        ...

    def replace(self, old: Prediction, new: Prediction) -> bool:
        """Put *new* in the place of *old*; False, and nothing done, when the record is no longer *old*."""
        ...

    def of_world(self, world: str) -> tuple[Prediction, ...]:
        """Return what is stored of a world, oldest first."""
        ...

    def running(self, world: str) -> tuple[Prediction, ...]:
        """Return what may still be in flight of a world; some of it may have ended since anybody last looked."""
        ...

    def arrivals(self, world: str) -> tuple[Instant, ...]:
        """Return when the requests in a world's rate window arrived, oldest first."""
        ...

    def evicted(self, world: str) -> Mapping[tuple[str, Status], int]:
        """Return how many predictions made way, by model and final status: the ledger goes on counting them."""
        ...

    def forget(self, world: str) -> None:
        """Drop everything of a world."""
        ...

    def restore(self, world: str, holding: Holding) -> None:
        """Put *holding* in the place of everything of a world.

        :raises StoreFullError: there is no room for so many, or another world has one of these ids; nothing changed.
        """
        ...

    def close(self) -> None:
        """Let go of what it is kept in; nothing can be changed any more."""
        ...
