"""What a tally says: one line of sums, and lines over time to draw. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from operator import itemgetter

from eachlabs_mock.load.counters import Second, Tally, percentile, summed, total

STEPS = (1, 2, 5, 10, 15, 30, 60)
"""Seconds that one point of a line may stand for."""

MOST_POINTS = 60
"""In a line; more than that cannot be told apart on a telephone."""

ENDS = ("done", "failed", "lost")
"""What becomes of a prediction."""

Line = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds in which so many requests of one kind were answered."""

    requests: int
    p50: int
    p95: int
    p99: int
    max: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A run in figures.

    :param seconds: from its first second to its last.
    :param refused: 429s by what they said.
    :param errors: everything else that went wrong, by what it was.
    :param lost: predictions that nobody knew any more, or whose webhook did not come.
    :param unfinished: their user went before they ended, at the end of the run or when users became fewer.
    :param spend: USD for the predictions that are done; None: the price is not known.
    :param times: the second at which each point of the lines begins.
    :param lines: by picture and name.
    """

    seconds: int
    users: int
    requests: int
    answered: int
    refused: Mapping[str, int]
    errors: Mapping[str, int]
    created: int
    done: int
    failed: int
    lost: int
    unfinished: int
    in_flight_peak: int
    in_flight_mean: float
    latencies: Mapping[str, Latency]
    spend: Decimal | None
    times: Sequence[int]
    lines: Mapping[str, Mapping[str, Line]]

    @property
    def per_second(self) -> float:
        """Requests that were answered with what was asked for, per second."""
        return self.answered / self.seconds

    @property
    def done_per_minute(self) -> float:
        """Predictions that were done, per minute."""
        return self.done * 60 / self.seconds

    @property
    def spend_per_minute(self) -> Decimal | None:
        """USD per minute."""
        return None if self.spend is None else self.spend * 60 / self.seconds


def figures(tally: Tally, price: Decimal | None, longest: int) -> Figures | None:
    """Return the figures of *tally*; None: nothing was asked.

    :param price: USD for one prediction that is done; None: not known.
    :param longest: seconds that the run was to take.
    """
    if not any(total(each.counts, "ask:") for each in tally.seconds.values()):
        return None
    span = _span(tally, longest)
    counts = sum((each.counts for each in span), Counter[str]())
    in_flight, users = _in_flight(span), _users(span)
    return Figures(
        seconds=len(span),
        users=max(users),
        requests=total(counts, "ask:"),
        answered=counts["answered"],
        refused=_named(counts, "refused:"),
        errors=_named(counts, "error:"),
        created=counts["created"],
        done=counts["done"],
        failed=counts["failed"],
        lost=counts["lost"],
        unfinished=counts["created"] - sum(counts[name] for name in ENDS),
        in_flight_peak=max(in_flight),
        in_flight_mean=sum(in_flight) / len(span),
        latencies={kind: _latency(found) for kind, found in sorted(_times(span).items())},
        spend=None if price is None else price * counts["done"],
        times=list(range(0, len(span), step_of(len(span)))),
        lines=_lines(span, in_flight, users, price),
    )


def step_of(seconds: int) -> int:
    """Return how many of *seconds* one point of a line stands for."""
    return next((each for each in STEPS if seconds <= each * MOST_POINTS), STEPS[-1])


def _span(tally: Tally, longest: int) -> list[Second]:
    """Return the seconds of a run, in order; what came after its end, while it was being ended, is in its last one."""
    first, last = min(tally.seconds), max(tally.seconds)
    span = [Second() for _ in range(min(last - first + 1, longest))]
    for second, each in tally.seconds.items():
        span[min(second - first, len(span) - 1)].add(each)
    return span


def _in_flight(span: Iterable[Second]) -> list[int]:
    """Return how many predictions were in flight at the end of each second, as far as their users knew.

    Those abandoned within it, because their user went, are among them: at the end of the run everybody goes.
    """
    now, found = 0, []
    for each in span:
        now += each.counts["created"] - sum(each.counts[name] for name in ENDS)
        found.append(now)
        now -= each.counts["abandoned"]
    return found


def _users(span: Iterable[Second]) -> list[int]:
    """Return how many users there were in each second, those who left within it among them."""
    present = accumulate((each.counts["came"] - each.counts["left"] for each in span), initial=0)
    return [there + each.counts["came"] for there, each in zip(present, span, strict=False)]


def _named(counts: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): number for name, number in sorted(counts.items()) if name.startswith(prefix)}


def _times(span: Sequence[Second]) -> dict[str, Counter[int]]:
    kinds = {kind for each in span for kind in each.times}
    return {kind: summed(each.times.get(kind, Counter()) for each in span) for kind in kinds}


def _latency(times: Counter[int]) -> Latency:
    return Latency(times.total(), *(percentile(times, each) for each in (0.5, 0.95, 0.99, 1.0)))


def _lines(
    span: Sequence[Second], in_flight: Sequence[int], users: Sequence[int], price: Decimal | None
) -> dict[str, Mapping[str, Line]]:
    step = step_of(len(span))
    parts = [span[at : at + step] for at in range(0, len(span), step)]

    def per(unit: float, number: Callable[[Counter[str]], float]) -> Line:
        return [sum(number(each.counts) for each in part) * unit / len(part) for part in parts]

    done = per(60, lambda counts: counts["done"])
    return {
        "requests": {
            "achieved": per(1, lambda counts: counts["answered"]),
            "refused": per(1, lambda counts: total(counts, "refused:")),
            "errors": per(1, lambda counts: total(counts, "error:")),
        },
        "throughput": {"done": done, "failed or lost": per(60, lambda counts: counts["failed"] + counts["lost"])},
        "latency": _latency_lines(parts),
        "refusals": {each: per(1, itemgetter(f"refused:{each}")) for each in _refusals(span)},
        "in_flight": {"in flight": in_flight[::step], "users": users[::step]},
        "cost": {} if price is None else {"USD": [float(price) * (each or 0) for each in done]},
    }


def _refusals(span: Iterable[Second]) -> list[str]:
    return sorted({name for each in span for name in _named(each.counts, "refused:")})


def _latency_lines(parts: Sequence[Sequence[Second]]) -> dict[str, Line]:
    every = [summed(times for each in part for times in each.times.values()) for part in parts]
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: [percentile(each, share) if each else None for each in every] for name, share in shares.items()}
