"""Manners towards the limits: what a caller does who is told to wait."""

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
"""Statuses that ask for patience."""

GRACE: Final = 50
"""Milliseconds by which a timer may be early."""

REACTION: Final = 500
"""Milliseconds in which one thread's refusal need not be known to the others."""

LONG: Final = 30_000
"""Milliseconds: who waits so long need not wait longer still."""


@manner(
    "limits.retry-after",
    "Who is told by Retry-After to wait sends nothing before the wait is over.",
    why="every request before that is refused as well, and a service that is asked to slow down may shut a key out",
    right="hold back every call with that key until the wait is over; Retry-After is in seconds, or an HTTP date",
)
def retry_after(journal: Journal) -> Observations:
    """Looks for calls that arrived after a refusal with Retry-After was answered, and before its wait was over.

    The refused request itself is held back at once, others from half a second later: another thread must hear of it
    first. A create refused because too many predictions are in flight holds back nothing but itself: those in flight
    are polled on, and another may take the slot that falls free.
    """
    for refusal in _refusals(journal):
        over = patience(refusal)
        if over is None:
            continue
        held = _held_back(journal, refusal)
        early = next((each for each in held if arrival_time(each) < over - GRACE), None)
        if not early:
            yield None
            continue
        asked = f"{event_name(refusal)} was answered {refusal.status} and asked for patience until {clock_time(over)}"
        left = (over - arrival_time(early)) / MILLIS
        yield Violation(f"{asked}; {event_name(early)} came {left:g} s too early", (refusal, early))


@manner(
    "limits.backoff",
    "Who is refused without Retry-After waits longer each time.",
    level=Level.SHOULD,
    why="callers who all come back at a fixed pace keep a busy service busy, and use up the limit with refusals",
    right="double the wait after each refusal, from a second up to half a minute or so, with a little chance in it",
)
def backoff(journal: Journal) -> Observations:
    """Compares the waits after refusals in a row (429, 503) of one request: the later with the earlier."""
    for row in _rows(journal):
        waits = [arrival_time(later) - earlier.at for earlier, later in pairwise(row)]
        if len(waits) < 2 or journal.is_still:  # noqa: PLR2004  # the fewest that can be compared
            continue
        if is_growing(waits) or min(waits) >= LONG:
            yield None
            continue
        told = ", ".join(f"{wait / MILLIS:g}" for wait in waits[:5])
        yield Violation(
            f"{event_name(row[0])} was answered {answer_summary(row[0])}, and sent again after {told} s", tuple(row)
        )


def _refusals(journal: Journal) -> Iterator[Exchange]:
    return (each for each in api_calls(journal) if each.status in BUSY)


def _held_back(journal: Journal, refusal: Exchange) -> Iterator[Exchange]:
    """Go through the later calls that *refusal* was about; those at its very instant say nothing on a still clock."""
    itself_only = _is_about_slots(journal, refusal)
    for each in api_calls(journal):
        if not follows(each, refusal) or (journal.is_still and arrival_time(each) == refusal.at):
            continue
        if _same(each, refusal) or (not itself_only and arrival_time(each) >= refusal.at + REACTION):
            yield each


def _is_about_slots(journal: Journal, refusal: Exchange) -> bool:
    cap, at = journal.limits.in_flight, refusal.at
    in_flight = (each for each in journal.predictions if each.created_at <= at)
    running = sum(each.ends_at is None or each.ends_at > at for each in in_flight)
    return is_create(refusal) and cap is not None and running >= cap


def _same(one: Exchange, other: Exchange) -> bool:
    return _identity(one) == _identity(other)


def _identity(exchange: Exchange) -> tuple[str, str, bytes]:
    return exchange.request.method, exchange.request.path, exchange.request.body


def _rows(journal: Journal) -> Iterator[list[Exchange]]:
    """Go through the refusals without Retry-After that one request met in a row, each row with the try after it."""
    rows: dict[tuple[str, str, bytes], list[Exchange]] = {}
    for each in api_calls(journal):
        row = rows.setdefault(_identity(each), [])
        row.append(each)
        if each.status not in BUSY or patience(each) is not None:
            yield rows.pop(_identity(each))
    yield from rows.values()


MANNERS: Final[tuple[Manner, ...]] = (retry_after, backoff)
