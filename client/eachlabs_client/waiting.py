"""When to ask again and when to give up: the poll schedule, `Retry-After`, deadlines. Tells the client its time.

The schedule fits the API's limits, 100 requests a minute and 10 predictions in flight for each key. Looks at one
prediction come 1.0, 2.7, 5.6, 10.5, 18.9, 29.8, 40.8 and 51.8 s after its creation, then every 11 s. In its first
minute it costs 1 create + 8 looks = 9 requests, in any later one 6 at most, so ten in flight at once cost
10 x 9 = 90 at worst. Predictions of the usual 17 s are seen to be done after 18.9 s.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeVar

from .errors import ConfigurationError, DeadlineExceeded, EachlabsError

FIRST_WAIT = 1.0
"""Seconds before the first look."""
GROWTH = 1.7
"""Each wait is this many times the one before."""
CEILING = 11.0
"""Seconds no wait exceeds: 10 predictions x 60 / 11 = 55 requests a minute in the long run."""
LAST_LOOK = 0.5
"""Seconds before the deadline at which a wait that would pass it is cut short for one last look."""
SHORTEST_DEADLINE = 1.0
"""Seconds; anything shorter has no room for a look."""
LONGEST_DEADLINE = 604_800.0
"""Seconds: a week."""

_EXPONENTS = 16  # far beyond the ceiling; keeps the power finite for any attempt
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")

T = TypeVar("T")


class Clock(Protocol):
    """Time as the client needs it; a test hands in one that only pretends to sleep."""

    def now(self) -> float:
        """Seconds since the epoch; never runs backwards."""

    def sleep(self, seconds: float) -> None:
        """Return *seconds* later."""


class SystemClock:
    """The machine's time, read once and then kept by the monotonic clock: setting the date moves no deadline."""

    def __init__(self) -> None:
        self._epoch = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._epoch + time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread for *seconds*."""
        time.sleep(seconds)


def wait_before(attempt: int) -> float:
    """Return the seconds to wait before the *attempt*-th look (from 1), or between a failed attempt and the next."""
    return min(FIRST_WAIT * GROWTH ** min(attempt - 1, _EXPONENTS), CEILING)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds a `Retry-After` header asks for, never negative, or None if it is absent or unreadable.

    Both forms of RFC 9110 are read: seconds (fractions are tolerated), and an HTTP date, which is compared with *now*
    (seconds since the epoch).
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    at = parse_http_date(text)
    return None if at is None else max(at - now, 0.0)


def parse_http_date(value: str) -> float | None:
    """Return an HTTP date as seconds since the epoch, or None if it is none."""
    try:
        at = parsedate_to_datetime(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant after which nothing is sent any more, and towards which every sleep is measured."""

    clock: Clock
    began: float
    seconds: float

    @classmethod
    def after(cls, seconds: float, clock: Clock) -> "Deadline":
        """Begin a deadline *seconds* from now. Raises `ConfigurationError` for less than a second or over a week."""
        if not SHORTEST_DEADLINE <= seconds <= LONGEST_DEADLINE:
            allowed = f"{SHORTEST_DEADLINE:g} to {LONGEST_DEADLINE:.0f} seconds"
            raise ConfigurationError(f"a deadline must be {allowed}, not {seconds:g}")
        return cls(clock, clock.now(), seconds)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self.clock.now() - self.began

    @property
    def left(self) -> float:
        """Seconds until the end; zero or less once it has passed."""
        return self.seconds - self.elapsed

    def sleep_until_look(self, attempt: int, state: str) -> None:
        """Sleep until the *attempt*-th look is due, or the last one before the end; *state* is for the error's text."""
        wait = wait_before(attempt)
        if wait >= self.left:
            wait = self.left - LAST_LOOK
        if wait <= 0:
            raise DeadlineExceeded(f"{state} when the deadline of {self.seconds:g} s was reached")
        self.clock.sleep(wait)

    def sleep_after(self, error: EachlabsError, attempt: int) -> None:
        """Sleep between the failed *attempt* and the next: the growing wait, or what the server asks for if longer."""
        wait = max(wait_before(attempt), error.retry_after or 0.0)
        if wait >= self.left:
            raise self._given_up(error, wait) from error
        self.clock.sleep(wait)

    def _given_up(self, error: EachlabsError, wait: float) -> DeadlineExceeded:
        asked = "the server asks to wait" if error.retry_after == wait else "the next attempt is due in"
        left = f"the deadline of {self.seconds:g} s leaves {max(self.left, 0.0):.1f} s"
        return DeadlineExceeded(
            f"gave up: {asked} {wait:g} s, {left}",
            details=str(error),
            retry_after=error.retry_after,
            prediction_id=error.prediction_id,
            definite=error.definite,
        )


def persist(attempt: Callable[[], T], tries: Callable[[EachlabsError], int], deadline: Deadline) -> T:
    """Return what *attempt* returns, repeating it while it raises errors that *tries* grants another attempt.

    *tries* maps an error to the number of attempts allowed in all. Raises the last error once they are used up, and
    `DeadlineExceeded`, with that error as its cause, once there is no time for another.
    """
    number = 1
    while True:
        try:
            return attempt()
        except EachlabsError as error:
            if number >= tries(error):
                raise
            deadline.sleep_after(error, number)
        number += 1
