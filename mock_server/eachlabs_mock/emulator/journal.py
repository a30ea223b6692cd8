"""What was asked of a world and answered, bounded, newest last."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

from eachlabs_mock.core import End, Instant

KEPT = 500
"""Entries kept per world unless told otherwise; the oldest make way."""

ROOM = 32 * 1024
"""Bytes of bodies, addresses and agents that there is room for, for each entry kept: large ones make way sooner."""


class Entry(NamedTuple):
    """One exchange. The key is not in it.

    :param number: counts a world's exchanges from 1, so that `since` can name the last one seen.
    :param at: when the answer was ready, by the world's clock, and *came_at* when it was asked for.
    :param query: what follows the question mark, keys masked.
    :param status: the HTTP status; 0 where no answer was sent.
    :param request: the body that was sent; empty where nobody read it.
    :param keys: where a key was shown: `X-API-Key`, `Authorization`, `query`.
    :param retry_after: what the answer's header of that name said.
    :param faults: names of those that struck it.
    :param ending: how the answer went out.
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
        """Bytes of what its sender makes as long as it likes, and of the answer."""
        sent = len(self.request) + len(self.path) + len(self.query) + len(self.user_agent)
        return sent + len(self.response)


class Journal:
    """A world's exchanges. Safe between threads.

    :param kept: how many are kept, in as many times `ROOM`.
    :param ring: is called after each.
    """

    def __init__(self, kept: int = KEPT, ring: Callable[[], None] = lambda: None) -> None:
        self._kept = kept
        self._ring = ring
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._last_number = 0
        self._lock = Lock()

    @property
    def last_number(self) -> int:
        """The number of the latest exchange; 0: there was none."""
        return self._last_number

    def add(  # noqa: PLR0913  # spelt out, since gathering and spreading them again costs every call a microsecond
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
        """Note one exchange: the facts of an `Entry`, without its number."""
        told = path, status, request_id, request, response, came_at, query, user_agent, keys, retry_after
        with self._lock:
            self._last_number += 1
            self._append(Entry(self._last_number, at, method, *told, faults, ending))
        self._ring()

    def entries(self, since: int = 0) -> tuple[Entry, ...]:
        """Return the exchanges after number *since*, oldest first."""
        return tuple(each for each in tuple(self._entries) if each.number > since)

    def clear(self) -> None:
        """Forget the exchanges so far; their numbers are not used again."""
        self.restore((), self._last_number)

    def restore(self, entries: Sequence[Entry], last_number: int) -> None:
        """Put *entries*, oldest first, in the place of all there is."""
        with self._lock:
            self._entries, self._bytes = deque(), 0
            for each in entries:
                self._append(each)
            self._last_number = last_number

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > self._kept or (self._bytes > self._kept * ROOM and len(self._entries) > 1):
            self._bytes -= self._entries.popleft().size
