"""The store in memory; a store that keeps its records elsewhere too extends it."""

import sys
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from eachlabs_mock.core import Instant, Prediction, Rate, Status, slot_wait, status_at, window_wait
from eachlabs_mock.emulator import StoreFullError, WorldRecords

ROOM = 4 * 1024
"""Bytes of inputs per prediction kept; predictions with large inputs, such as images, are evicted sooner."""

LEAST_ROOM = 16 * 1024 * 1024
"""Bytes of inputs kept in any case."""


@dataclass(slots=True)
class _WorldIndex:
    """The arrivals of one world, and its predictions by state."""

    arrivals: deque[Instant] = field(default_factory=deque)
    running: list[tuple[Instant, str]] = field(default_factory=list)  # a heap by end
    open_ended: set[str] = field(default_factory=set)  # in flight, with an unknown end
    ids: dict[str, None] = field(default_factory=dict)  # in order of creation
    evicted: Counter[tuple[str, Status]] = field(default_factory=Counter)

    def in_flight(self) -> list[Instant | None]:
        return [*(end for end, _ in self.running), *(None for _ in self.open_ended)]


class MemoryStore:
    """A store in memory, bounded. A subclass that writes changes elsewhere does so in the `_will_` methods.

    A step costs the same with ten records as with a hundred thousand: predictions in flight are in a heap by their end,
    ended ones in a queue, and the head of the queue is evicted first.

    :param capacity: predictions kept at most, over all worlds.
    :param now_in: returns the time in a world, by name.
    :param room: bytes of inputs kept at most; 0: `ROOM` for each prediction, and at least `LEAST_ROOM`.
    """

    def __init__(self, capacity: int, now_in: Callable[[str], Instant], room: int = 0) -> None:
        self.life = 0
        self._capacity = capacity
        self._room = room or max(capacity * ROOM, LEAST_ROOM)
        self._bytes = 0
        self._now_in = now_in
        self._records: dict[str, Prediction] = {}
        self._indexes: dict[str, _WorldIndex] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()  # by end; fast to delete at its head
        self._lock = threading.Lock()

    def admit(self, world: str, now: Instant, rate: Rate | None, *, count_refused: bool = False) -> int:
        if rate is None:
            return 0
        with self._lock:
            arrivals = self._index(world).arrivals
            wait = window_wait(arrivals, now, rate)
            if wait == 0 or count_refused:
                excess = max(0, len(arrivals) + 1 - rate.limit)
                self._will_count(world, now, excess)
                arrivals.append(now)
                for _ in range(excess):
                    arrivals.popleft()
            return window_wait(arrivals, now, rate) if wait else 0

    def window_wait(self, world: str, now: Instant, rate: Rate | None) -> int:
        with self._lock:
            return window_wait(self._index(world).arrivals, now, rate)

    def slot_wait(self, world: str, now: Instant, cap: int | None) -> int:
        if cap is None:  # then many may be in flight, and none needs a check
            return 0
        with self._lock:
            return slot_wait(self._index(world).in_flight(), now, cap)

    def add(self, prediction: Prediction, cap: int | None) -> int:
        with self._lock:
            index = self._index(prediction.world)
            self._retire(index, prediction.created_at)
            if cap is not None and len(index.running) + len(index.open_ended) >= cap:
                return slot_wait(index.in_flight(), prediction.created_at, cap)
            leaving = self._leaving(_size(prediction))
            self._will_add(prediction, leaving)
            for record in leaving:
                self._evict(record)
            self._insert(index, prediction)
            return 0

    def get(self, prediction_id: str) -> Prediction | None:
        return self._records.get(prediction_id)

    def replace(self, old: Prediction, new: Prediction) -> bool:
        with self._lock:
            if self._records.get(old.id) is not old:
                return False
            self._will_replace(new)
            self._records[old.id] = new
            index = self._index(new.world)
            if new.ends_at is not None and new.id in index.open_ended:
                self._retire(index, new.ends_at)  # predictions that ended earlier come before it in the queue
                index.open_ended.remove(new.id)
                self._ended[new.id] = None
            return True

    def of_world(self, world: str) -> tuple[Prediction, ...]:
        with self._lock:
            return tuple(map(self._records.__getitem__, self._index(world).ids))  # one C call: others wait

    def running(self, world: str) -> tuple[Prediction, ...]:
        with self._lock:
            index = self._index(world)
            ids = (*(prediction_id for _, prediction_id in index.running), *index.open_ended)
            return tuple(map(self._records.__getitem__, ids))

    def arrivals(self, world: str) -> tuple[Instant, ...]:
        with self._lock:
            return tuple(self._index(world).arrivals)

    def evicted(self, world: str) -> Mapping[tuple[str, Status], int]:
        with self._lock:
            return self._index(world).evicted.copy()

    def forget(self, world: str) -> None:
        with self._lock:
            self._will_forget(world)
            self._forget(world)

    def restore(self, world: str, records: WorldRecords) -> None:
        predictions = records.predictions
        with self._lock:
            former = [self._records[name] for name in self._indexes.get(world, _WorldIndex()).ids]
            owners = (self._records[record.id].world for record in predictions if record.id in self._records)
            size = sum(map(_size, predictions)) - sum(map(_size, former))
            if not self._has_room(len(predictions) - len(former), size) or any(owner != world for owner in owners):
                raise StoreFullError
            self._will_restore(world, records)
            self._forget(world)
            self._fill(world, records)

    def close(self) -> None:
        pass

    def _will_count(self, world: str, now: Instant, excess: int) -> None:
        """Called before a request is counted, and the oldest *excess* counted ones are dropped."""

    def _will_add(self, prediction: Prediction, leaving: Sequence[Prediction]) -> None:
        """Called before *prediction* is added, and the predictions *leaving* are evicted."""

    def _will_replace(self, new: Prediction) -> None:
        """Called before *new* replaces an older version."""

    def _will_forget(self, world: str) -> None:
        """Called before everything of *world* is deleted."""

    def _will_restore(self, world: str, records: WorldRecords) -> None:
        """Called before *records* replace everything of *world*."""

    def _fill(self, world: str, records: WorldRecords) -> None:
        index = self._index(world)
        index.arrivals.extend(records.arrivals)
        index.evicted.update(records.evicted)
        for prediction in records.predictions:
            self._insert(index, prediction)

    def _index(self, world: str) -> _WorldIndex:
        index = self._indexes.get(world)
        if index is None:
            index = self._indexes[world] = _WorldIndex()
        return index

    def _forget(self, world: str) -> None:
        for prediction_id in self._indexes.pop(world, _WorldIndex()).ids:
            self._bytes -= _size(self._records.pop(prediction_id))
            self._ended.pop(prediction_id, None)

    def _insert(self, index: _WorldIndex, prediction: Prediction) -> None:
        self._records[prediction.id] = prediction
        self._bytes += _size(prediction)
        index.ids[prediction.id] = None
        ends_at = prediction.ends_at
        if ends_at is None:
            index.open_ended.add(prediction.id)
        else:
            heappush(index.running, (ends_at, prediction.id))

    def _retire(self, index: _WorldIndex, now: Instant) -> None:
        """Move the predictions that have ended by *now* from the heap to the queue."""
        while index.running and index.running[0][0] <= now:
            self._ended[heappop(index.running)[1]] = None

    def _leaving(self, size: int) -> Sequence[Prediction]:
        """Return the predictions to evict for one more whose input has *size* bytes."""
        if self._has_room(1, size):
            return ()
        leaving = self._enough(size)
        if not leaving:
            for world, index in self._indexes.items():  # more predictions may have ended by now
                self._retire(index, self._now_in(world))
            leaving = self._enough(size)
        if not leaving:
            raise StoreFullError
        return leaving

    def _enough(self, size: int) -> Sequence[Prediction]:
        """Return as many ended predictions as have to be evicted; none where all of them are too few."""
        leaving: list[Prediction] = []
        for prediction_id in self._ended:
            leaving.append(self._records[prediction_id])
            size -= _size(leaving[-1])
            if self._has_room(1 - len(leaving), size):
                return leaving
        return ()

    def _has_room(self, more: int, size: int) -> bool:
        """Return whether *more* records fit in, whose inputs have *size* bytes in all."""
        return len(self._records) + more <= self._capacity and self._bytes + size <= self._room

    def _evict(self, record: Prediction) -> None:
        del self._ended[record.id]
        del self._records[record.id]
        self._bytes -= _size(record)
        index = self._indexes[record.world]
        del index.ids[record.id]
        index.evicted[record.model, final_status(record)] += 1


def final_status(ended: Prediction) -> Status:
    """Return the final status of a prediction that has ended."""
    return status_at(ended, ended.ends_at or 0)


def _size(prediction: Prediction) -> int:
    return sys.getsizeof(prediction.input) + sys.getsizeof(prediction.webhook_url)
