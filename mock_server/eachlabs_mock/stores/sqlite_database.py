"""One SQLite file that only this process writes: opened, checked, locked, and written in transactions.

A written change survives the end of the process at any moment, `kill -9` included: it is in the write-ahead log, which
the operating system holds. A power cut or a crash of the operating system may lose the last changes
(`synchronous=NORMAL`: the log is not forced to the disk with each commit), but leaves the file consistent.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eachlabs_mock.emulator import StoreUnwritableError

APPLICATION = 0x65614D6B
"""The application id in the header of the file ("eaMk")."""

VERSION = 1
"""The version of the tables; raised with each change that an older or newer emulator would misread."""

LOCK_TIMEOUT = 1.0
"""Real seconds to wait for a lock of another process: a killed one may be about to release it."""

_PAGES = 8000
"""Pages of 4 KiB in the log before a checkpoint, which is slow since it forces them to the disk."""

_TABLES = """
CREATE TABLE about (life INTEGER NOT NULL);
INSERT INTO about VALUES (-1);
CREATE TABLE worlds (name TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (world TEXT PRIMARY KEY, document BLOB NOT NULL);
CREATE TABLE predictions (
    number INTEGER PRIMARY KEY, world TEXT NOT NULL, ordinal INTEGER NOT NULL, record BLOB NOT NULL,
    due INTEGER NOT NULL, UNIQUE (world, ordinal)
);
CREATE TABLE arrivals (world TEXT, number INTEGER, at INTEGER NOT NULL, PRIMARY KEY (world, number)) WITHOUT ROWID;
CREATE TABLE evicted (
    world TEXT, model TEXT, status TEXT, number INTEGER NOT NULL, PRIMARY KEY (world, model, status)
) WITHOUT ROWID;
CREATE TABLE pending (world TEXT, key INTEGER, at INTEGER NOT NULL, due BLOB NOT NULL, PRIMARY KEY (world, key));
CREATE TABLE deliveries (
    world TEXT, prediction TEXT, number INTEGER NOT NULL, delivery BLOB NOT NULL, claim BLOB,
    PRIMARY KEY (world, prediction)
);
"""

_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "SQLITE_BUSY": "another emulator uses it; stop that one or choose another file",
        "SQLITE_NOTADB": "it is not a SQLite file",
        "SQLITE_CORRUPT": "it is a damaged SQLite file",
        "SQLITE_CANTOPEN": "it cannot be opened; its directory must exist, and file and directory must be writable",
        "SQLITE_READONLY": "it cannot be written; file and directory must be writable",
        "SQLITE_IOERR_LOCK": "it cannot be locked; file and directory must be writable and on a local disk",
        "SQLITE_FULL": "the disk is full",
        "SQLITE_IOERR": "the disk is full or broken",
    }
)

Statement = tuple[str, tuple[Any, ...]]


class StoreFileError(Exception):
    """The file cannot be used as a store; the text says why, and what would help."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot keep the store in {path}: {reason}")


class SqliteDatabase:
    """The file at *path*, created if missing; no other process can open it until it is closed or this process ends.

    :ivar life: how often it was opened before.
    :raises StoreFileError: it is of another program or version, in use, damaged, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(
                path.absolute(), timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False
            )
            try:
                self.life = self._opened()
            except BaseException:
                self._connection.close()
                raise
        except sqlite3.Error as error:
            raise StoreFileError(path, _reason(error)) from None
        except (OverflowError, TypeError, ValueError) as error:  # only from a damaged file
            raise StoreFileError(path, f"it is damaged ({error})") from None

    def rows(self, sql: str, *parameters: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  # any SQLite value
        """Yield the rows of a query; only at the start, before other threads write.

        :raises StoreFileError: they cannot be read.
        """
        try:
            yield from self._connection.execute(sql, parameters)
        except sqlite3.Error as error:
            raise StoreFileError(self.path, _reason(error)) from None

    def write(self, *statements: Statement) -> None:
        """Execute all *statements*, or none.

        :raises StoreUnwritableError: they cannot be written.
        """
        with self._lock:
            try:
                self._transact(statements)
            except sqlite3.Error as error:
                raise StoreUnwritableError(f"{self.path}: {_reason(error)}") from error
            except OverflowError as error:
                raise StoreUnwritableError(f"{self.path}: a number is too large for it") from error

    def close(self) -> None:
        """Close the file; nothing can be written any more."""
        with self._lock:
            self._connection.close()

    def _transact(self, statements: tuple[Statement, ...]) -> None:
        execute = self._connection.execute
        if len(statements) == 1:  # it is its own transaction
            execute(*statements[0])
            return
        execute("BEGIN")
        try:
            for statement in statements:
                execute(*statement)
            execute("COMMIT")
        finally:
            if self._connection.in_transaction:  # a full disk has rolled it back already
                execute("ROLLBACK")

    def _opened(self) -> int:
        self._pragma("locking_mode = EXCLUSIVE")  # until the connection or the process ends
        is_new = self._pragma("schema_version") == 0
        application, version = self._pragma("application_id"), self._pragma("user_version")
        if not is_new and application != APPLICATION:
            raise StoreFileError(self.path, "it is a SQLite file of another program")
        if not is_new and version != VERSION:
            raise StoreFileError(self.path, f"it has version {version}; this emulator reads version {VERSION}")
        self._pragma("journal_mode = WAL")
        self._pragma("synchronous = NORMAL")
        self._pragma(f"wal_autocheckpoint = {_PAGES}")
        if is_new:
            marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
            self._connection.executescript(f"BEGIN; {marks} {_TABLES} COMMIT;")
        self._transact((("UPDATE about SET life = life + 1", ()),))  # this fails if the file is not writable
        ((life,),) = self.rows("SELECT life FROM about")
        return int(life)

    def _pragma(self, text: str) -> object:
        row = self._connection.execute(f"PRAGMA {text}").fetchone()
        return row and row[0]


def _reason(error: sqlite3.Error) -> str:
    name: str = getattr(error, "sqlite_errorname", "")
    kind = "_".join(name.split("_")[:2])  # without the extension of extended codes
    return _ADVICE.get(name) or _ADVICE.get(kind) or str(error)
