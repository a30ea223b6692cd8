"""A world is one isolated universe; every API key has its own."""

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
from eachlabs_mock.emulator.outbox import Custody, Outbox, Unkept
from eachlabs_mock.emulator.store import Store, StoreUnwritableError
from eachlabs_mock.faults import ArmedCount, RuleSet
from eachlabs_mock.settings import Settings


@lru_cache(1000)
def world_of_key(key: str) -> str:
    """Return the name of a key's own world: a short hash, which may be shown where the key may not."""
    return "key-" + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


def request_prefix(seed: int, life: int, *names: str) -> str:
    """Return the beginning of the request ids that one process gives out: numbers begin anew with each *life*."""
    return draw_uuid(seed, *names, "requests")[:8] + (f".{life}" if life else "")


class Archive(Protocol):
    """Keeps what there is of worlds, besides what the store keeps, where the end of the process does not reach it.

    :ivar life: how many processes have had these worlds before this one.
    """

    life: int

    def custody(self, name: str) -> Custody:
        """Return who keeps the webhooks of the world called *name*."""
        ...

    def enter(self, world: "World") -> None:
        """Keep all of *world* in the place of what there is under its name.

        :raises StoreUnwritableError: it cannot be kept.
        """
        ...

    def keep(self, world: "World") -> None:
        """Keep time, settings and rules of *world* as they are now.

        :raises StoreUnwritableError: they cannot be kept.
        """
        ...

    def worlds(self, store: Store) -> Iterable["World"]:
        """Return the worlds that are kept, the longest idle first; their records lie in *store* already."""
        ...


class NoArchive:
    """The archive of worlds that end with the process."""

    life = 0

    def custody(self, _name: str) -> Custody:
        return Unkept()

    def enter(self, world: "World") -> None:
        pass

    def keep(self, world: "World") -> None:
        pass

    def worlds(self, _store: Store) -> Iterable["World"]:
        return ()


class World:
    """One isolated universe: clock, draws, settings, webhooks, journal. Its records lie in the store, under its name.

    :param ordinal: how many predictions it has accepted already.
    :param request_ids: how many request ids it has given out already.
    :param armed_count: is told while anything is to go wrong in it.
    :param archive: keeps what has to outlast this process.
    :ivar settings: how this world behaves; replaced as a whole where its owner changes something.
    :ivar rules: what goes wrong in it.
    :ivar notifier: rings when something has happened in it.
    :ivar accepting: is held by whoever accepts a prediction, or needs that nobody does.
    :ivar looking: is held by whoever looks through all that is in it: many at once would hold up all others.
    """

    def __init__(  # noqa: PLR0913  # what a universe is made of, most of it by default
        self,
        name: str,
        seed: int,
        clock: WorldClock,
        settings: Settings | None = None,
        *,
        ordinal: int = 0,
        request_ids: int = 0,
        armed_count: ArmedCount | None = None,
        archive: Archive | None = None,
    ) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock
        self.settings = settings or Settings()
        self.archive = archive or NoArchive()
        self.outbox = Outbox(self.archive.custody(name))
        self.notifier = Notifier()
        self.journal = Journal(self.settings.journal_size, self.notifier.notify)
        self.armed_count = armed_count or ArmedCount()
        self.rules = RuleSet(seed, name, self.armed_count)
        self.ordinal = ordinal
        self.request_ids = request_ids
        self.accepting = threading.Lock()
        self.looking = threading.Lock()
        self._numbering = threading.Lock()
        self._request_prefix = request_prefix(seed, self.archive.life, name)

    def prediction_id(self, ordinal: int) -> str:
        """Return the id of the prediction with that *ordinal*, drawn from it, seed and world."""
        return draw_uuid(self.seed, self.name, "prediction", ordinal)

    def next_request_id(self) -> str:
        """Return an id for a request that brought none: the world's own beginning, and a number."""
        with self._numbering:
            self.request_ids = number = self.request_ids + 1
        return f"{self._request_prefix}-{number}"

    def keep(self) -> None:
        """Have what was changed of it outlast this process.

        :raises StoreUnwritableError: it will not.
        """
        if not self.is_over:
            self.archive.keep(self)

    def try_keep(self) -> None:
        """Do as `keep`, where the work goes on even if it cannot be."""
        with suppress(StoreUnwritableError):
            self.keep()

    @property
    def is_over(self) -> bool:
        """Whether it has made way for another of its name."""
        return self.outbox.is_closed

    def end(self) -> None:
        """Let nothing more come of it: whoever still holds it changes nothing that anybody sees."""
        self.outbox.close()
        self.rules.end()


class Worlds:
    """The worlds there are, by name; bounded, and the longest idle makes way.

    :param capacity: how many are kept.
    :param make: makes the world of a name.
    """

    def __init__(self, capacity: int, make: Callable[[str], World]) -> None:
        self._capacity = capacity
        self._make = make
        self._worlds: OrderedDict[str, World] = OrderedDict()
        self._lock = threading.Lock()

    def visit(self, name: str) -> World:
        """Return the world called *name*, new where there is none."""
        with self._lock:
            world = self._worlds.get(name)
            if world is None:
                world = self._worlds[name] = self._make(name)
            else:
                self._worlds.move_to_end(name)
            return world

    def renew(self, name: str) -> World:
        """Put a new world in the place of the one called *name*, and return it."""
        return self.put(self._make(name))

    def put(self, world: World) -> World:
        """Put *world* in the place of the one of its name, and return it."""
        with self._lock:
            self._worlds[world.name] = world
        return world

    @property
    def are_too_many(self) -> bool:
        """Whether one has to make way."""
        return len(self._worlds) > self._capacity

    def drop_idle(self) -> str | None:
        """Drop the longest idle world if there are too many; return its name."""
        with self._lock:
            if not self.are_too_many:
                return None
            name, world = self._worlds.popitem(last=False)
        world.rules.end()
        return name

    def find(self, name: str) -> World | None:
        """Return the world called *name*, or None; asking does not count as a visit."""
        return self._worlds.get(name)

    def now_in(self, name: str) -> Instant:
        """Return what time it is in the world called *name*; in one that made way, the end of time."""
        world = self._worlds.get(name)
        return END_OF_TIME if world is None else world.clock.now()
