"""Worlds: isolated sets of predictions, limits, clock and faults. Each API key has its own."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Protocol

from eachlabs_mock.core import END_OF_TIME, Instant, WorldClock, draw_uuid
from eachlabs_mock.emulator.journal import Journal
from eachlabs_mock.emulator.notifier import Notifier
from eachlabs_mock.emulator.outbox import Custody, Outbox
from eachlabs_mock.emulator.store import Store, StoreUnwritableError
from eachlabs_mock.faults import ArmedCount, RuleSet
from eachlabs_mock.settings import Settings


@lru_cache(1000)
def world_of_key(key: str) -> str:
    """Return the name of the world of *key*: a short hash, so that logs need not show the key."""
    return "key-" + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def request_prefix(seed: int, life: int, *names: str) -> str:
    """Return the prefix of the request ids of a process that *life* others preceded; each numbers its ids from 1."""
    return draw_uuid(seed, *names, "requests")[:8] + (f".{life}" if life else "")


class Archive(Protocol):
    """Keeps worlds, apart from their records in the store, beyond the end of the process.

    :ivar life: how many processes have used these worlds before this one.
    """

    life: int

    def custody(self, name: str) -> Custody:
        """Return the port that keeps the webhooks of the world called *name*."""
        ...

    def enter(self, world: "World") -> None:
        """Record all of *world*, in place of an earlier one of its name.

        :raises StoreUnwritableError: it cannot be written.
        """
        ...

    def keep(self, world: "World") -> None:
        """Record the present time, settings and rules of *world*.

        :raises StoreUnwritableError: they cannot be written.
        """
        ...

    def worlds(self, store: Store) -> Iterable["World"]:
        """Return the recorded worlds, the longest idle first; their predictions are in *store* already."""
        ...


class World:
    """An isolated set of clock, settings, fault rules, webhooks and journal. Its predictions are in the store.

    :param armed_count: counts it while it has fault rules.
    :param archive: keeps it beyond the end of this process; None: nothing does.
    :ivar ordinal: predictions accepted so far.
    :ivar request_ids: request ids given out so far.
    :ivar settings: immutable; a change replaces them.
    :ivar notifier: wakes callers that wait for a change in it.
    :ivar accepting: a lock held while a prediction is accepted, and while none may be.
    :ivar listing: a lock held while all of it is listed: concurrent lists would delay other calls.
    """

    def __init__(
        self,
        name: str,
        seed: int,
        clock: WorldClock,
        settings: Settings | None = None,
        *,
        armed_count: ArmedCount | None = None,
        archive: Archive | None = None,
    ) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock
        self.settings = settings or Settings()
        self.archive = archive
        self.outbox = Outbox(archive.custody(name) if archive else None)
        self.notifier = Notifier()
        self.journal = Journal(self.settings.journal_size, self.notifier.notify)
        self.armed_count = armed_count or ArmedCount()
        self.rules = RuleSet(seed, name, self.armed_count)
        self.ordinal = 0
        self.request_ids = 0
        self.accepting = threading.Lock()
        self.listing = threading.Lock()
        self._numbering = threading.Lock()
        self._request_prefix = request_prefix(seed, archive.life if archive else 0, name)

    def prediction_id(self, ordinal: int) -> str:
        """Return the id of the prediction with that *ordinal*, which follows from seed and world."""
        return draw_uuid(self.seed, self.name, "prediction", ordinal)

    def next_request_id(self) -> str:
        """Return an id for a request that has none: the prefix of the world, and a number."""
        with self._numbering:
            self.request_ids = number = self.request_ids + 1
        return f"{self._request_prefix}-{number}"

    def keep(self) -> None:
        """Record its changes in the archive, if it has one.

        :raises StoreUnwritableError: they cannot be written.
        """
        if self.archive and not self.is_over:
            self.archive.keep(self)

    def try_keep(self) -> None:
        """Record its changes as `keep` does, and ignore that they cannot be written."""
        with suppress(StoreUnwritableError):
            self.keep()

    @property
    def is_over(self) -> bool:
        """Whether another world of its name has replaced it."""
        return self.outbox.is_closed

    def end(self) -> None:
        """End it: calls that still use it change nothing that others see."""
        self.outbox.close()
        self.rules.end()


class Worlds:
    """All worlds by name, bounded: the longest idle one is dropped.

    :param capacity: worlds kept at most.
    :param make: makes the world of a name.
    """

    def __init__(self, capacity: int, make: Callable[[str], World]) -> None:
        self._capacity = capacity
        self._make = make
        self._worlds: OrderedDict[str, World] = OrderedDict()
        self._lock = threading.Lock()

    def visit(self, name: str) -> World:
        """Return the world called *name*; make it where there is none."""
        with self._lock:
            world = self._worlds.get(name)
            if world is None:
                world = self._worlds[name] = self._make(name)
            else:
                self._worlds.move_to_end(name)
            return world

    def renew(self, name: str) -> World:
        """Replace the world called *name* by a new one, and return that."""
        return self.put(self._make(name))

    def put(self, world: World) -> World:
        """Replace the world of that name by *world*, and return it."""
        with self._lock:
            self._worlds[world.name] = world
        return world

    @property
    def are_too_many(self) -> bool:
        """Whether there are more than the capacity."""
        return len(self._worlds) > self._capacity

    def drop_idle(self) -> str | None:
        """Drop the longest idle world if there are too many; return its name, or None."""
        with self._lock:
            if not self.are_too_many:
                return None
            name, world = self._worlds.popitem(last=False)
        world.rules.end()
        return name

    def find(self, name: str) -> World | None:
        """Return the world called *name*, or None. This is not a visit: the world stays as idle as it was."""
        return self._worlds.get(name)

    def now_in(self, name: str) -> Instant:
        """Return the time in the world called *name*; in a dropped one, the end of time."""
        world = self._worlds.get(name)
        return END_OF_TIME if world is None else world.clock.now()
