"""The auto clock: where waiting would be all that is left to do, it skips to what is waited for."""

import threading

from eachlabs_mock.core import MILLIS, Instant, changes, expiries, millis, retry_after
from eachlabs_mock.emulator import Store, World
from eachlabs_mock.webhooks.dispatcher import WebhookDispatcher

IDLE = 0.05
"""Real seconds without a request, after which a world that waits for something skips to it."""


class AutoClock:
    """Moves the clocks of worlds in mode `auto`; leaves all others alone.

    It skips only to the next status change or webhook attempt, when a poll has found nothing new or nobody has asked
    for 50 ms; after a 429, by what its own `Retry-After` says. It never skips past the expiry of an output that nobody
    has fetched.
    """

    def __init__(self, store: Store, dispatcher: WebhookDispatcher) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._timers: dict[World, threading.Timer] = {}  # by world, not by name: one that was reset has a successor
        self._lock = threading.Lock()
        self._is_stopped = False
        dispatcher.listen(self.visited, self.stop)

    def polled_in_vain(self, world: World) -> None:
        """A caller learned nothing new, so all it can do is wait."""
        if (at := self._next(world)) is not None:
            self._skip(world, at)

    def refused(self, world: World, wait: int) -> None:
        """A caller was told to come back after *wait* milliseconds."""
        if world.clock.mode == "auto":
            self._skip(world, world.clock.now() + retry_after(wait) * MILLIS)

    def visited(self, world: World) -> None:
        """Somebody asked, or what the world is heading for has changed: if nobody asks again soon, time goes on."""
        if self._next(world) is not None:
            self._start_timer(world)

    def stop(self) -> None:
        """Move no clock any more where nobody asks."""
        with self._lock:
            self._is_stopped = True
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()

    def _start_timer(self, world: World) -> None:
        timer = threading.Timer(IDLE, self._idle, [world])
        timer.daemon = True
        with self._lock:
            if self._is_stopped:
                return
            if before := self._timers.pop(world, None):
                before.cancel()
            self._timers[world] = timer
            timer.start()

    def _idle(self, world: World) -> None:
        with self._lock:
            if self._is_stopped:
                return
            self._timers.pop(world, None)
        at = self._next(world)
        if at is not None and self._skip(world, at):
            self.visited(world)  # a clock that is held waits for somebody to ask

    def _next(self, world: World) -> Instant | None:
        """Return the instant that an auto clock is to skip to; None where there is none."""
        if world.clock.mode != "auto" or world.is_over:
            return None
        now = world.clock.now()
        at = [each.at for each in changes(self._store.running(world.name), now)]
        webhook = world.outbox.next_at()
        return min([*at, *([] if webhook is None else [max(webhook, now)])], default=None)

    def _skip(self, world: World, to: Instant) -> bool:
        """Move the clock of *world* to *to*, or as far as it may go; return whether there was anything to do."""
        now, expiry = world.clock.now(), world.settings.output_expiry
        if expiry is not None:
            unfetched = (each for each in self._store.of_world(world.name) if not each.fetched)
            ends = expiries(unfetched, millis(expiry))
            to = max(now, min([to, *(each.at - 1 for each in ends if each.at > now)]))
        webhook = world.outbox.next_at()
        if to <= now and (webhook is None or webhook > to):
            return False
        self._dispatcher.skip(world, to)
        return True
