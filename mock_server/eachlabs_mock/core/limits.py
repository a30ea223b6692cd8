"""Rate window and in-flight cap as pure functions: what was counted and what time it is in, how long to wait out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eachlabs_mock.core.clock import MILLIS, Instant

UNKNOWN_WAIT = 60 * MILLIS
"""Advised when no slot has a known end: wire.md promises nothing then but this figure."""


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
        """Return the instant from which a request that *arrived* then no longer counts."""
        if self.kind == "fixed":
            return arrived - arrived % self.period + self.period
        return arrived + self.period


def window_wait(arrivals: Sequence[Instant], now: Instant, rate: Rate | None) -> int:
    """Return the milliseconds until one more request passes the window; 0: it passes now.

    :param arrivals: counted requests, oldest first.
    :param rate: the rule; None: no limit.
    """
    if rate is None or len(arrivals) < rate.limit:
        return 0
    return max(0, rate.leaves_at(arrivals[-rate.limit]) - now)


def slot_wait(ends: Sequence[Instant | None], now: Instant, cap: int | None) -> int:
    """Return the milliseconds until one more prediction may be in flight; 0: it may now.

    :param ends: when each prediction in flight ends (None: not known); one that ends *now* is in flight no longer.
    :param cap: how many may be in flight; None: any number.
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
