"""How fast is too fast: windows, gaps and the poll intervals that fit under a limit. Integers, milliseconds."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median_low
from typing import Final

from eachlabs_contract.history import Limits

GROWTH: Final = 1.2
"""The later waits are at least so many times the earlier ones where waits grow; less is the noise of a fixed wait."""


def busiest(instants: Sequence[int], window: int) -> tuple[int, int]:
    """Return the span of *instants*, sorted, that are most within any *window*, as indices: from, up to but without.

    What comes a whole window later than another is not in the same window.
    """
    best = (0, 0)
    first = 0
    for last, at in enumerate(instants):
        while at - instants[first] >= window:
            first += 1
        if last + 1 - first > best[1] - best[0]:
            best = (first, last + 1)
    return best


def gaps(instants: Sequence[int]) -> list[int]:
    """Return the times between *instants*, sorted; those at the same, as on a still clock, left out."""
    return [later - earlier for earlier, later in pairwise(instants) if later > earlier]


def is_growing(waits: Sequence[int]) -> bool:
    """Say whether *waits*, two or more, become longer: the later half of them against the earlier."""
    half = len(waits) // 2
    return fmean(waits[-half:]) >= GROWTH * fmean(waits[:half])


def usual(waits: Sequence[int]) -> int:
    """Return the middle one of *waits*, one or more."""
    return median_low(waits)


def fitting_interval(limits: Limits, at_once: int) -> int | None:
    """Return the shortest poll interval at which so many predictions can be followed at once, each created as well.

    :return: milliseconds; None: at no interval do so many fit, or there is no limit to fit under.
    """
    if limits.requests is None:
        return None
    polls = limits.requests // at_once - 1
    return -(-limits.window // polls) if polls > 0 else None


def lasting_interval(limits: Limits, at_once: int, duration: int) -> int | None:
    """Return the shortest such interval for callers that go on: each creates the next when it sees the last one end.

    :param duration: of a prediction, milliseconds.
    :return: milliseconds; None: at no interval do so many fit, or there is no limit to fit under.
    """
    share = (limits.requests or 0) // at_once
    for polls in range(share - 1, 0, -1):
        interval = -(-limits.window // polls)
        if polls + -(-limits.window // cycle(interval, duration)) <= share:
            return interval
    return None


def polls_needed(interval: int, duration: int) -> int:
    """Return how many polls see such a prediction to its end, the first of them an interval after the create."""
    return max(-(-duration // interval), 1)


def cycle(interval: int, duration: int) -> int:
    """Return how long after its create the poll comes that sees a prediction ended."""
    return interval * polls_needed(interval, duration)
