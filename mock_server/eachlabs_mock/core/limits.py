"""The rate limit and the limit of predictions in flight: how long a request has to wait. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eachlabs_mock.core.clock import MILLIS, Instant

UNKNOWN_WAIT = 60 * MILLIS
"""Milliseconds to wait when no prediction in flight has a known end."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most *limit* requests per *period* milliseconds (page: 100 a minute).

    :param kind: `sliding`: a request leaves the window exactly one period after it arrived; `fixed`: all leave together
        when the clock enters the next period.
    """

    limit: int
    period: int
    kind: Literal["sliding", "fixed"] = "sliding"

    def leaves_at(self, arrived: Instant) -> Instant:
        """Return when a request that *arrived* at that time no longer counts."""
        if self.kind == "fixed":
            return arrived - arrived % self.period + self.period
        return arrived + self.period


def window_wait(arrivals: Sequence[Instant], now: Instant, rate: Rate | None) -> int:
    """Return the milliseconds until the rate limit accepts one more request; 0: now.

    :param arrivals: times of the counted requests, oldest first.
    :param rate: None: no limit.
    """
    if rate is None or len(arrivals) < rate.limit:
        return 0
    return max(0, rate.leaves_at(arrivals[-rate.limit]) - now)


def slot_wait(ends: Sequence[Instant | None], now: Instant, cap: int | None) -> int:
    """Return the milliseconds until one more prediction may be in flight; 0: it may now.

    :param ends: when each prediction ends; None: unknown. One that ends *now* is no longer in flight.
    :param cap: the most predictions in flight; None: no limit.
    """
    if cap is None or len(ends) < cap:
        return 0
    in_flight = [end for end in ends if end is None or end > now]
    known = sorted(end for end in in_flight if end is not None)
    excess = len(in_flight) - cap
    if excess < 0:
        return 0
    return known[excess] - now if excess < len(known) else UNKNOWN_WAIT


def retry_after(wait: int) -> int:
    """Return *wait* milliseconds as whole seconds, rounded up: the value of the `Retry-After` header."""
    return -(-wait // MILLIS)
