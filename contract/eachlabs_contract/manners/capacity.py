"""How much of the limits a caller uses, and what they leave room for: requests, polls, predictions a minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import fmean
from typing import Final, Literal

from eachlabs_contract.history import TOO_MANY, Journal, Limits
from eachlabs_contract.manners.pace import busiest, cycle, gaps, lasting_interval, polls_needed
from eachlabs_contract.manners.traffic import (
    api_calls,
    arrival_time,
    create_calls,
    looks,
    polls_by_prediction,
)
from eachlabs_contract.spec import MINUTE, TERMINAL, USUAL_DURATION

CROWDS: Final = (1, 2, 5, 10, 20, 50)
"""Numbers of predictions at once for which an interval is worked out."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most predictions that one key can see through in the long run.

    :param per_minute: None: nothing limits them.
    :param bound: which limit is met first.
    """

    per_minute: Fraction | None
    bound: Literal["requests", "slots", ""]


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a caller's requests went for. Times in milliseconds.

    :param polls: reads of predictions, those after the end too.
    :param most_polls: of any one prediction.
    :param refused: requests answered 429.
    :param interval: the average wait between two polls of a prediction; None: no prediction was polled twice, or on a
        still clock.
    :param peak: calls in the busiest window of the limit, and how many of them were polls.
    :param duration: of the predictions that ended, on average; where none did, the page's average.
    :param ceiling: at this interval and duration.
    :param fits: how many predictions at once, and the shortest interval at which they can be polled for ever after.
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
        """Requests per prediction, creates and polls together; None: there were no predictions."""
        return Fraction(self.creates + self.polls, self.predictions) if self.predictions else None

    @property
    def loop_share(self) -> Fraction | None:
        """Share of the limit that one poll loop takes at this interval; None: there is no loop, or no limit."""
        if not self.interval or not self.limits.requests:
            return None
        return Fraction(-(-self.limits.window // self.interval), self.limits.requests)

    @property
    def loops(self) -> int:
        """How many such loops the limit bears at once; 0 where there is no loop, no limit or no room for one."""
        return int(1 / self.loop_share) if self.loop_share else 0


def measure_capacity(journal: Journal) -> Capacity:
    """Return what *journal* says about the use of the limits."""
    asked = api_calls(journal)
    reads = [each.exchange for each, _ in looks(journal)]
    per_prediction = [[arrival_time(each.exchange) for each in some] for some in polls_by_prediction(journal).values()]
    waits = [wait for instants in per_prediction for wait in gaps(instants)]
    first, end = busiest([arrival_time(each) for each in asked], journal.limits.window)
    is_known = bool(waits) and not journal.is_still
    interval, duration = round(fmean(waits)) if is_known else None, _duration(journal)
    return Capacity(
        limits=journal.limits,
        predictions=len(journal.predictions),
        creates=len(create_calls(journal)),
        polls=len(reads),
        most_polls=max(map(len, per_prediction), default=0),
        refused=sum(each.status == TOO_MANY for each in asked),
        interval=interval,
        peak=(end - first, sum(each in reads for each in asked[first:end])),
        duration=duration,
        ceiling=ceiling(journal.limits, interval, duration),
        fits=crowds(journal.limits, duration),
    )


def ceiling(limits: Limits, interval: int | None, duration: int) -> Ceiling:
    """Return the most predictions that can be seen through a minute.

    :param interval: between two polls of a prediction, the first of which comes as long after its create; None: nobody
        polls, as where webhooks tell the ends.
    :param duration: of a prediction; above 0.
    """
    each = 1 + (polls_needed(interval, duration) if interval else 0)
    busy = cycle(interval, duration) if interval else duration
    bounds: list[Ceiling] = []
    if limits.requests is not None:
        bounds.append(Ceiling(Fraction(limits.requests * MINUTE, each * limits.window), "requests"))
    if limits.in_flight is not None:
        bounds.append(Ceiling(Fraction(limits.in_flight * MINUTE, busy), "slots"))
    return min(bounds, key=lambda bound: bound.per_minute or 0, default=Ceiling(None, ""))


def crowds(limits: Limits, duration: int) -> tuple[tuple[int, int | None], ...]:
    """Return, for some numbers of predictions at once, the shortest poll interval that lasts; None: there is none."""
    if limits.requests is None:
        return ()
    numbers: Sequence[int] = [each for each in CROWDS if limits.in_flight is None or each <= limits.in_flight]
    return tuple((each, lasting_interval(limits, each, duration)) for each in numbers)


def _duration(journal: Journal) -> int:
    took = [each.ends_at - each.created_at for each in journal.predictions if each.ends_at and each.status in TERMINAL]
    return max(round(fmean(took)), 1) if took else USUAL_DURATION
