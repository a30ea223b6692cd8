"""A world is one isolated universe; every API key has its own."""

import hashlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import count

from mock_server.chance import draw_uuid
from mock_server.clock import END_OF_TIME, Instant, WorldClock
from mock_server.deliveries import Outbox
from mock_server.journal import Journal
from mock_server.prediction import Failure
from mock_server.settings import Settings


def world_of_key(key: str) -> str:
    """Return the name of a key's own world: a short hash, which may be shown where the key may not."""
    return "key-" + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


class World:
    """One isolated universe: clock, draws, settings, webhooks, journal. Its records lie in the store, under its name.

    :ivar settings: how this world behaves; replaced as a whole where its owner changes something.
    :ivar ordinal: how many ids it has given out.
    :ivar failures: what the next predictions are to fail with, first come first served.
    :ivar fetched: ids of predictions whose output somebody has fetched.
    """

    def __init__(self, name: str, seed: int, clock: WorldClock, settings: Settings | None = None) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock
        self.settings = settings or Settings()
        self.outbox = Outbox()
        self.journal = Journal()
        self.failures: deque[Failure] = deque()
        self.fetched: set[str] = set()
        self.ordinal = 0
        self._drawing = threading.Lock()
        self._requests = count(1)
        self._request_prefix = draw_uuid(seed, name, "requests")[:8]

    def next_id(self) -> tuple[str, int]:
        """Return the id of the next prediction, drawn from seed, world and ordinal; and that ordinal, from 1."""
        with self._drawing:
            self.ordinal = ordinal = self.ordinal + 1
        return draw_uuid(self.seed, self.name, "prediction", ordinal), ordinal

    def next_request_id(self) -> str:
        """Return an id for a request that brought none: the world's own beginning, and a number."""
        return f"{self._request_prefix}-{next(self._requests)}"


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
        with self._lock:
            world = self._worlds[name] = self._make(name)
            return world

    def drop_idle(self) -> str | None:
        """Drop the longest idle world if there are too many; return its name."""
        with self._lock:
            return self._worlds.popitem(last=False)[0] if len(self._worlds) > self._capacity else None

    def find(self, name: str) -> World | None:
        """Return the world called *name*, or None; asking does not count as a visit."""
        return self._worlds.get(name)

    def now_in(self, name: str) -> Instant:
        """Return what time it is in the world called *name*; in one that made way, the end of time."""
        world = self._worlds.get(name)
        return END_OF_TIME if world is None else world.clock.now()
