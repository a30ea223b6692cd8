"""Manners about limits: how a caller waits after a refusal."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from eachlabs_contract.history import TOO_MANY, Exchange, Journal, is_create
from eachlabs_contract.manners.manner import Manner, Observations, manner
from eachlabs_contract.manners.pace import is_growing
from eachlabs_contract.manners.traffic import (
    answer_summary,
    api_calls,
    arrival_time,
    clock_time,
    event_name,
    follows,
    patience,
)
from eachlabs_contract.spec import MILLIS, Level
from eachlabs_contract.verdict import Violation

BUSY: Final = frozenset({TOO_MANY, 503})
"""Statuses that ask the caller to wait."""

GRACE: Final = 50
"""Milliseconds by which a timer may fire early."""

REACTION: Final = 500
"""Milliseconds until the other threads of a caller must know of a refusal."""

LONG: Final = 30_000
"""Milliseconds after which a wait need not grow any more."""


@manner(
    "limits.retry-after",
    "The caller waits as long as Retry-After says before it sends another request.",
    why="the service refuses every earlier request as well, and may block the key",
    right="pause every call with that key until the wait is over; Retry-After is in seconds, or an HTTP date",
)
def retry_after(journal: Journal) -> Observations:
    """Looks for calls between a refusal with Retry-After and the end of the wait.

    The refused request must pause at once, others after half a second, when other threads know of the refusal. If a
    create was refused because too many predictions are in flight, only that create must pause: polls go on.
    """
    for refusal in _refusals(journal):
        over = patience(refusal)
        if over is None:
            continue
        held = _held_back(journal, refusal)
        early = next((call for call in held if arrival_time(call) < over - GRACE), None)
        if not early:
            yield None
            continue
        wait = f"{event_name(refusal)} was answered {refusal.status}, with a wait until {clock_time(over)}"
        left = (over - arrival_time(early)) / MILLIS
        yield Violation(f"{wait}; {event_name(early)} came {left:g} s too early", (refusal, early))


@manner(
    "limits.backoff",
    "The caller waits longer after each refusal without Retry-After.",
    level=Level.SHOULD,
    why="callers that retry at a fixed pace keep a busy service busy, and spend their limit on refusals",
    right="double the wait after each refusal, from one second up to about 30 seconds, with some random jitter",
)
def backoff(journal: Journal) -> Observations:
    """Compares the waits between consecutive refusals (429, 503) of one request: later waits with earlier ones."""
    for row in _rows(journal):
        waits = [arrival_time(later) - earlier.at for earlier, later in pairwise(row)]
        if len(waits) < 2 or journal.is_still:  # noqa: PLR2004  # the fewest that can be compared
            continue
        if is_growing(waits) or min(waits) >= LONG:
            yield None
            continue
        seconds = ", ".join(f"{wait / MILLIS:g}" for wait in waits[:5])
        done = f"{event_name(row[0])} {answer_summary(row[0])}, and was sent again after {seconds} s"
        yield Violation(done, tuple(row))


def _refusals(journal: Journal) -> Iterator[Exchange]:
    return (call for call in api_calls(journal) if call.status in BUSY)


def _held_back(journal: Journal, refusal: Exchange) -> Iterator[Exchange]:
    """Yield the later calls that *refusal* concerns; on a still clock, calls at the same instant prove nothing."""
    itself_only = _is_about_slots(journal, refusal)
    for call in api_calls(journal):
        if not follows(call, refusal) or (journal.is_still and arrival_time(call) == refusal.at):
            continue
        if _identity(call) == _identity(refusal) or (not itself_only and arrival_time(call) >= refusal.at + REACTION):
            yield call


def _is_about_slots(journal: Journal, refusal: Exchange) -> bool:
    cap, at = journal.limits.in_flight, refusal.at
    created = (prediction for prediction in journal.predictions if prediction.created_at <= at)
    running = sum(prediction.ends_at is None or prediction.ends_at > at for prediction in created)
    return is_create(refusal) and cap is not None and running >= cap


def _identity(exchange: Exchange) -> tuple[str, str, bytes]:
    return exchange.request.method, exchange.request.path, exchange.request.body


def _rows(journal: Journal) -> Iterator[list[Exchange]]:
    """Yield rows of consecutive refusals of one request without Retry-After, each with the attempt after them."""
    rows: dict[tuple[str, str, bytes], list[Exchange]] = {}
    for call in api_calls(journal):
        row = rows.setdefault(_identity(call), [])
        row.append(call)
        if call.status not in BUSY or patience(call) is not None:
            yield rows.pop(_identity(call))
    yield from rows.values()


MANNERS: Final[tuple[Manner, ...]] = (retry_after, backoff)
