"""The clock of a world, and the only module that imports `time`.

Times are whole milliseconds since the epoch, so that comparisons with the edge of a window are exact.
"""

import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

Instant = int
"""Milliseconds since the epoch."""

END_OF_TIME: Instant = 2**63 - 1
"""Later than any time of a clock."""

NANOS_IN_A_MILLI = 1_000_000

MILLIS = 1000
"""Milliseconds in a second."""

DAY = 86_400
"""Seconds in a day: the longest duration, delay or interval that can be set."""


def millis(seconds: float) -> int:
    """Return *seconds* as milliseconds, rounded to the nearest."""
    return round(seconds * MILLIS)


class Clock(Protocol):
    """The time of a world, and its relation to real time."""

    def now(self) -> Instant:
        """Return the current time; it never goes back."""
        ...

    def real_seconds_until(self, instant: Instant) -> float | None:
        """Return the real seconds until *instant*: 0 if it is past, None if the clock never reaches it by itself."""
        ...


Mode = Literal["real", "scaled", "manual", "auto"]


class WorldClock:
    """The clock of one world: it starts at the wall clock's time, and then follows the monotonic clock.

    Setting the wall clock while the emulator runs has no effect. Safe between threads.

    :param mode: `real`: runs at real speed; `scaled`: runs at *speed*; `manual`: stands still until it is moved;
        `auto`: stands still, and its world moves it to the next event when nothing else is left to do.
    :param speed: clock seconds per real second, over 0; used by `scaled` only.
    :param start: the time it starts at; None: the wall clock's time.
    """

    def __init__(self, mode: Mode = "real", speed: float = 1.0, start: Instant | None = None) -> None:
        self.mode: Mode = mode
        self.speed = speed
        self._lock = threading.Lock()
        begin = time.time_ns() // NANOS_IN_A_MILLI if start is None else start
        self._anchor = (begin, time.monotonic_ns(), self._rate())

    def now(self) -> Instant:
        instant, since, rate = self._anchor
        return instant + int((time.monotonic_ns() - since) * rate // NANOS_IN_A_MILLI) if rate else instant

    def real_seconds_until(self, instant: Instant) -> float | None:
        rate = self._anchor[2]
        ahead = instant - self.now()
        if ahead <= 0:
            return 0.0
        return ahead / rate / MILLIS if rate else None

    def set_mode(self, mode: Mode, speed: float = 1.0) -> None:
        """Change the mode, from the current time on."""
        with self._lock:
            now = self.now()
            self.mode, self.speed = mode, speed
            self._anchor = (now, time.monotonic_ns(), self._rate())

    def move_to(self, instant: Instant) -> None:
        """Set the clock forward to *instant*, in any mode.

        :raises ValueError: *instant* is before the current time.
        """
        with self._lock:
            if instant < (now := self.now()):
                raise ValueError(f"a clock never goes back: {instant} is before {now}")
            self._anchor = (instant, time.monotonic_ns(), self._rate())

    def _rate(self) -> float:
        return {"real": 1, "scaled": self.speed}.get(self.mode, 0)  # an integer where possible, which is faster


def restored_clock(mode: Mode, speed: float, at: Instant, *, follows_wall: bool) -> WorldClock:
    """Return the clock of a restored world, whose time was *at* when it was saved.

    :param follows_wall: whether a clock in mode `real` or `scaled` continues at the wall clock's time if that is later
        than *at*. All other clocks continue at *at*.
    """
    runs = mode in {"real", "scaled"}
    return WorldClock(mode, speed, max(at, time.time_ns() // NANOS_IN_A_MILLI) if runs and follows_wall else at)


class Stopwatch:
    """Measures the real milliseconds since its creation; for log lines only, never for responses."""

    __slots__ = ("_started",)

    def __init__(self) -> None:
        self._started = time.perf_counter_ns()

    def millis(self) -> float:
        return (time.perf_counter_ns() - self._started) / NANOS_IN_A_MILLI


class Alarm:
    """Makes one thread wait for a real duration or for a notification, whichever comes first."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def notify(self) -> None:
        self._event.set()

    def wait(self, real_seconds: float | None) -> None:
        """Return when notified, or after *real_seconds*; None: only when notified. The notification is then cleared."""
        self._event.wait(real_seconds)
        self._event.clear()


def real_deadline(real_seconds: float) -> float:
    """Return the monotonic time *real_seconds* from now, for `real_remaining`."""
    return time.monotonic() + real_seconds


def real_remaining(deadline: float) -> float:
    """Return the real seconds until *deadline*, at least 0."""
    return max(0.0, deadline - time.monotonic())


def real_sleep(real_seconds: float) -> None:
    """Return after *real_seconds*."""
    time.sleep(real_seconds)


def real_acquire(semaphore: threading.Semaphore, real_seconds: float) -> bool:
    """Acquire *semaphore*; return False if that fails for *real_seconds*."""
    return semaphore.acquire(timeout=real_seconds)


def real_timer(real_seconds: float, work: Callable[..., None], *args: object) -> threading.Timer:
    """Return a timer that calls *work* in a daemon thread *real_seconds* after its start, unless it is cancelled."""
    timer = threading.Timer(real_seconds, work, args)
    timer.daemon = True
    return timer


def utc_text(instant: Instant) -> str:
    """Return *instant* in ISO 8601, in UTC, such as ``2026-02-05T00:00:00.000Z``."""
    whole, rest = divmod(instant, MILLIS)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{rest:03d}Z"
