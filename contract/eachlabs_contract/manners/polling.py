"""Manners about polling: how often and until when a caller polls."""

from collections.abc import Sequence
from typing import Final

from eachlabs_contract.history import Journal
from eachlabs_contract.manners.manner import Manner, Observations, manner
from eachlabs_contract.manners.pace import busiest, fitting_interval, gaps, is_growing, usual
from eachlabs_contract.manners.traffic import arrival_time, event_name, looks, polls_by_prediction, short_ids, tells_end
from eachlabs_contract.spec import MILLIS, Level
from eachlabs_contract.verdict import Violation

ENOUGH: Final = 2
"""Fewest waits between polls of a prediction that show its caller's pace."""

Span = tuple[int, int]


@manner(
    "polls.budget",
    "The caller's polls alone never exceed the request limit.",
    why="polls count against the request limit, so the service refuses creates and other polls",
    right="poll each prediction less often when more of them run at once, or use webhooks",
)
def budget(journal: Journal) -> Observations:
    """Counts the polls, including refused ones, in the busiest window of the limit."""
    reads = (read.exchange for reads in polls_by_prediction(journal).values() for read in reads)
    polls = sorted(reads, key=arrival_time)
    limit, window = journal.limits.requests, journal.limits.window
    if limit is None or not polls or journal.is_still:
        return
    first, end = busiest([arrival_time(poll) for poll in polls], window)
    done = (
        f"{end - first} polls within {window / MILLIS:g} s, where the limit is {limit} requests of any kind; "
        f"the first is {event_name(polls[first])}, the last {event_name(polls[end - 1])}"
    )
    yield Violation(done, (polls[first], polls[end - 1])) if end - first > limit else None


@manner(
    "polls.interval",
    "The caller polls slowly enough that all its current predictions fit under the request limit.",
    level=Level.SHOULD,
    why="at that pace the caller reaches the request limit within one window, and its predictions wait for one another",
    right="wait longer between polls, and longer still for more predictions at once, and increase the waits",
)
def interval(journal: Journal) -> Observations:
    """Compares the median wait between polls with the shortest interval that fits; if waits grow, counts the polls.

    That interval depends on the number of predictions that were polled at the same time, and includes their creates.
    Polls at the same instant on a still clock are ignored.
    """
    if journal.limits.requests is None or journal.is_still:
        return
    polls_by_name = {name: [read.exchange for read in reads] for name, reads in polls_by_prediction(journal).items()}
    spans = {name: (arrival_time(polls[0]), arrival_time(polls[-1])) for name, polls in polls_by_name.items()}
    for name, polls in polls_by_name.items():
        at_once = _at_once(spans[name], list(spans.values()))
        fits = fitting_interval(journal.limits, at_once)
        instants = [arrival_time(poll) for poll in polls]
        if fits is None or len(waits := gaps(instants)) < ENOUGH:
            continue
        pace = _too_fast(instants, waits, fits, journal.limits.window)
        done = (
            f"{short_ids(name)} was polled {pace} ({len(polls)} polls from {event_name(polls[0])} on), with {at_once} "
            f"{'prediction' if at_once == 1 else 'predictions'} at once; every {fits / MILLIS:g} s would fit"
        )
        yield Violation(done, (polls[0], polls[-1])) if pace else None


@manner(
    "polls.after-the-end",
    "The caller stops polling a prediction when a poll has shown its end.",
    why="an ended prediction never changes, so another poll uses up the limit and shows nothing new",
    right="leave the poll loop at every final status, success or error, and keep the response",
)
def after_the_end(journal: Journal) -> Observations:
    """Looks for reads of a prediction after a complete response with its end."""
    for read, end in looks(journal):
        if end:
            done = f"{event_name(read.exchange)} came after {event_name(end)}, which had shown the end"
            yield Violation(done, (end, read.exchange))
        elif tells_end(read):
            yield None


def _too_fast(instants: Sequence[int], waits: Sequence[int], fits: int, window: int) -> str:
    """Return the pace of polls at *instants* in words; empty if it is slow enough."""
    if not is_growing(waits):
        pace = usual(waits)
        return f"every {pace / MILLIS:g} s" if pace < fits else ""
    first, end = busiest(instants, window)
    return f"{end - first} times within {window / MILLIS:g} s" if (end - first - 1) * fits >= window else ""


def _at_once(span: Span, spans: Sequence[Span]) -> int:
    """Return the largest number of *spans* that share an instant within *span*."""
    first, last = span
    near = [(begin, end) for begin, end in spans if begin <= last and end >= first]
    starts = [max(start, first) for start, _ in near]
    return max(sum(begin <= at <= end for begin, end in near) for at in starts)


MANNERS: Final[tuple[Manner, ...]] = (budget, interval, after_the_end)
