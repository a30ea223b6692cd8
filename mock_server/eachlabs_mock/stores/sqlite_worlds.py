"""Keeps worlds in the SQLite file of their store: clock, settings, rules and webhooks; a later process restores them.

Journals are not kept. Of the settings of a world, only changed ones are kept; the flags of the later process decide the
others.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

import orjson

from eachlabs_mock.core import Instant, Prediction, WorldClock, restored_clock
from eachlabs_mock.emulator import (
    IMPLIED,
    Attempt,
    Custody,
    Delivery,
    PendingAttempt,
    Store,
    StoreUnwritableError,
    World,
    armed_document,
    delivery_document,
    due_note,
    read_armed,
    read_delivery,
    read_due_note,
)
from eachlabs_mock.faults import ArmedCount
from eachlabs_mock.settings import Settings, as_json, changed, own_settings
from eachlabs_mock.stores.sqlite_database import SqliteDatabase, Statement, StoreFileError

INTERRUPTED = "interrupted"
"""The error of an attempt with an unknown outcome, since its process ended first."""

_PUT = "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?)"
_DELIVER = """INSERT INTO deliveries VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (world, prediction) DO UPDATE SET claim = excluded.claim"""
_SETTLE = "UPDATE deliveries SET delivery = ?, claim = NULL WHERE world = ? AND prediction = ?"
_FACTS = "INSERT OR REPLACE INTO facts VALUES (?, ?)"
_ENTER = "INSERT OR REPLACE INTO worlds VALUES (?, ?, ?)"
_MARK = "UPDATE worlds SET at = max(at, ?) WHERE name = ?"
_DROP_PENDING = "DELETE FROM pending WHERE world = ?"
_DROP_DELIVERIES = "DELETE FROM deliveries WHERE world = ?"
_PURGE = (  # the remains of dropped worlds
    "DELETE FROM predictions WHERE world NOT IN (SELECT world FROM facts)",
    "DELETE FROM arrivals WHERE world NOT IN (SELECT world FROM facts)",
    "DELETE FROM evicted WHERE world NOT IN (SELECT world FROM facts)",
    "DELETE FROM worlds WHERE name NOT IN (SELECT world FROM facts)",
)


class SqliteArchive:
    """The archive in *file*. Make it before the store in the same file is loaded.

    :param settings: those that a world has by default.
    :param armed_count: counts the worlds with rules.
    :param clock: makes the clock of each restored world; by default one that resumes.
    :raises StoreFileError: the file cannot be written, or is damaged.
    """

    def __init__(
        self,
        file: SqliteDatabase,
        settings: Settings,
        armed_count: ArmedCount,
        clock: Callable[[], WorldClock] | None = None,
    ) -> None:
        self.life = file.life
        self._file = file
        self._settings = settings
        self._armed_count = armed_count
        self._clock = clock
        self._usual = {name: as_json(name, settings) for name in own_settings()}
        self._known: dict[str, bytes] = {}
        try:
            file.write(*((sql, ()) for sql in _PURGE))
        except StoreUnwritableError as error:
            raise StoreFileError(file.path, f"it cannot be cleaned up ({error})") from None

    def custody(self, name: str) -> Custody:
        return SqliteCustody(self._file, name)

    def enter(self, world: World) -> None:
        name, facts = world.name, self._facts(world)
        self._file.write(
            (_FACTS, (name, facts)),
            (_ENTER, (name, world.ordinal, world.clock.now())),
            (_DROP_PENDING, (name,)),
            (_DROP_DELIVERIES, (name,)),
            *(_put(name, at, due) for at, due in world.outbox.pending()),
            *(_deliver(name, delivery) for delivery in world.outbox.deliveries()),
        )
        self._known[name] = facts

    def keep(self, world: World) -> None:
        name, facts = world.name, self._facts(world)
        is_news = facts != self._known.get(name)
        self._file.write((_MARK, (world.clock.now(), name)), *([(_FACTS, (name, facts))] if is_news else ()))
        self._known[name] = facts

    def worlds(self, store: Store) -> Iterator[World]:
        """Yield the recorded worlds, the longest idle first; their predictions are in *store* already.

        :raises StoreFileError: this emulator, with these settings, cannot restore one of them.
        """
        rows = self._file.rows("SELECT name, ordinal, at, document FROM worlds JOIN facts ON world = name ORDER BY at")
        for name, ordinal, at, document in list(rows):
            try:
                yield self._restored(name, ordinal, at, document, store)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise StoreFileError(self._file.path, f"its world {name} cannot be restored: {error}") from None

    def _facts(self, world: World) -> bytes:
        own = {name: as_json(name, world.settings) for name in self._usual}
        return orjson.dumps(
            {
                "seed": world.seed,
                "clock": {"mode": world.clock.mode, "speed": world.clock.speed},
                "settings": {name: value for name, value in own.items() if value != self._usual[name]},
                "rules": [armed_document(rule) for rule in world.rules.armed],
                "bound_rules": [armed_document(rule) for rule in world.rules.bound],
                "last_rule": world.rules.last_number,
                "last_asked": world.rules.last_directive,
                "last_delivery": world.outbox.last_number,
            }
        )

    def _restored(self, name: str, ordinal: int, at: Instant, document: bytes, store: Store) -> World:
        facts, predictions = orjson.loads(document), store.of_world(name)
        seen = (max(record.created_at, record.ended_at or 0) for record in predictions)
        at = max((at, *store.arrivals(name), *seen))
        follows_wall = self._settings.start is None
        clock = self._clock() if self._clock else restored_clock(**facts["clock"], at=at, follows_wall=follows_wall)
        settings = changed(self._settings, facts["settings"])
        world = World(name, facts["seed"], clock, settings, armed_count=self._armed_count, archive=self)
        world.ordinal = max((ordinal, *(record.ordinal for record in predictions)))
        self._fill_outbox(world, facts["last_delivery"], store)
        armed, bound = (
            [read_armed(self._settings, rule) for rule in facts[which]] for which in ("rules", "bound_rules")
        )
        world.rules.restore(armed, bound, facts["last_rule"], facts["last_asked"])
        self._known[name] = document
        return world

    def _fill_outbox(self, world: World, last_number: int, store: Store) -> None:
        kept = list(self._deliveries(world.name))
        pending = [*self._implied(world.name, store.of_world(world.name)), *self._pending(world.name)]
        numbers = (delivery.number for delivery, _ in kept)
        world.outbox.restore(pending, (delivery for delivery, _ in kept), max((last_number, *numbers)))
        for delivery, due in kept:
            if due and self._settings.webhook_resend_interrupted:
                world.outbox.put(world.clock.now(), due)
            if due:
                self.custody(world.name).settle(delivery)

    def _implied(self, name: str, predictions: Iterable[Prediction]) -> Iterator[tuple[Instant, PendingAttempt]]:
        due = {
            ordinal for (ordinal,) in self._file.rows("SELECT ordinal FROM predictions WHERE world = ? AND due", name)
        }
        for record in predictions:
            if record.ends_at is not None and record.ordinal in due:
                yield record.ends_at, PendingAttempt(record, key=IMPLIED)

    def _pending(self, name: str) -> Iterator[tuple[Instant, PendingAttempt]]:
        for key, at, note in self._file.rows("SELECT key, at, due FROM pending WHERE world = ? ORDER BY key", name):
            yield at, replace(read_due_note(note), key=key)

    def _deliveries(self, name: str) -> Iterator[tuple[Delivery, PendingAttempt | None]]:
        """Yield the deliveries, each with the attempt under way when the process ended, whose outcome is unknown."""
        rows = self._file.rows("SELECT delivery, claim FROM deliveries WHERE world = ? ORDER BY number", name)
        for document, claim in rows:
            delivery = read_delivery(orjson.loads(document))
            if claim is None:
                yield delivery, None
                continue
            at, note = orjson.loads(claim)
            due = read_due_note(note.encode())
            cut_off = Attempt(at, accepted=False, status_code=None, response="", error=INTERRUPTED, faults=due.faults)
            yield replace(delivery, attempts=(*delivery.attempts, cut_off)), due


class SqliteCustody:
    """The custody of the webhooks of the world called *name*."""

    def __init__(self, file: SqliteDatabase, name: str) -> None:
        self._file = file
        self._name = name

    def put(self, at: Instant, due: PendingAttempt, instead_of: int | None) -> None:
        self._try(*self._taking(due, instead_of), _put(self._name, at, due))

    def claim(self, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        claim = orjson.dumps([now, due_note(due).decode()])
        self._file.write(*self._taking(due, due.key), _deliver(self._name, delivery, claim))

    def settle(self, delivery: Delivery) -> None:
        self._try((_SETTLE, (orjson.dumps(delivery_document(delivery)), self._name, delivery.prediction_id)))

    def drop(self, prediction_id: str) -> None:
        self._try(("DELETE FROM deliveries WHERE world = ? AND prediction = ?", (self._name, prediction_id)))

    def forget(self) -> None:
        self._file.write(("DELETE FROM deliveries WHERE world = ? AND claim IS NULL", (self._name,)))

    def _try(self, *statements: Statement) -> None:
        with suppress(StoreUnwritableError):
            self._file.write(*statements)

    def _taking(self, due: PendingAttempt, key: int | None) -> tuple[Statement, ...]:
        """Return the statements after which *due* is no longer pending under *key*."""
        ordinal = due.prediction.ordinal
        if key is None:
            return ()
        if key != IMPLIED:
            return (("DELETE FROM pending WHERE world = ? AND key = ?", (self._name, key)),)
        return (
            ("UPDATE predictions SET due = 0 WHERE world = ? AND ordinal = ?", (self._name, ordinal)),
            # an evicted record has left its implied attempt in this table
            ("DELETE FROM pending WHERE world = ? AND key = ?", (self._name, -ordinal)),
        )


def _put(world: str, at: Instant, due: PendingAttempt) -> Statement:
    """Return the statement that records *due* as pending under its key."""
    return _PUT, (world, due.key, at, due_note(due))


def _deliver(world: str, delivery: Delivery, claim: bytes | None = None) -> Statement:
    """Return the statement that records *delivery*.

    :param claim: the attempt under way; None: none is.
    """
    document = orjson.dumps(delivery_document(delivery))
    return _DELIVER, (world, delivery.prediction_id, delivery.number, document, claim)
