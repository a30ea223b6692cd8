"""The coming events of a world, computed from its records. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.prediction import Prediction, Status, next_change, status_at


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that will happen at a known time.

    :param kind: `status`: a prediction changes its status; `webhook`: an attempt is due; `window`: a counted request
        leaves the rate window; `expiry`: an output expires.
    :param prediction_id: the prediction that it belongs to; empty for `window`.
    """

    at: Instant
    kind: Literal["status", "webhook", "window", "expiry"]
    prediction_id: str = ""


def changes(predictions: Iterable[Prediction], now: Instant) -> Iterator[Event]:
    """Yield the next status change of each prediction that has one."""
    for prediction in predictions:
        if (at := next_change(prediction, now)) is not None:
            yield Event(at, "status", prediction.id)


def expiries(predictions: Iterable[Prediction], expiry: int) -> Iterator[Event]:
    """Yield the expiry of the output of each prediction, *expiry* milliseconds after its success."""
    for prediction in predictions:
        if (at := prediction.ends_at) is not None and status_at(prediction, at) is Status.SUCCESS:
            yield Event(at + expiry, "expiry", prediction.id)


def departures(arrivals: Iterable[Instant], rate: Rate | None, now: Instant) -> Iterator[Event]:
    """Yield when the next of the counted *arrivals*, oldest first, leaves the window; at most one event."""
    leaves = (rate.leaves_at(arrival) for arrival in arrivals) if rate else ()
    yield from (Event(at, "window") for at in islice((at for at in leaves if at > now), 1))
