"""Measures how much of the limits a caller uses, and how many predictions a minute its pace allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import fmean
from typing import Final, Literal

from eachlabs_contract.history import TOO_MANY, Journal, Limits
from eachlabs_contract.manners.pace import busiest, cycle, gaps, lasting_interval, polls_needed
from eachlabs_contract.manners.traffic import api_calls, arrival_time, create_calls, looks, polls_by_prediction
from eachlabs_contract.spec import MINUTE, TERMINAL, USUAL_DURATION

CROWDS: Final = (1, 2, 5, 10, 20, 50)
"""Numbers of simultaneous predictions for which a poll interval is computed."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most predictions that one key can complete in the long run.

    :param per_minute: None: unlimited.
    :param bound: the limit that is reached first.
    """

    per_minute: Fraction | None
    bound: Literal["requests", "slots", ""]


@dataclass(frozen=True, slots=True)
class Capacity:
    """A caller's use of the limits. Times in milliseconds.

    :param polls: number of reads of predictions, including reads after the end.
    :param most_polls: largest number of polls of one prediction.
    :param refused: number of requests answered 429.
    :param interval: average wait between two polls of a prediction; None: unknown, since no prediction was polled
        twice or the clock stood still.
    :param peak: requests in the busiest window of the limit, and the polls among them.
    :param duration: average duration of the ended predictions; if none ended, the page's average.
    :param ceiling: at this interval and duration.
    :param fits: pairs of a number of simultaneous predictions and the shortest interval for polling them steadily.
    """

    limits: Limits
    predictions: int
    creates: int
    polls: int
    most_polls: int
    refused: int
    interval: int | None
    peak: tuple[int, int]
    duration: int
    ceiling: Ceiling
    fits: tuple[tuple[int, int | None], ...]

    @property
    def requests_each(self) -> Fraction | None:
        """Creates and polls per prediction; None: no predictions."""
        return Fraction(self.creates + self.polls, self.predictions) if self.predictions else None

    @property
    def loop_share(self) -> Fraction | None:
        """Share of the request limit that one poll loop takes at this interval; None: no loop or no limit."""
        if not self.interval or not self.limits.requests:
            return None
        return Fraction(-(-self.limits.window // self.interval), self.limits.requests)

    @property
    def loops(self) -> int:
        """Number of such loops that fit under the limit at once; 0 if no loop, no limit, or not even one fits."""
        return int(1 / self.loop_share) if self.loop_share else 0


def measure_capacity(journal: Journal) -> Capacity:
    """Return the caller's use of the limits."""
    calls = api_calls(journal)
    polls = [read.exchange for read, _ in looks(journal)]
    per_prediction = [
        [arrival_time(read.exchange) for read in reads] for reads in polls_by_prediction(journal).values()
    ]
    waits = [wait for instants in per_prediction for wait in gaps(instants)]
    first, end = busiest([arrival_time(call) for call in calls], journal.limits.window)
    is_known = bool(waits) and not journal.is_still
    interval, duration = round(fmean(waits)) if is_known else None, _duration(journal)
    return Capacity(
        limits=journal.limits,
        predictions=len(journal.predictions),
        creates=len(create_calls(journal)),
        polls=len(polls),
        most_polls=max(map(len, per_prediction), default=0),
        refused=sum(call.status == TOO_MANY for call in calls),
        interval=interval,
        peak=(end - first, sum(call in polls for call in calls[first:end])),
        duration=duration,
        ceiling=ceiling(journal.limits, interval, duration),
        fits=crowds(journal.limits, duration),
    )


def ceiling(limits: Limits, interval: int | None, duration: int) -> Ceiling:
    """Return the most predictions that can be completed in a minute.

    :param interval: between two polls of a prediction, and between its create and the first poll; None: no polls, as
        with webhooks.
    :param duration: of a prediction; above 0.
    """
    requests = 1 + (polls_needed(interval, duration) if interval else 0)
    busy = cycle(interval, duration) if interval else duration
    bounds: list[Ceiling] = []
    if limits.requests is not None:
        bounds.append(Ceiling(Fraction(limits.requests * MINUTE, requests * limits.window), "requests"))
    if limits.in_flight is not None:
        bounds.append(Ceiling(Fraction(limits.in_flight * MINUTE, busy), "slots"))
    return min(bounds, key=lambda bound: bound.per_minute or 0, default=Ceiling(None, ""))


def crowds(limits: Limits, duration: int) -> tuple[tuple[int, int | None], ...]:
    """Return numbers of simultaneous predictions, each with the shortest steady poll interval; None: none fits."""
    if limits.requests is None:
        return ()
    numbers: Sequence[int] = [number for number in CROWDS if limits.in_flight is None or number <= limits.in_flight]
    return tuple((number, lasting_interval(limits, number, duration)) for number in numbers)


def _duration(journal: Journal) -> int:
    ended = [prediction for prediction in journal.predictions if prediction.status in TERMINAL]
    durations = [prediction.ends_at - prediction.created_at for prediction in ended if prediction.ends_at]
    return max(round(fmean(durations)), 1) if durations else USUAL_DURATION
