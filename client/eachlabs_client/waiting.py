"""The poll schedule, `Retry-After`, deadlines and the client's clock.

The schedule fits the API's limits of 100 requests per minute and 10 predictions in flight per key. The client polls a
prediction 1.0, 2.7, 5.6, 10.5, 18.9, 29.8, 40.8 and 51.8 s after its creation, then every 11 s. That is 1 create and 8
polls = 9 requests in the first minute and at most 6 in any later one, so ten predictions in flight need at most
10 x 9 = 90 requests per minute. The end of a prediction of the usual 17 s is seen after 18.9 s.
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
"""Seconds before the first poll."""
GROWTH = 1.7
"""Factor between two successive waits."""
LONGEST_WAIT = 11.0
"""Maximum seconds of a wait: 10 predictions x 60 / 11 = 55 requests per minute in the long run."""
LAST_POLL = 0.5
"""Seconds before the deadline at which a wait that would pass it ends for a last poll."""
SHORTEST_DEADLINE = 1.0
"""Seconds; a shorter deadline leaves no time for a poll."""
LONGEST_DEADLINE = 604_800.0
"""Seconds: a week."""

_MAX_EXPONENT = 16  # beyond the longest wait; keeps the power finite for any attempt
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")

T = TypeVar("T")


class Clock(Protocol):
    """The client's clock; tests pass one that does not really sleep."""

    def now(self) -> float:
        """Seconds since the epoch; never decreases."""

    def sleep(self, seconds: float) -> None:
        """Block for *seconds*."""


class SystemClock:
    """The system time, read once and advanced by the monotonic clock, so that a date change moves no deadline."""

    def __init__(self) -> None:
        self._epoch = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._epoch + time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread for *seconds*."""
        time.sleep(seconds)


def wait_before(attempt: int) -> float:
    """Return the seconds to wait before poll number *attempt* (from 1), or after failed attempt number *attempt*."""
    return min(FIRST_WAIT * GROWTH ** min(attempt - 1, _MAX_EXPONENT), LONGEST_WAIT)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Return the seconds of a `Retry-After` header, never negative, or None if it is absent or invalid.

    Both forms of RFC 9110 are accepted: seconds, also with fractions, and an HTTP date, which is compared with *now*
    (seconds since the epoch).
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    at = parse_http_date(text)
    return None if at is None else max(at - now, 0.0)


def parse_http_date(value: str) -> float | None:
    """Return an HTTP date as seconds since the epoch, or None if it is invalid."""
    try:
        at = parsedate_to_datetime(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant after which no request is sent; sleeps are limited by it."""

    clock: Clock
    began: float
    seconds: float

    @classmethod
    def after(cls, seconds: float, clock: Clock) -> "Deadline":
        """Return a deadline *seconds* from now. Raises `ConfigurationError` for less than a second or over a week."""
        if not SHORTEST_DEADLINE <= seconds <= LONGEST_DEADLINE:
            allowed = f"{SHORTEST_DEADLINE:g} to {LONGEST_DEADLINE:.0f} seconds"
            raise ConfigurationError(f"a deadline must be {allowed}, not {seconds:g}")
        return cls(clock, clock.now(), seconds)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock.now() - self.began

    @property
    def left(self) -> float:
        """Seconds until the end; zero or less once it has passed."""
        return self.seconds - self.elapsed

    def sleep_until_poll(self, attempt: int, state: str) -> None:
        """Sleep until poll number *attempt* or the last one before the deadline; *state* is for the error message."""
        wait = wait_before(attempt)
        if wait >= self.left:
            wait = self.left - LAST_POLL
        if wait <= 0:
            raise DeadlineExceeded(f"{state} when the deadline of {self.seconds:g} s was reached")
        self.clock.sleep(wait)

    def sleep_after(self, error: EachlabsError, attempt: int) -> None:
        """Sleep after failed attempt number *attempt*: the scheduled wait, or `retry_after` if that is longer."""
        wait = max(wait_before(attempt), error.retry_after or 0.0)
        if wait >= self.left:
            raise self._given_up(error, wait) from error
        self.clock.sleep(wait)

    def _given_up(self, error: EachlabsError, wait: float) -> DeadlineExceeded:
        reason = "the server asks to wait" if error.retry_after == wait else "the next attempt is due in"
        left = f"the deadline of {self.seconds:g} s leaves {max(self.left, 0.0):.1f} s"
        return DeadlineExceeded(
            f"gave up: {reason} {wait:g} s, but {left}",
            details=str(error),
            retry_after=error.retry_after,
            prediction_id=error.prediction_id,
            definite=error.definite,
        )


def persist(attempt: Callable[[], T], tries: Callable[[EachlabsError], int], deadline: Deadline) -> T:
    """Call *attempt* until it succeeds, and return its result.

    *tries* returns the total number of attempts for an error. Raises the last error if there were as many, and
    `DeadlineExceeded`, caused by that error, if there is no time for another attempt.
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
