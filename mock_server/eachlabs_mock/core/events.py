"""What is going to happen in a world, as a pure question about its records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.prediction import Prediction, Status, next_change, status_at


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that will happen at an instant.

    :param kind: `status`: a prediction changes, and may free its slot; `webhook`: an attempt falls due; `window`: a
        counted request leaves the rate window; `expiry`: an output is gone.
    :param prediction_id: whose; empty for the window.
    """

    at: Instant
    kind: Literal["status", "webhook", "window", "expiry"]
    prediction_id: str = ""


def changes(predictions: Iterable[Prediction], now: Instant) -> Iterator[Event]:
    """Yield the next status change of each of *predictions* that will have one."""
    for each in predictions:
        if (at := next_change(each, now)) is not None:
            yield Event(at, "status", each.id)


def expiries(predictions: Iterable[Prediction], expiry: int) -> Iterator[Event]:
    """Yield when the output of each of *predictions* is gone, *expiry* milliseconds after its success."""
    for each in predictions:
        if each.ends_at is not None and status_at(each, each.ends_at) is Status.SUCCESS:
            yield Event(each.ends_at + expiry, "expiry", each.id)


def departures(arrivals: Iterable[Instant], rate: Rate | None, now: Instant) -> Iterator[Event]:
    """Yield when the next of the counted *arrivals*, oldest first, leaves the window."""
    leaves = (rate.leaves_at(each) for each in arrivals) if rate else ()
    yield from (Event(at, "window") for at in islice((at for at in leaves if at > now), 1))
