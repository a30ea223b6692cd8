"""Clocks: the only module that imports `time`. One clock moves everything a world does.

All instants are integer milliseconds since the epoch, so that a window's edge is an equality and never a rounding.
"""

import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

Instant = int
"""Milliseconds since the epoch."""

END_OF_TIME: Instant = 2**63 - 1
"""Later than any instant a clock will show."""

NANOS_IN_A_MILLI = 1_000_000

MILLIS = 1000
"""Milliseconds in a second."""


def millis(seconds: float) -> int:
    """*seconds* as whole milliseconds, rounded to the nearest."""
    return round(seconds * MILLIS)


class Clock(Protocol):
    """What time it is in a world, and how that relates to waiting in the real one."""

    def now(self) -> Instant:
        """Return the present instant; it never goes back."""
        ...

    def real_seconds_until(self, instant: Instant) -> float | None:
        """Return how many real seconds remain until *instant* (0 when it has come); None: it never comes by itself."""
        ...


Mode = Literal["real", "scaled", "manual", "auto"]


class WorldClock:
    """The time of one world: read once from the wall, then carried on by the monotonic clock, at a speed or not at all.

    A wall clock that is set back or forth while the emulator runs therefore changes nothing. Safe between threads.

    :param mode: `real`: a second takes a second; `scaled`: *speed* clock seconds pass in one; `manual`: it stands still
        until it is moved; `auto`: it stands still, and its world moves it whenever waiting would be all that is left.
    :param speed: clock seconds per real second, over 0; of interest to `scaled` only.
    :param start: the instant it begins at; by default what the wall clock shows.
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
        """Go on from the present instant in another *mode*."""
        with self._lock:
            now = self.now()
            self.mode, self.speed = mode, speed
            self._anchor = (now, time.monotonic_ns(), self._rate())

    def move_to(self, instant: Instant) -> None:
        """Jump to *instant*, in any mode.

        :raises ValueError: it lies before the present one.
        """
        with self._lock:
            if instant < (now := self.now()):
                raise ValueError(f"a clock never goes back: {instant} is before {now}")
            self._anchor = (instant, time.monotonic_ns(), self._rate())

    def _rate(self) -> float:
        return {"real": 1, "scaled": self.speed}.get(self.mode, 0)  # whole, where it can be: that is quicker


def resumed(mode: Mode, speed: float, at: Instant, *, follows_wall: bool) -> WorldClock:
    """Return the clock of a world that a process before this one had, and in which it was *at* least so late.

    :param follows_wall: whether one that runs has run on meanwhile, to what the wall clock shows. One that has come
        past that goes on from where it was, and so do all that stand still.
    """
    runs = mode in {"real", "scaled"}
    return WorldClock(mode, speed, max(at, time.time_ns() // NANOS_IN_A_MILLI) if runs and follows_wall else at)


class Stopwatch:
    """Real milliseconds since it was made; for log lines only, never for what the emulator answers."""

    __slots__ = ("_started",)

    def __init__(self) -> None:
        self._started = time.perf_counter_ns()

    def millis(self) -> float:
        return (time.perf_counter_ns() - self._started) / NANOS_IN_A_MILLI


class Alarm:
    """Lets one thread wait for a real duration or for a ring, whichever comes first."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def notify(self) -> None:
        self._event.set()

    def wait(self, real_seconds: float | None) -> None:
        """Return when rung, or after *real_seconds* (None: only when rung); the ring is used up."""
        self._event.wait(real_seconds)
        self._event.clear()


def real_deadline(real_seconds: float) -> float:
    """Return the reading of the real monotonic clock *real_seconds* from now, for `real_remaining`."""
    return time.monotonic() + real_seconds


def real_remaining(deadline: float) -> float:
    """Return the real seconds left until *deadline*, never under 0."""
    return max(0.0, deadline - time.monotonic())


def real_sleep(real_seconds: float) -> None:
    """Return after *real_seconds*."""
    time.sleep(real_seconds)


def real_wait_for(condition: threading.Condition, predicate: Callable[[], bool], real_seconds: float) -> None:
    """Return once *predicate* holds, which *condition* notifies, or after *real_seconds*."""
    condition.wait_for(predicate, real_seconds)


def real_acquire(semaphore: threading.Semaphore, real_seconds: float) -> bool:
    """Acquire *semaphore*; return False if that fails for *real_seconds*."""
    return semaphore.acquire(timeout=real_seconds)


def real_timer(real_seconds: float, work: Callable[..., None], *args: object) -> threading.Timer:
    """Return a timer that calls *work* in a daemon thread *real_seconds* after its start, unless it is cancelled."""
    timer = threading.Timer(real_seconds, work, args)
    timer.daemon = True
    return timer


def utc_text(instant: Instant) -> str:
    """*instant* as ISO 8601 in UTC with milliseconds, such as ``2026-02-05T00:00:00.000Z``."""
    whole, rest = divmod(instant, MILLIS)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{rest:03d}Z"
