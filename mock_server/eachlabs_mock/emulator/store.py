"""The port of a store, which keeps predictions and counted requests, and its errors.

Each method is one atomic step, since several processes may share a store: counting a request, adding a prediction under
the cap, replacing a record unless another thread did. The rules are the pure functions of `limits`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from eachlabs_mock.core import Instant, Prediction, Rate, Status


class StoreFullError(Exception):
    """The store is full, and all its predictions are still in flight."""


class StoreUnwritableError(Exception):
    """The store cannot write a change, and has not made it; the text says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class WorldRecords:
    """All that a store keeps of one world: what `of_world`, `arrivals` and `evicted` return."""

    predictions: Sequence[Prediction]
    arrivals: Sequence[Instant]
    evicted: Mapping[tuple[str, Status], int]


class Store(Protocol):
    """A store of predictions and counted requests. Waits are milliseconds; 0: no wait.

    Each method that changes something may raise `StoreUnwritableError`; then nothing has changed.

    :ivar life: how many processes have used it before this one.
    """

    life: int

    def admit(self, world: str, now: Instant, rate: Rate | None, *, count_refused: bool = False) -> int:
        """Count a request that arrives *now* if the rate window allows it; return how long it has to wait."""
        ...

    def window_wait(self, world: str, now: Instant, rate: Rate | None) -> int:
        """Return how long another request would have to wait for the rate window; count nothing."""
        ...

    def slot_wait(self, world: str, now: Instant, cap: int | None) -> int:
        """Return how long another prediction would have to wait for a slot; add nothing."""
        ...

    def add(self, prediction: Prediction, cap: int | None) -> int:
        """Add *prediction* unless *cap* are in flight in its world; return how long it has to wait.

        :raises StoreFullError: there is no room, and all predictions are still in flight.
        """
        ...

    def get(self, prediction_id: str) -> Prediction | None:
        """Return the record; None where there is none."""
        ...

    def replace(self, old: Prediction, new: Prediction) -> bool:
        """Replace *old* by *new*; return False, and change nothing, if the record is no longer *old*."""
        ...

    def of_world(self, world: str) -> tuple[Prediction, ...]:
        """Return the predictions of a world, oldest first."""
        ...

    def running(self, world: str) -> tuple[Prediction, ...]:
        """Return the predictions of a world that may be in flight; some may have ended since the last change."""
        ...

    def arrivals(self, world: str) -> tuple[Instant, ...]:
        """Return the arrivals of the requests in a world's rate window, oldest first."""
        ...

    def evicted(self, world: str) -> Mapping[tuple[str, Status], int]:
        """Return the number of evicted predictions by model and final status, which the ledger still counts."""
        ...

    def forget(self, world: str) -> None:
        """Delete everything of a world."""
        ...

    def restore(self, world: str, records: WorldRecords) -> None:
        """Replace everything of a world by *records*.

        :raises StoreFullError: there is no room for so many, or another world has one of these ids; nothing changed.
        """
        ...

    def close(self) -> None:
        """Close its file; nothing can be changed any more."""
        ...
