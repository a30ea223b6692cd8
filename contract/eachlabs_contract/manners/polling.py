"""Manners of polling: how often a prediction is asked for, and until when."""

from collections.abc import Sequence
from typing import Final

from eachlabs_contract.history import Journal
from eachlabs_contract.manners.manner import Manner, Observations, manner
from eachlabs_contract.manners.pace import busiest, fitting_interval, gaps, is_growing, usual
from eachlabs_contract.manners.traffic import (
    arrival_time,
    event_name,
    looks,
    polls_by_prediction,
    short_ids,
    tells_end,
)
from eachlabs_contract.spec import MILLIS, Level
from eachlabs_contract.verdict import Violation

ENOUGH: Final = 2
"""Waits between polls of a prediction from which its caller's pace can be told."""

Span = tuple[int, int]


@manner(
    "polls.budget",
    "Polling alone never needs more requests than the limit allows.",
    why="polls count against the limit of requests, so that creates, and the polls of everything else, are refused",
    right="poll each prediction less often the more of them are followed at once, or let webhooks tell their ends",
)
def budget(journal: Journal) -> Observations:
    """Counts the polls, refused ones too, within the busiest window of the limit."""
    asked = sorted(
        (each.exchange for reads in polls_by_prediction(journal).values() for each in reads), key=arrival_time
    )
    limit, window = journal.limits.requests, journal.limits.window
    if limit is None or not asked or journal.is_still:
        return
    first, end = busiest([arrival_time(each) for each in asked], window)
    done = (
        f"{end - first} polls came within {window / MILLIS:g} s, where the limit is {limit} requests of any kind; "
        f"the first is {event_name(asked[first])}, the last {event_name(asked[end - 1])}"
    )
    yield Violation(done, (asked[first], asked[end - 1])) if end - first > limit else None


@manner(
    "polls.interval",
    "A poll loop leaves room under the limit for all that is followed at once.",
    level=Level.SHOULD,
    why="at that pace the limit of requests is reached within one window, and the predictions wait for one another",
    right="wait longer between two polls, and longer the more predictions are followed at once; growing waits are best",
)
def interval(journal: Journal) -> Observations:
    """Takes the middle one of the waits between the polls of a prediction; where they grow, counts polls in a window.

    It is held against the interval at which as many predictions as were followed then fit under the limit, a create
    each included. Two polls at the very same instant, where a clock stands still, say nothing.
    """
    if journal.limits.requests is None or journal.is_still:
        return
    followed = {name: [read.exchange for read in reads] for name, reads in polls_by_prediction(journal).items()}
    spans = {name: (arrival_time(asked[0]), arrival_time(asked[-1])) for name, asked in followed.items()}
    for name, asked in followed.items():
        at_once = _at_once(spans[name], list(spans.values()))
        fits = fitting_interval(journal.limits, at_once)
        instants = [arrival_time(each) for each in asked]
        if fits is None or len(waits := gaps(instants)) < ENOUGH:
            continue
        pace = _too_fast(instants, waits, fits, journal.limits.window)
        done = (
            f"{short_ids(name)} was polled {pace} ({len(asked)} polls from {event_name(asked[0])} on) while {at_once} "
            f"{'was' if at_once == 1 else 'were'} followed at once; every {fits / MILLIS:g} s would fit"
        )
        yield Violation(done, (asked[0], asked[-1])) if pace else None


@manner(
    "polls.after-the-end",
    "A prediction that told its end is not asked for again.",
    why="an ended prediction never changes, so that each such poll takes a request from the limit and says nothing new",
    right="leave the loop at every final status, success and error alike, and keep the answer",
)
def after_the_end(journal: Journal) -> Observations:
    """Looks for reads that arrived after a read of the same prediction had been answered with its end, whole."""
    for read, end in looks(journal):
        if end:
            yield Violation(
                f"{event_name(read.exchange)} came after {event_name(end)} had told the end", (end, read.exchange)
            )
        elif tells_end(read):
            yield None


def _too_fast(instants: Sequence[int], waits: Sequence[int], fits: int, window: int) -> str:
    """Return in words the pace of polls at *instants*; nothing where it leaves room."""
    if not is_growing(waits):
        pace = usual(waits)
        return f"every {pace / MILLIS:g} s" if pace < fits else ""
    first, end = busiest(instants, window)
    return f"{end - first} times within {window / MILLIS:g} s" if (end - first - 1) * fits >= window else ""


def _at_once(span: Span, spans: Sequence[Span]) -> int:
    """Return how many of *spans* share an instant with each other and with *span*, at most."""
    first, last = span
    near = [each for each in spans if each[0] <= last and each[1] >= first]
    starts = [max(start, first) for start, _ in near]
    return max(sum(begin <= at <= end for begin, end in near) for at in starts)


MANNERS: Final[tuple[Manner, ...]] = (budget, interval, after_the_end)
