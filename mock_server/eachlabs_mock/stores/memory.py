"""The store in memory, on which any other that answers reads from memory can build."""

import sys
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from eachlabs_mock.core import Instant, Prediction, Rate, Status, slot_wait, status_at, window_wait
from eachlabs_mock.emulator import Holding, StoreFullError

ROOM = 4 * 1024
"""Bytes of inputs that there is room for, for each prediction kept: large ones, such as pictures, make way sooner."""

LEAST_ROOM = 16 * 1024 * 1024
"""Bytes that there is room for in any case."""


@dataclass(slots=True)
class _Book:
    """What is kept of one world besides its records."""

    arrivals: deque[Instant] = field(default_factory=deque)
    running: list[tuple[Instant, str]] = field(default_factory=list)  # a heap: whoever ends first comes first
    open_ended: set[str] = field(default_factory=set)  # in flight, with an end that nobody knows
    ids: dict[str, None] = field(default_factory=dict)  # in order of creation
    evicted: Counter[tuple[str, Status]] = field(default_factory=Counter)

    def in_flight(self) -> list[Instant | None]:
        return [*(end for end, _ in self.running), *(None for _ in self.open_ended)]


class MemoryStore:
    """A store in this process, bounded in records. One that keeps more than memory does so in its `_will_` methods.

    Every step costs the same at ten records and at a hundred thousand: those in flight wait in a heap by their end,
    those that have ended in a queue, and whoever has to make way is at its head.

    :param capacity: predictions kept at most, over all worlds.
    :param now_in: tells what time it is in a world, by name.
    :param room: bytes of their inputs kept at most; 0: `ROOM` for each, and `LEAST_ROOM` at least.
    """

    def __init__(self, capacity: int, now_in: Callable[[str], Instant], room: int = 0) -> None:
        self.life = 0
        self._capacity = capacity
        self._room = room or max(capacity * ROOM, LEAST_ROOM)
        self._bytes = 0
        self._now_in = now_in
        self._records: dict[str, Prediction] = {}
        self._books: dict[str, _Book] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()  # popped at its head, and from within when a world goes
        self._lock = threading.Lock()

    def admit(self, world: str, now: Instant, rate: Rate | None, *, count_refused: bool = False) -> int:
        if rate is None:
            return 0
        with self._lock:
            arrivals = self._book(world).arrivals
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
            return window_wait(self._book(world).arrivals, now, rate)

    def slot_wait(self, world: str, now: Instant, cap: int | None) -> int:
        if cap is None:  # then there may be many in flight, and nobody needs to look at them
            return 0
        with self._lock:
            return slot_wait(self._book(world).in_flight(), now, cap)

    def add(self, prediction: Prediction, cap: int | None) -> int:
        with self._lock:
            book = self._book(prediction.world)
            self._retire(book, prediction.created_at)
            if cap is not None and len(book.running) + len(book.open_ended) >= cap:
                return slot_wait(book.in_flight(), prediction.created_at, cap)
            leaving = self._leaving(_size(prediction))
            self._will_add(prediction, leaving)
            for each in leaving:
                self._evict(each)
            self._insert(book, prediction)
            return 0

    def get(self, prediction_id: str) -> Prediction | None:
        return self._records.get(prediction_id)

    def replace(self, old: Prediction, new: Prediction) -> bool:
        with self._lock:
            if self._records.get(old.id) is not old:
                return False
            self._will_replace(new)
            self._records[old.id] = new
            book = self._book(new.world)
            if new.ends_at is not None and new.id in book.open_ended:
                self._retire(book, new.ends_at)  # those that ended earlier stand before it in the queue
                book.open_ended.remove(new.id)
                self._ended[new.id] = None
            return True

    def of_world(self, world: str) -> tuple[Prediction, ...]:
        with self._lock:
            return tuple(map(self._records.__getitem__, self._book(world).ids))  # in one go: others wait for the lock

    def running(self, world: str) -> tuple[Prediction, ...]:
        with self._lock:
            book = self._book(world)
            ids = (*(each for _, each in book.running), *book.open_ended)
            return tuple(self._records[each] for each in ids)

    def arrivals(self, world: str) -> tuple[Instant, ...]:
        with self._lock:
            return tuple(self._book(world).arrivals)

    def evicted(self, world: str) -> Mapping[tuple[str, Status], int]:
        with self._lock:
            return self._book(world).evicted.copy()

    def forget(self, world: str) -> None:
        with self._lock:
            self._will_forget(world)
            self._forget(world)

    def restore(self, world: str, holding: Holding) -> None:
        predictions = holding.predictions
        with self._lock:
            former = [self._records[each] for each in self._books.get(world, _Book()).ids]
            taken = (self._records[each.id].world for each in predictions if each.id in self._records)
            size = sum(map(_size, predictions)) - sum(map(_size, former))
            if not self._has_room(len(predictions) - len(former), size) or any(owner != world for owner in taken):
                raise StoreFullError
            self._will_restore(world, holding)
            self._forget(world)
            self._fill(world, holding)

    def close(self) -> None:
        pass

    def _will_count(self, world: str, now: Instant, excess: int) -> None:
        """Prepare to count a request, and to drop the oldest *excess* of those counted."""

    def _will_add(self, prediction: Prediction, leaving: Sequence[Prediction]) -> None:
        """Prepare to add *prediction*, and to evict those that are *leaving* for it."""

    def _will_replace(self, new: Prediction) -> None:
        """Prepare to put *new* in the place of its older version."""

    def _will_forget(self, world: str) -> None:
        """Prepare to drop everything of *world*."""

    def _will_restore(self, world: str, holding: Holding) -> None:
        """Prepare to put *holding* in the place of everything of *world*."""

    def _fill(self, world: str, holding: Holding) -> None:
        book = self._book(world)
        book.arrivals.extend(holding.arrivals)
        book.evicted.update(holding.evicted)
        for each in holding.predictions:
            self._insert(book, each)

    def _book(self, world: str) -> _Book:
        book = self._books.get(world)
        if book is None:
            book = self._books[world] = _Book()
        return book

    def _forget(self, world: str) -> None:
        for each in self._books.pop(world, _Book()).ids:
            self._bytes -= _size(self._records.pop(each))
            self._ended.pop(each, None)

    def _insert(self, book: _Book, prediction: Prediction) -> None:
        self._records[prediction.id] = prediction
        self._bytes += _size(prediction)
        book.ids[prediction.id] = None
        ends_at = prediction.ends_at
        if ends_at is None:
            book.open_ended.add(prediction.id)
        else:
            heappush(book.running, (ends_at, prediction.id))

    def _retire(self, book: _Book, now: Instant) -> None:
        """Move what has ended by *now* from the heap of those in flight to the queue of those that may make way."""
        while book.running and book.running[0][0] <= now:
            self._ended[heappop(book.running)[1]] = None

    def _leaving(self, size: int) -> Sequence[Prediction]:
        """Return who has to make way for one more whose input has *size* bytes."""
        if self._has_room(1, size):
            return ()
        found = self._enough(size)
        if not found:
            for world, book in self._books.items():  # others may have ended since anybody last looked
                self._retire(book, self._now_in(world))
            found = self._enough(size)
        if not found:
            raise StoreFullError
        return found

    def _enough(self, size: int) -> Sequence[Prediction]:
        """Return so many of those that have ended as have to make way; nobody, where all of them are too few."""
        leaving: list[Prediction] = []
        for each in self._ended:
            leaving.append(self._records[each])
            size -= _size(leaving[-1])
            if self._has_room(1 - len(leaving), size):
                return leaving
        return ()

    def _has_room(self, more: int, size: int) -> bool:
        """Tell whether so many more records fit in, whose inputs have *size* bytes more in all."""
        return len(self._records) + more <= self._capacity and self._bytes + size <= self._room

    def _evict(self, record: Prediction) -> None:
        del self._ended[record.id]
        del self._records[record.id]
        self._bytes -= _size(record)
        book = self._books[record.world]
        del book.ids[record.id]
        book.evicted[record.model, final_status(record)] += 1


def final_status(ended: Prediction) -> Status:
    """Return how a prediction that has ended did so: any instant from its end on gives that."""
    return status_at(ended, ended.ends_at or 0)


def _size(prediction: Prediction) -> int:
    return sys.getsizeof(prediction.input) + sys.getsizeof(prediction.webhook_url)
