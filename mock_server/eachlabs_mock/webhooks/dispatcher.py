"""Sends webhooks when they are due by the clock of their world; those of one instant concurrently."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from itertools import count

from eachlabs_mock.core import (
    END_OF_TIME,
    JSON,
    Alarm,
    Instant,
    Message,
    Prediction,
    millis,
    real_deadline,
    real_remaining,
    status_at,
)
from eachlabs_mock.emulator import IMPLIED, Attempt, Delivery, PendingAttempt, StoreUnwritableError, World
from eachlabs_mock.webhooks.egress import Outcome, Send
from eachlabs_mock.webhooks.faults import apply_faults
from eachlabs_mock.webhooks.worker_pool import OverrunError, WorkerPool
from eachlabs_mock.wire import Profile

AGENT = {"User-Agent": "eachlabs-mock"}

DROPPED = Outcome(None, "", "not sent: lost by the fault 'drop'")
OVERRUN = "not sent: too many other webhooks are waiting"


class WebhookDispatcher:
    """Attempts webhooks when they are due: by itself where a clock runs, and on demand where it stands still.

    One thread waits for the next due instant of all worlds. The attempts run in *workers*, so that a receiver that
    hangs delays no other. All threads are daemons, so none of them outlives the server.

    :param on_attempt: called with each attempt after it was recorded.
    :param on_expect: called with each webhook when it is scheduled; must not block.
    """

    def __init__(
        self,
        profile: Profile,
        send: Send,
        on_attempt: Callable[[World, Delivery, Attempt], None],
        on_expect: Callable[[World, Prediction], None],
        workers: WorkerPool,
    ) -> None:
        self._profile = profile
        self._send = send
        self._on_attempt = on_attempt
        self._on_expect = on_expect
        self._alarm = Alarm()
        self._wakes: list[tuple[float, int, World, Instant]] = []  # a heap by real deadline, one entry for each attempt
        self._order = count()
        self._lock = threading.Lock()
        self._workers = workers
        self._stopping = False
        self._starts_on_demand = False
        self._on_change: Callable[[World], None] = lambda _: None
        self._on_stop: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Start the thread that sends webhooks when they are due."""
        self._thread.start()

    def start_on_demand(self) -> None:
        """Start when the first webhook is scheduled: in the process that serves, if that is a fork of this one."""
        self._starts_on_demand = True
        if self._wakes:
            self.start()

    def stop(self) -> None:
        """Stop the thread; webhooks that fall due later are not sent."""
        self._stopping = True
        self._on_stop()
        self._alarm.notify()
        self._thread.join()
        self._workers.shutdown()

    @property
    def is_running(self) -> bool:
        """Whether webhooks are sent when they are due."""
        return self._thread.is_alive() or (self._starts_on_demand and self._thread.ident is None)

    def expect(self, world: World, prediction: Prediction) -> None:
        """Schedule the webhook of *prediction*, if it has one, for its end."""
        if prediction.wants_webhook and prediction.ends_at is not None:
            self._put(world, prediction.ends_at, PendingAttempt(prediction, key=IMPLIED))
            self._on_expect(world, prediction)

    def send_now(self, world: World, prediction: Prediction) -> None:
        """Send the webhook of *prediction*, if it has one, and return after the attempt."""
        if prediction.ends_at is not None and prediction.wants_webhook:
            for attempt in self._attempts(world, [PendingAttempt(prediction, key=IMPLIED)], world.clock.now()):
                attempt.wait()

    def listen(self, on_change: Callable[[World], None], on_stop: Callable[[], None]) -> None:
        """Call *on_change* with each world whose next event may have changed, and *on_stop* when this stops."""
        self._on_change = on_change
        self._on_stop = on_stop

    def advance(self, world: World, to: Instant) -> None:
        """Move the clock of *world* to the instant *to*, event by event.

        During the attempts of one instant the clock shows that instant. They run concurrently and hold no lock, so a
        receiver may call the emulator.
        """
        while (at := world.outbox.next_at()) is not None and at <= to:
            self._move(world, at)
            for attempt in self.deliver(world):
                attempt.wait()
        self._move(world, to)
        self._on_change(world)

    def skip(self, world: World, to: Instant) -> None:
        """Move the clock of *world* to *to*, event by event, without waiting for the attempts on the way."""
        while (at := world.outbox.next_at()) is not None and at <= to:
            self._move(world, at)
            self.deliver(world)
        self._move(world, to)

    def rearm(self, world: World) -> None:
        """Schedule the attempts of *world* again: the speed of its clock or its settings have changed."""
        for at, _ in world.outbox.pending():
            self._wake_at(world, at)
        self._on_change(world)

    def deliver(self, world: World) -> list[threading.Event]:
        """Begin the attempts that are due in *world*; each returned event is set when one has ended."""
        now = world.clock.now()  # read here: the clock may be moved before the workers run
        return self._attempts(world, world.outbox.take_due(now), now)

    def _move(self, world: World, to: Instant) -> None:
        with suppress(ValueError):  # a running clock may have passed that instant
            world.clock.move_to(to)
        world.try_keep()
        world.notifier.notify()

    def _put(self, world: World, at: Instant, due: PendingAttempt) -> None:
        world.outbox.put(at, due)
        self._wake_at(world, at)
        self._on_change(world)

    def _wake_at(self, world: World, at: Instant) -> None:
        wait = world.clock.real_seconds_until(at)
        if wait is None:
            return
        wake = (real_deadline(wait), next(self._order), world, at)
        with self._lock:
            heappush(self._wakes, wake)
            is_first = self._wakes[0] is wake
            if self._starts_on_demand and self._thread.ident is None:
                self.start()
        if is_first:
            self._alarm.notify()

    def _run(self) -> None:
        while not self._stopping:
            wait = self._real_wait()
            if wait is None or wait > 0:
                self._alarm.wait(wait)
                continue
            with self._lock:
                _, _, world, at = heappop(self._wakes)
            self.deliver(world)
            if world.clock.now() < at:  # rounding made the deadline too early
                self._wake_at(world, at)

    def _real_wait(self) -> float | None:
        with self._lock:
            return real_remaining(self._wakes[0][0]) if self._wakes else None

    def _attempts(self, world: World, dues: Sequence[PendingAttempt], now: Instant) -> list[threading.Event]:
        """Begin the attempts *dues*; each returned event is set when one has ended."""
        begun = []
        for number, due in enumerate(dues, 1):
            delivery = self._delivery(due.prediction)
            attempt = self._with_faults(world, delivery, due, now, dues[number:])
            if attempt is None:
                continue
            delivery = world.outbox.begin(delivery)
            try:
                begun.append(self._workers.submit(partial(self._attempt, world, delivery, attempt, now)))
            except OverrunError:
                self._skip_attempt(world, delivery, attempt, now)
        return begun

    def _skip_attempt(self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        with suppress(StoreUnwritableError):  # then a later process sends it
            world.outbox.claim(delivery, due, now)
        self._record(world, delivery, Attempt(now, accepted=False, status_code=None, response="", error=OVERRUN))

    def _attempt(self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        again: PendingAttempt | None = due
        while again and not world.is_over:
            again = self._attempt_and_retry(world, delivery, again, now)
            again = again and self._with_faults(world, delivery, again, now)

    def _with_faults(
        self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant, others: Sequence[PendingAttempt] = ()
    ) -> PendingAttempt | None:
        """Return *due* with the messages to send now; None where a fault has postponed it."""
        due, at = apply_faults(due, Message(delivery.request, JSON), world, now, others)
        if world.rules:  # their counters have changed
            world.try_keep()
        if at is None:
            return due
        self._put(world, at, due)
        return None

    def _attempt_and_retry(
        self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant
    ) -> PendingAttempt | None:
        """Send *due* and schedule its retry. Return the retry instead if it is due at once and the clock stands still.

        The caller that moves the clock waits for this worker, and for no other that starts meanwhile.
        """
        outcomes = self._outcomes(world, delivery, due, now)
        again, settings, outcome = None, world.settings, outcomes[-1]
        if not outcome.accepted and due.number < settings.webhook_attempts:
            again, at = PendingAttempt(due.prediction, due.number + 1), now + millis(settings.webhook_interval)
            if at > now or world.clock.real_seconds_until(END_OF_TIME) is not None:
                self._put(world, at, again)  # before the record, after which the clock may be moved
                again = None
        attempts = [
            Attempt(now, result.accepted, result.status_code, result.response, result.error, due.faults)
            for result in outcomes
        ]
        self._record(world, delivery, *attempts)
        return again

    def _record(self, world: World, delivery: Delivery, *attempts: Attempt) -> None:
        world.outbox.record(delivery.prediction_id, *attempts)
        for attempt in attempts:
            self._on_attempt(world, delivery, attempt)
        world.notifier.notify()

    def _outcomes(self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant) -> list[Outcome]:
        """Send the messages of *due*; return the outcome of each, and one outcome where there are none."""
        try:
            world.outbox.claim(delivery, due, now)
        except StoreUnwritableError as error:
            return [Outcome(None, "", f"not sent: {error}")]
        return [self._post(world, delivery, message) for message in due.messages or ()] or [DROPPED]

    def _post(self, world: World, delivery: Delivery, message: Message) -> Outcome:
        headers = {"Content-Type": message.content_type, **AGENT}
        with self._workers.while_blocked():
            return self._send(delivery.url, message.body, headers, world.settings.webhook_timeout)

    def _delivery(self, prediction: Prediction) -> Delivery:
        ended_at = prediction.ends_at or prediction.created_at
        body = self._profile.webhook(prediction, status_at(prediction, ended_at))
        return Delivery(prediction.id, prediction.webhook_url, body)
