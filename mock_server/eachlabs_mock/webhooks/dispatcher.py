"""Sends webhooks when they fall due: at their instant of the world's clock, those of one instant at once."""

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
from eachlabs_mock.webhooks.faults import settled
from eachlabs_mock.webhooks.worker_pool import OverrunError, WorkerPool
from eachlabs_mock.wire import Profile

AGENT = {"User-Agent": "eachlabs-mock"}

DROPPED = Outcome(None, "", "not sent: lost by the fault 'drop'")
OVERRUN = "not sent: too many other webhooks are waiting"


class WebhookDispatcher:
    """Attempts what falls due in any world, whose clock runs by itself, and on demand in one whose clock does not.

    A thread waits for the next due instant of all worlds; the attempts run in threads of their own, so that a receiver
    that hangs delays nobody else. Threads are daemons: none of them outlives the server.

    :param report: is told of each attempt, after it was recorded.
    :param forewarn: is told of each webhook that is to be sent one day; must not block.
    :param workers: does the attempts.
    """

    def __init__(
        self,
        profile: Profile,
        send: Send,
        report: Callable[[World, Delivery, Attempt], None],
        forewarn: Callable[[World, Prediction], None],
        workers: WorkerPool,
    ) -> None:
        self._profile = profile
        self._send = send
        self._report = report
        self._forewarn = forewarn
        self._alarm = Alarm()
        self._wakes: list[tuple[float, int, World, Instant]] = []  # a heap of real deadlines, one for each attempt
        self._order = count()
        self._lock = threading.Lock()
        self._workers = workers
        self._stopping = False
        self._starts_on_demand = False
        self._tell: Callable[[World], None] = lambda _: None
        self._take_leave: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Send webhooks when they fall due, from now on."""
        self._thread.start()

    def start_on_demand(self) -> None:
        """Start when the first webhook is planned: in the process that serves, should another have made this one."""
        self._starts_on_demand = True
        if self._wakes:
            self.start()

    def stop(self) -> None:
        """Attempt nothing more that falls due by itself."""
        self._stopping = True
        self._take_leave()
        self._alarm.notify()
        self._thread.join()
        self._workers.shutdown()

    @property
    def is_running(self) -> bool:
        """Whether webhooks are sent when they fall due."""
        return self._thread.is_alive() or (self._starts_on_demand and self._thread.ident is None)

    def expect(self, world: World, prediction: Prediction) -> None:
        """See to it that the webhook of *prediction*, if it wants one, goes out when it ends."""
        if prediction.wants_webhook and prediction.ends_at is not None:
            self._put(world, prediction.ends_at, PendingAttempt(prediction, key=IMPLIED))
            self._forewarn(world, prediction)

    def send_now(self, world: World, prediction: Prediction) -> None:
        """Send the webhook of *prediction*, if it wants one, and return when that has been tried."""
        if prediction.ends_at is not None and prediction.wants_webhook:
            for attempt in self._attempts(world, [PendingAttempt(prediction, key=IMPLIED)], world.clock.now()):
                attempt.wait()

    def listen(self, tell: Callable[[World], None], take_leave: Callable[[], None]) -> None:
        """Let *tell* know of each world that may be heading for something else now, and *take_leave* of the end."""
        self._tell = tell
        self._take_leave = take_leave

    def advance(self, world: World, to: Instant) -> None:
        """Move the clock of *world* to the instant *to*, event by event.

        During the attempts of one instant the clock shows that instant; they run at once, and no lock is held
        meanwhile, so a receiver may call back.
        """
        while (at := world.outbox.next_at()) is not None and at <= to:
            self._move(world, at)
            for attempt in self._attempt_due(world):
                attempt.wait()
        self._move(world, to)
        self._tell(world)

    def skip(self, world: World, to: Instant) -> None:
        """Move the clock of *world* to *to*, event by event, without waiting for what is attempted on the way."""
        while (at := world.outbox.next_at()) is not None and at <= to:
            self._move(world, at)
            self._attempt_due(world)
        self._move(world, to)

    def rearm(self, world: World) -> None:
        """Look at *world* anew: its clock runs at another speed now, or its settings are others."""
        for at, _ in world.outbox.pending():
            self._wake_at(world, at)
        self._tell(world)

    def deliver(self, world: World) -> None:
        """Attempt what has fallen due in *world* already, without waiting for it."""
        self._attempt_due(world)

    def _move(self, world: World, to: Instant) -> None:
        with suppress(ValueError):  # a clock that runs may have passed that instant by itself
            world.clock.move_to(to)
        world.try_keep()
        world.notifier.notify()

    def _put(self, world: World, at: Instant, due: PendingAttempt) -> None:
        world.outbox.put(at, due)
        self._wake_at(world, at)
        self._tell(world)

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
            self._attempt_due(world)
            if world.clock.now() < at:  # the deadline was a rounding too early
                self._wake_at(world, at)

    def _real_wait(self) -> float | None:
        with self._lock:
            return real_remaining(self._wakes[0][0]) if self._wakes else None

    def _attempt_due(self, world: World) -> list[threading.Event]:
        now = world.clock.now()  # not in the threads: the clock may be moved on before they run
        return self._attempts(world, world.outbox.take_due(now), now)

    def _attempts(self, world: World, dues: Sequence[PendingAttempt], now: Instant) -> list[threading.Event]:
        """Begin to attempt *dues*; each event is set when one is done with."""
        begun = []
        for number, each in enumerate(dues, 1):
            delivery = self._delivery(each.prediction)
            due = self._settled(world, delivery, each, now, dues[number:])
            if due is None:
                continue
            delivery = world.outbox.begin(delivery)
            try:
                begun.append(self._workers.submit(partial(self._attempt, world, delivery, due, now)))
            except OverrunError:
                self._leave_out(world, delivery, due, now)
        return begun

    def _leave_out(self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        with suppress(StoreUnwritableError):  # then the next process finds it due, and sends it
            world.outbox.claim(delivery, due, now)
        self._record(world, delivery, Attempt(now, accepted=False, status_code=None, response="", error=OVERRUN))

    def _attempt(self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        again: PendingAttempt | None = due
        while again and not world.is_over:
            again = self._attempt_once(world, delivery, again, now)
            again = again and self._settled(world, delivery, again, now)

    def _settled(
        self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant, others: Sequence[PendingAttempt] = ()
    ) -> PendingAttempt | None:
        """Return *due* with what goes out for it now; None, where a fault has put it off."""
        due, at = settled(due, Message(delivery.request, JSON), world, now, others)
        if world.rules:  # they have counted it
            world.try_keep()
        if at is None:
            return due
        self._put(world, at, due)
        return None

    def _attempt_once(
        self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant
    ) -> PendingAttempt | None:
        """Return what is left to attempt at this very instant, on a clock that stands still there.

        The caller that moves the clock waits for this thread, and not for one that the dispatcher starts meanwhile.
        """
        outcomes = self._outcomes(world, delivery, due, now)
        again, settings, outcome = None, world.settings, outcomes[-1]
        if not outcome.accepted and due.number < settings.webhook_attempts:
            again, at = PendingAttempt(due.prediction, due.number + 1), now + millis(settings.webhook_interval)
            if at > now or world.clock.real_seconds_until(END_OF_TIME) is not None:
                self._put(world, at, again)  # first: whoever sees the record may move the clock
                again = None
        attempts = [
            Attempt(now, each.accepted, each.status_code, each.response, each.error, due.faults) for each in outcomes
        ]
        self._record(world, delivery, *attempts)
        return again

    def _record(self, world: World, delivery: Delivery, *attempts: Attempt) -> None:
        world.outbox.record(delivery.prediction_id, *attempts)
        for attempt in attempts:
            self._report(world, delivery, attempt)
        world.notifier.notify()

    def _outcomes(self, world: World, delivery: Delivery, due: PendingAttempt, now: Instant) -> list[Outcome]:
        """Return what came of each letter of *due*: at least one outcome, where it has none."""
        try:
            world.outbox.claim(delivery, due, now)
        except StoreUnwritableError as error:
            return [Outcome(None, "", f"not sent: {error}")]
        return [self._post(world, delivery, each) for each in due.letters or ()] or [DROPPED]

    def _post(self, world: World, delivery: Delivery, letter: Message) -> Outcome:
        headers = {"Content-Type": letter.content_type, **AGENT}
        with self._workers.while_blocked():
            return self._send(delivery.url, letter.body, headers, world.settings.webhook_timeout)

    def _delivery(self, prediction: Prediction) -> Delivery:
        ended_at = prediction.ends_at or prediction.created_at
        body = self._profile.webhook(prediction, status_at(prediction, ended_at))
        return Delivery(prediction.id, prediction.webhook_url, body)
