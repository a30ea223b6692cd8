"""Computes windows, gaps, and the poll intervals that fit under a limit. All values are integer milliseconds."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median_low
from typing import Final

from eachlabs_contract.history import Limits

GROWTH: Final = 1.2
"""Waits grow if the later ones are at least this factor longer than the earlier ones; less is noise."""


def busiest(instants: Sequence[int], window: int) -> tuple[int, int]:
    """Return the busiest *window* of the sorted *instants*, as the indices of a half-open slice.

    Two instants a whole window apart are not in the same window.
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
    """Return the differences of the sorted *instants*, without zeros (a still clock)."""
    return [later - earlier for earlier, later in pairwise(instants) if later > earlier]


def is_growing(waits: Sequence[int]) -> bool:
    """Return whether *waits* (at least two) grow, by comparing the later half with the earlier half."""
    half = len(waits) // 2
    return fmean(waits[-half:]) >= GROWTH * fmean(waits[:half])


def usual(waits: Sequence[int]) -> int:
    """Return the median of *waits* (at least one)."""
    return median_low(waits)


def fitting_interval(limits: Limits, at_once: int) -> int | None:
    """Return the shortest poll interval at which *at_once* predictions fit under the limit, with their creates.

    :return: milliseconds; None: no interval fits, or there is no limit.
    """
    if limits.requests is None:
        return None
    polls = limits.requests // at_once - 1
    return -(-limits.window // polls) if polls > 0 else None


def lasting_interval(limits: Limits, at_once: int, duration: int) -> int | None:
    """Return the shortest such interval for steady work, where each ended prediction is followed by a new create.

    :param duration: of a prediction, milliseconds.
    :return: milliseconds; None: no interval fits, or there is no limit.
    """
    share = (limits.requests or 0) // at_once
    for polls in range(share - 1, 0, -1):
        interval = -(-limits.window // polls)
        if polls + -(-limits.window // cycle(interval, duration)) <= share:
            return interval
    return None


def polls_needed(interval: int, duration: int) -> int:
    """Return the number of polls until the end of a prediction; the first poll is one interval after the create."""
    return max(-(-duration // interval), 1)


def cycle(interval: int, duration: int) -> int:
    """Return the time between a create and the poll that sees the end."""
    return interval * polls_needed(interval, duration)
