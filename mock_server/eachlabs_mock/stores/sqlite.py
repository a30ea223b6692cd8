"""A store that survives the end of its process: everything is in memory, and each change is written to SQLite first.

Reads cost the same as in memory. A change that cannot be written is not made in memory either. The one exception is a
counted request, so that reads are still served while the file cannot be written.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain, count

import orjson

from eachlabs_mock.core import MILLIS, Instant, Prediction, Rate, Status
from eachlabs_mock.emulator import (
    IMPLIED,
    PendingAttempt,
    StoreUnwritableError,
    WorldRecords,
    due_note,
    read_prediction,
)
from eachlabs_mock.stores.memory import MemoryStore, final_status
from eachlabs_mock.stores.sqlite_database import SqliteDatabase, Statement, StoreFileError

_INSERT = "INSERT INTO predictions (world, ordinal, record, due) VALUES (?, ?, ?, ?)"
_REPLACE = "UPDATE predictions SET record = ? WHERE world = ? AND ordinal = ?"
_DELETE = "DELETE FROM predictions WHERE world = ? AND ordinal = ?"
_LEAVE_DUE = """INSERT INTO pending SELECT world, -ordinal, ?, ? FROM predictions
    WHERE world = ? AND ordinal = ? AND due"""
_EVICT = """INSERT INTO evicted VALUES (?, ?, ?, ?)
    ON CONFLICT (world, model, status) DO UPDATE SET number = number + excluded.number"""
_COUNT = "INSERT INTO arrivals VALUES (?, ?, ?)"
_UNCOUNT = """DELETE FROM arrivals WHERE (world, number) IN
    (SELECT world, number FROM arrivals WHERE world = ? ORDER BY number LIMIT ?)"""
_MARK = """INSERT INTO worlds VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET ordinal = max(ordinal, excluded.ordinal), at = max(at, excluded.at)"""
_EMPTY = (
    "DELETE FROM predictions WHERE world = ?",
    "DELETE FROM arrivals WHERE world = ?",
    "DELETE FROM evicted WHERE world = ?",
    "DELETE FROM pending WHERE world = ?",
    "DELETE FROM deliveries WHERE world = ?",
)
_FORGET = (*_EMPTY, "DELETE FROM facts WHERE world = ?", "DELETE FROM worlds WHERE name = ?")


class SqliteStore(MemoryStore):
    """The store in *file*, loaded completely.

    :raises StoreFileError: a record in it is damaged, or it has more than *capacity* predictions.
    """

    def __init__(self, file: SqliteDatabase, capacity: int, now_in: Callable[[str], Instant], room: int = 0) -> None:
        super().__init__(capacity, now_in, room)
        self.life = file.life
        self._file = file
        ((counted,),) = file.rows("SELECT coalesce(max(number), 0) FROM arrivals")
        self._numbers = count(counted + 1)
        self._marked: dict[str, Instant] = {}
        self._load(capacity)

    def close(self) -> None:
        self._file.close()

    def admit(self, world: str, now: Instant, rate: Rate | None, *, count_refused: bool = False) -> int:
        wait = super().admit(world, now, rate, count_refused=count_refused)
        if now - self._marked.get(world, 0) >= MILLIS:  # reads, too, have shown this time to their callers
            self._marked[world] = now
            with suppress(StoreUnwritableError):
                self._file.write(_mark(world, now))
        return wait

    def _load(self, capacity: int) -> None:
        by_world: dict[str, tuple[list[Prediction], list[Instant], dict[tuple[str, Status], int]]]
        by_world = defaultdict(lambda: ([], [], {}))
        try:
            for world, record in self._file.rows("SELECT world, record FROM predictions ORDER BY world, ordinal"):
                by_world[world][0].append(read_prediction(orjson.loads(record)))
            for world, at in self._file.rows("SELECT world, at FROM arrivals ORDER BY world, number"):
                by_world[world][1].append(at)
            for world, model, status, number in self._file.rows("SELECT world, model, status, number FROM evicted"):
                by_world[world][2][model, Status(status)] = number
        except (LookupError, TypeError, ValueError) as error:
            raise StoreFileError(self._file.path, f"a record in it is damaged ({error})") from None
        held = sum(len(predictions) for predictions, *_ in by_world.values())
        if held > capacity:
            raise StoreFileError(self._file.path, f"it has {held} predictions; --max-predictions allows {capacity}")
        for world, parts in by_world.items():
            self._fill(world, WorldRecords(*parts))

    def _will_count(self, world: str, now: Instant, excess: int) -> None:
        counted = _COUNT, (world, next(self._numbers), now)
        with suppress(StoreUnwritableError):
            self._file.write(counted, *([(_UNCOUNT, (world, excess))] if excess else ()))

    def _will_add(self, prediction: Prediction, leaving: Sequence[Prediction]) -> None:
        evictions = chain.from_iterable(map(_eviction, leaving))
        self._file.write(_insertion(prediction, is_due=prediction.wants_webhook), *evictions)

    def _will_replace(self, new: Prediction) -> None:
        self._file.write((_REPLACE, (orjson.dumps(new._asdict()), new.world, new.ordinal)))

    def _will_forget(self, world: str) -> None:
        self._file.write(*((sql, (world,)) for sql in _FORGET))

    def _will_restore(self, world: str, records: WorldRecords) -> None:
        arrivals = ((_COUNT, (world, next(self._numbers), at)) for at in records.arrivals)
        evicted = ((_EVICT, (world, *which, number)) for which, number in records.evicted.items())
        self._file.write(
            *((sql, (world,)) for sql in _EMPTY),
            *(_insertion(record, is_due=False) for record in records.predictions),  # the outbox has what is due
            *arrivals,
            *evicted,
        )


def _mark(world: str, at: Instant, ordinal: int = 0) -> Statement:
    """Return the statement that records the time of *world*, and its last ordinal where no record has it."""
    return _MARK, (world, ordinal, at)


def _insertion(prediction: Prediction, *, is_due: bool) -> Statement:
    return _INSERT, (prediction.world, prediction.ordinal, orjson.dumps(prediction._asdict()), is_due)


def _eviction(leaving: Prediction) -> tuple[Statement, ...]:
    world, ordinal = leaving.world, leaving.ordinal
    statements = (
        (_DELETE, (world, ordinal)),
        (_EVICT, (world, leaving.model, final_status(leaving), 1)),
        _mark(world, leaving.created_at, ordinal),
    )
    if not leaving.wants_webhook:
        return statements
    due = due_note(PendingAttempt(leaving, key=IMPLIED))  # the record implied it, if it is still pending
    return (_LEAVE_DUE, (leaving.ends_at, due, world, ordinal)), *statements
