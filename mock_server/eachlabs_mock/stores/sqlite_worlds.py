"""Keeps worlds in the SQLite file of their store: clock, settings, rules, webhooks; and wakes them in a later process.

Journals end with their process. A world's settings are kept where its owner changed them; the rest is what the flags
of the later process say.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import orjson

from eachlabs_mock.core import Instant, Prediction, WorldClock, resumed
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
    read_armed,
    read_delivery,
    read_due_note,
)
from eachlabs_mock.faults import ArmedCount
from eachlabs_mock.settings import Settings, as_json, changed, own_settings
from eachlabs_mock.stores.sqlite_custody import SqliteCustody, delivering, putting
from eachlabs_mock.stores.sqlite_database import SqliteDatabase, StoreFileError

INTERRUPTED = "interrupted"
"""The error of an attempt of which nobody knows how it ended, since the process ended first."""

_FACTS = "INSERT OR REPLACE INTO facts VALUES (?, ?)"
_ENTER = "INSERT OR REPLACE INTO worlds VALUES (?, ?, ?)"
_MARK = "UPDATE worlds SET at = max(at, ?) WHERE name = ?"
_DROP_PENDING = "DELETE FROM pending WHERE world = ?"
_DROP_DELIVERIES = "DELETE FROM deliveries WHERE world = ?"
_PURGE = (  # what a world that has made way left behind
    "DELETE FROM predictions WHERE world NOT IN (SELECT world FROM facts)",
    "DELETE FROM arrivals WHERE world NOT IN (SELECT world FROM facts)",
    "DELETE FROM evicted WHERE world NOT IN (SELECT world FROM facts)",
    "DELETE FROM worlds WHERE name NOT IN (SELECT world FROM facts)",
)


class SqliteArchive:
    """The archive in *file*, made before the store that is in it is loaded.

    :param settings: of worlds that have none of their own.
    :param armed_count: is told while anything is to go wrong in a world.
    :param clock: makes the clock of each world that is woken; by default one that resumes.
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
            *(putting(name, at, due) for at, due in world.outbox.pending()),
            *(delivering(name, each) for each in world.outbox.deliveries()),
        )
        self._known[name] = facts

    def keep(self, world: World) -> None:
        name, facts = world.name, self._facts(world)
        is_news = facts != self._known.get(name)
        self._file.write((_MARK, (world.clock.now(), name)), *([(_FACTS, (name, facts))] if is_news else ()))
        self._known[name] = facts

    def worlds(self, store: Store) -> Iterator[World]:
        """Yield the worlds that are kept, the longest idle first; their records lie in *store* already.

        :raises StoreFileError: one of them cannot be woken by this emulator, with these settings.
        """
        rows = self._file.rows("SELECT name, ordinal, at, document FROM worlds JOIN facts ON world = name ORDER BY at")
        for name, ordinal, at, document in list(rows):
            try:
                yield self._woken(name, ordinal, at, document, store)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise StoreFileError(self._file.path, f"its world {name} cannot be restored: {error}") from None

    def _facts(self, world: World) -> bytes:
        own = {name: as_json(name, world.settings) for name in self._usual}
        return orjson.dumps(
            {
                "seed": world.seed,
                "clock": {"mode": world.clock.mode, "speed": world.clock.speed},
                "settings": {name: value for name, value in own.items() if value != self._usual[name]},
                "rules": [armed_document(each) for each in world.rules.armed],
                "bound_rules": [armed_document(each) for each in world.rules.bound],
                "last_rule": world.rules.last_number,
                "last_asked": world.rules.last_asked,
                "last_delivery": world.outbox.last_number,
            }
        )

    def _woken(self, name: str, ordinal: int, at: Instant, document: bytes, store: Store) -> World:
        facts, predictions = orjson.loads(document), store.of_world(name)
        ordinal = max((ordinal, *(each.ordinal for each in predictions)))
        shown = (max(each.created_at, each.ended_at or 0) for each in predictions)
        at = max((at, *store.arrivals(name), *shown))
        follows_wall = self._settings.start is None
        clock = self._clock() if self._clock else resumed(**facts["clock"], at=at, follows_wall=follows_wall)
        settings = changed(self._settings, facts["settings"])
        world = World(
            name, facts["seed"], clock, settings, ordinal=ordinal, armed_count=self._armed_count, archive=self
        )
        self._fill_outbox(world, facts["last_delivery"], store)
        armed, bound = (
            [read_armed(self._settings, each) for each in facts[which]] for which in ("rules", "bound_rules")
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
        for each in predictions:
            if each.ends_at is not None and each.ordinal in due:
                yield each.ends_at, PendingAttempt(each, key=IMPLIED)

    def _pending(self, name: str) -> Iterator[tuple[Instant, PendingAttempt]]:
        for key, at, note in self._file.rows("SELECT key, at, due FROM pending WHERE world = ? ORDER BY key", name):
            yield at, replace(read_due_note(note), key=key)

    def _deliveries(self, name: str) -> Iterator[tuple[Delivery, PendingAttempt | None]]:
        """Yield what was attempted, and what was just being attempted, which nobody knows the outcome of."""
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
