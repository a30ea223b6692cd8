"""Clocks: the only module that imports `time`. One clock moves everything a world does.

All instants are integer milliseconds since the epoch, so that a window's edge is an equality and never a rounding.
"""

import threading
import time
from typing import Protocol

Instant = int
"""Milliseconds since the epoch."""

END_OF_TIME: Instant = 2**63 - 1
"""Later than any instant a clock will show."""

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


class RealClock:
    """The machine's time, read once from the wall and then carried on by the monotonic clock.

    A wall clock that is set back or forth while the emulator runs therefore changes nothing.

    :param speed: clock seconds per real second, over 0.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._wall_at_start = time.time_ns() // 1_000_000
        self._monotonic_at_start = time.monotonic_ns()

    def now(self) -> Instant:
        elapsed = (time.monotonic_ns() - self._monotonic_at_start) * self._speed
        return self._wall_at_start + int(elapsed // 1_000_000)

    def real_seconds_until(self, instant: Instant) -> float | None:
        return max(0.0, (instant - self.now()) / self._speed / MILLIS)


class ManualClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, start: Instant = 1_770_249_600_000) -> None:
        self._now = start  # 2026-02-05, the date of the model page: any fixed instant serves

    def now(self) -> Instant:
        return self._now

    def real_seconds_until(self, instant: Instant) -> float | None:
        return 0.0 if instant <= self._now else None

    def move_to(self, instant: Instant) -> None:
        """Set the clock to *instant*.

        :raises ValueError: *instant* lies before the present one.
        """
        if instant < self._now:
            raise ValueError(f"a clock never goes back: {instant} is before {self._now}")
        self._now = instant


class Stopwatch:
    """Real milliseconds since it was made; for log lines only, never for what the emulator answers."""

    __slots__ = ("_started",)

    def __init__(self) -> None:
        self._started = time.perf_counter_ns()

    def millis(self) -> float:
        return (time.perf_counter_ns() - self._started) / 1_000_000


class Alarm:
    """Lets one thread wait for a real duration or for a ring, whichever comes first."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
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


def utc_text(instant: Instant) -> str:
    """*instant* as ISO 8601 in UTC with milliseconds, such as ``2026-02-05T00:00:00.000Z``."""
    whole, rest = divmod(instant, MILLIS)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{rest:03d}Z"
