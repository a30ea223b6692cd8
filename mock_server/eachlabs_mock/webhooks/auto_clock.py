"""The auto clock: where waiting is all that is left to do, it skips to the next event."""

import threading

from eachlabs_mock.core import MILLIS, Instant, changes, expiries, millis, real_timer, retry_after
from eachlabs_mock.emulator import Store, World
from eachlabs_mock.webhooks.dispatcher import WebhookDispatcher

IDLE = 0.05
"""Real seconds without a request after which a world skips to its next event."""


class AutoClock:
    """Moves the clocks of worlds in mode `auto`.

    It skips to the next status change or webhook attempt when a read has found no change, or after 50 ms without a
    request; after a 429, by its `Retry-After`. It never skips past the expiry of an output that was not fetched yet.
    """

    def __init__(self, store: Store, dispatcher: WebhookDispatcher) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._timers: dict[World, threading.Timer] = {}  # by world, not by name: a reset replaces the world
        self._lock = threading.Lock()
        self._is_stopped = False
        dispatcher.listen(self.visited, self.stop)

    def polled_in_vain(self, world: World) -> None:
        """Skip to the next event: a read found no change."""
        if (at := self._next(world)) is not None:
            self._skip(world, at)

    def refused(self, world: World, wait: int) -> None:
        """Skip past the `Retry-After` of a refusal that tells its caller to wait *wait* milliseconds."""
        if world.clock.mode == "auto":
            self._skip(world, world.clock.now() + retry_after(wait) * MILLIS)

    def visited(self, world: World) -> None:
        """Restart the idle timer: after 50 ms without a request, skip to the next event."""
        if self._next(world) is not None:
            self._start_timer(world)

    def stop(self) -> None:
        """Stop all idle timers for good."""
        with self._lock:
            self._is_stopped = True
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()

    def _start_timer(self, world: World) -> None:
        timer = real_timer(IDLE, self._idle, world)
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
            self.visited(world)  # without a skip, an expiry holds the clock until the next request

    def _next(self, world: World) -> Instant | None:
        """Return the instant of the next event of a world in mode `auto`; None where there is none."""
        if world.clock.mode != "auto" or world.is_over:
            return None
        now = world.clock.now()
        at = [event.at for event in changes(self._store.running(world.name), now)]
        webhook = world.outbox.next_at()
        return min([*at, *([] if webhook is None else [max(webhook, now)])], default=None)

    def _skip(self, world: World, to: Instant) -> bool:
        """Move the clock of *world* to *to*, or to just before an expiry; return whether there was anything to do."""
        now, expiry = world.clock.now(), world.settings.output_expiry
        if expiry is not None:
            unfetched = (record for record in self._store.of_world(world.name) if not record.fetched)
            ends = expiries(unfetched, millis(expiry))
            to = max(now, min([to, *(event.at - 1 for event in ends if event.at > now)]))
        webhook = world.outbox.next_at()
        if to <= now and (webhook is None or webhook > to):
            return False
        self._dispatcher.skip(world, to)
        return True
