"""A world is one isolated universe; every API key has its own."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from itertools import count

from mock_server.chance import draw_uuid
from mock_server.clock import END_OF_TIME, Clock, Instant
from mock_server.deliveries import Outbox


def world_of_key(key: str) -> str:
    """Return the name of a key's own world: a short hash, which may be shown where the key may not."""
    return "key-" + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()


class World:
    """One isolated universe: its clock, its draws, its webhooks. What it stores lies in the store, under its name."""

    def __init__(self, name: str, seed: int, clock: Clock) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock
        self.outbox = Outbox()
        self._ordinals = count(1)

    def next_id(self) -> tuple[str, int]:
        """Return the id of the next prediction, drawn from seed, world and ordinal; and that ordinal, from 1."""
        ordinal = next(self._ordinals)
        return draw_uuid(self.seed, self.name, "prediction", ordinal), ordinal


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

    def drop_idle(self) -> str | None:
        """Drop the longest idle world if there are too many; return its name."""
        with self._lock:
            return self._worlds.popitem(last=False)[0] if len(self._worlds) > self._capacity else None

    def now_in(self, name: str) -> Instant:
        """Return what time it is in the world called *name*; in one that made way, the end of time."""
        world = self._worlds.get(name)
        return END_OF_TIME if world is None else world.clock.now()
