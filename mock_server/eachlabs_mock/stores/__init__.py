"""Where a world's records are kept: in memory, or in a SQLite file as well."""

from eachlabs_mock.stores.memory import MemoryStore
from eachlabs_mock.stores.sqlite import SqliteStore
from eachlabs_mock.stores.sqlite_database import SqliteDatabase, StoreFileError
from eachlabs_mock.stores.sqlite_worlds import SqliteArchive

__all__ = ["MemoryStore", "SqliteArchive", "SqliteDatabase", "SqliteStore", "StoreFileError"]
