"""Keeps the webhooks of a world in the SQLite file of its store: those to come, those attempted, those under way."""

from contextlib import suppress

import orjson

from eachlabs_mock.core import Instant
from eachlabs_mock.emulator import IMPLIED, Delivery, PendingAttempt, StoreUnwritableError, delivery_document, due_note
from eachlabs_mock.stores.sqlite_database import SqliteDatabase, Statement

_PUT = "INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?)"
_DELIVER = """INSERT INTO deliveries VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (world, prediction) DO UPDATE SET claim = excluded.claim"""
_SETTLE = "UPDATE deliveries SET delivery = ?, claim = NULL WHERE world = ? AND prediction = ?"


class SqliteCustody:
    """Keeps the webhooks of the world called *name*."""

    def __init__(self, file: SqliteDatabase, name: str) -> None:
        self._file = file
        self._name = name

    def put(self, at: Instant, due: PendingAttempt, instead_of: int | None) -> None:
        self._try(*self._taking(due, instead_of), putting(self._name, at, due))

    def claim(self, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        claim = orjson.dumps([now, due_note(due).decode()])
        self._file.write(*self._taking(due, due.key), delivering(self._name, delivery, claim))

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
        """Let *due* be no longer pending under *key*."""
        ordinal = due.prediction.ordinal
        if key is None:
            return ()
        if key != IMPLIED:
            return (("DELETE FROM pending WHERE world = ? AND key = ?", (self._name, key)),)
        return (
            ("UPDATE predictions SET due = 0 WHERE world = ? AND ordinal = ?", (self._name, ordinal)),
            # its record may have made way by now, and then left it behind
            ("DELETE FROM pending WHERE world = ? AND key = ?", (self._name, -ordinal)),
        )


def putting(world: str, at: Instant, due: PendingAttempt) -> Statement:
    """Return how *due*, which is pending under its key, is kept."""
    return _PUT, (world, due.key, at, due_note(due))


def delivering(world: str, delivery: Delivery, claim: bytes | None = None) -> Statement:
    """Return how *delivery* is kept, and with it the *claim* on what is being attempted."""
    document = orjson.dumps(delivery_document(delivery))
    return _DELIVER, (world, delivery.prediction_id, delivery.number, document, claim)
