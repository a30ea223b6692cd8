"""The auto clock: where waiting would be all that is left to do, it skips to what is waited for."""

import threading

from mock_server.clock import MILLIS, Instant, millis
from mock_server.limits import retry_after
from mock_server.store import Store
from mock_server.timeline import changes, expiries
from mock_server.webhooks import Pump
from mock_server.world import World

IDLE = 0.05
"""Real seconds without a request, after which a world that waits for something skips to it."""


class AutoClock:
    """Moves the clocks of worlds in mode `auto`; leaves all others alone.

    It skips only to the next status change or webhook attempt, when a poll has found nothing new or nobody has asked
    for 50 ms; after a 429, by what its own `Retry-After` says. It never skips past the expiry of an output that nobody
    has fetched.
    """

    def __init__(self, store: Store, pump: Pump) -> None:
        self._store = store
        self._pump = pump
        self._timers: dict[World, threading.Timer] = {}  # by world, not by name: one that was reset has a successor
        self._lock = threading.Lock()
        pump.listen(self.visited)

    def polled_in_vain(self, world: World) -> None:
        """A caller learned nothing new, so all it can do is wait."""
        if world.clock.mode == "auto" and (at := self._next(world)) is not None:
            self._skip(world, at)

    def refused(self, world: World, wait: int) -> None:
        """A caller was told to come back after *wait* milliseconds."""
        if world.clock.mode == "auto":
            self._skip(world, world.clock.now() + retry_after(wait) * MILLIS)

    def visited(self, world: World) -> None:
        """Somebody asked: if nobody asks again soon, time goes on."""
        if world.clock.mode == "auto" and self._next(world) is not None:
            self._start_timer(world)

    def _start_timer(self, world: World) -> None:
        timer = threading.Timer(IDLE, self._idle, [world])
        timer.daemon = True
        with self._lock:
            if before := self._timers.pop(world, None):
                before.cancel()
            self._timers[world] = timer
        timer.start()

    def _idle(self, world: World) -> None:
        with self._lock:
            self._timers.pop(world, None)
        self.polled_in_vain(world)
        self.visited(world)

    def _next(self, world: World) -> Instant | None:
        now = world.clock.now()
        at = [each.at for each in changes(self._store.running(world.name), now)]
        webhook = world.outbox.next_at()
        return min([*at, *([] if webhook is None else [max(webhook, now)])], default=None)

    def _skip(self, world: World, to: Instant) -> None:
        expiry = world.settings.output_expiry
        if expiry is not None:
            unfetched = (each for each in self._store.of_world(world.name) if each.id not in world.fetched)
            ends = expiries(unfetched, millis(expiry))
            to = min([to, *(each.at - 1 for each in ends if each.at > world.clock.now())])
        if to > world.clock.now() or world.outbox.next_at() is not None:
            self._pump.skip(world, max(to, world.clock.now()))
