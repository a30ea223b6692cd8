"""The exchanges of a world, requests and answers: bounded, newest last."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

from eachlabs_mock.core import End, Instant

KEPT = 500
"""Entries kept per world by default; beyond that the oldest is dropped."""

ROOM = 32 * 1024
"""Bytes of bodies, paths, queries and user agents per entry kept; large entries are dropped sooner."""


class Entry(NamedTuple):
    """One exchange, without its API key.

    :param number: counts the exchanges of a world from 1.
    :param at: when the answer was ready, by the world's clock; *came_at*: when the request arrived.
    :param query: text after the question mark, with keys masked.
    :param status: HTTP status; 0 where no answer was sent.
    :param request: body of the request; empty where it was not read.
    :param keys: where the request carried a key: `X-API-Key`, `Authorization`, `query`.
    :param retry_after: value of that header of the answer.
    :param faults: names of the faults that struck it.
    :param ending: how the answer ended.
    """

    number: int
    at: Instant
    method: str
    path: str
    status: int
    request_id: str
    request: bytes
    response: bytes
    came_at: Instant = 0
    query: str = ""
    user_agent: str = ""
    keys: tuple[str, ...] = ()
    retry_after: str = ""
    faults: tuple[str, ...] = ()
    ending: End = "complete"

    @property
    def size(self) -> int:
        """Bytes of its parts without a bounded length."""
        sent = len(self.request) + len(self.path) + len(self.query) + len(self.user_agent)
        return sent + len(self.response)


class Journal:
    """The exchanges of a world. Thread-safe.

    :param kept: entries kept at most, in *kept* times `ROOM` bytes.
    :param notify: is called after each entry.
    """

    def __init__(self, kept: int = KEPT, notify: Callable[[], None] = lambda: None) -> None:
        self._kept = kept
        self._notify = notify
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._last_number = 0
        self._lock = Lock()

    @property
    def last_number(self) -> int:
        """The number of the latest exchange; 0 where there is none."""
        return self._last_number

    def add(  # noqa: PLR0913  # written out: packing and unpacking keywords would cost every call a microsecond
        self,
        *,
        at: Instant,
        method: str,
        path: str,
        status: int,
        request_id: str,
        request: bytes,
        response: bytes,
        came_at: Instant = 0,
        query: str = "",
        user_agent: str = "",
        keys: tuple[str, ...] = (),
        retry_after: str = "",
        faults: tuple[str, ...] = (),
        ending: End = "complete",
    ) -> None:
        """Add one exchange, with the fields of an `Entry` but its number."""
        facts = path, status, request_id, request, response, came_at, query, user_agent, keys, retry_after
        with self._lock:
            self._last_number += 1
            self._append(Entry(self._last_number, at, method, *facts, faults, ending))
        self._notify()

    def entries(self, since: int = 0) -> tuple[Entry, ...]:
        """Return the exchanges after number *since*, oldest first."""
        return tuple(entry for entry in tuple(self._entries) if entry.number > since)

    def clear(self) -> None:
        """Delete the exchanges so far; their numbers are not reused."""
        self.restore((), self._last_number)

    def restore(self, entries: Sequence[Entry], last_number: int) -> None:
        """Replace everything by *entries*, oldest first."""
        with self._lock:
            self._entries, self._bytes = deque(), 0
            for entry in entries:
                self._append(entry)
            self._last_number = last_number

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > self._kept or (self._bytes > self._kept * ROOM and len(self._entries) > 1):
            self._bytes -= self._entries.popleft().size
