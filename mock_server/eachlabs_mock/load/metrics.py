"""Computes the metrics of a load run from its counters: totals, and lines over time to draw."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from operator import itemgetter

from eachlabs_mock.load.counters import Counters, Second, percentile, total

STEPS = (1, 2, 5, 10, 15, 30, 60)
"""Possible numbers of seconds per point of a line."""

MAX_POINTS = 60
"""Points of a line; more cannot be told apart on a phone."""

ENDS = ("done", "failed", "lost")
"""The possible ends of a prediction."""

Line = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Latency:
    """The response times of one kind of request, in milliseconds."""

    requests: int
    p50: int
    p95: int
    p99: int
    max: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of a run.

    :param seconds: length of the run.
    :param refused: 429s by message.
    :param errors: all other failures, by description.
    :param lost: predictions that the service no longer knew, or whose webhook did not arrive.
    :param unfinished: predictions whose user left before they ended, for example at the end of the run.
    :param spend: USD for the completed predictions; None: the price is unknown.
    :param times: the second at which each point of the lines starts.
    :param lines: by chart and name.
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
        """Successful requests per second."""
        return self.answered / self.seconds

    @property
    def done_per_minute(self) -> float:
        """Completed predictions per minute."""
        return self.done * 60 / self.seconds

    @property
    def spend_per_minute(self) -> Decimal | None:
        """USD per minute."""
        return None if self.spend is None else self.spend * 60 / self.seconds


def compute_metrics(counters: Counters, price: Decimal | None, max_seconds: int) -> Metrics | None:
    """Return the metrics of a run; None: there was no request.

    :param price: USD per completed prediction; None: unknown.
    :param max_seconds: the planned length of the run.
    """
    if not any(total(second.counts, "request:") for second in counters.seconds.values()):
        return None
    span = _span(counters, max_seconds)
    whole = Second()
    for second in span:
        whole.add(second)
    counts, in_flight, users = whole.counts, _in_flight(span), _users(span)
    return Metrics(
        seconds=len(span),
        users=max(users),
        requests=total(counts, "request:"),
        answered=counts["answered"],
        refused=_with_prefix(counts, "refused:"),
        errors=_with_prefix(counts, "error:"),
        created=counts["created"],
        done=counts["done"],
        failed=counts["failed"],
        lost=counts["lost"],
        unfinished=counts["created"] - sum(counts[name] for name in ENDS),
        in_flight_peak=max(in_flight),
        in_flight_mean=sum(in_flight) / len(span),
        latencies={kind: _latency(times) for kind, times in sorted(whole.times.items())},
        spend=None if price is None else price * counts["done"],
        times=list(range(0, len(span), step_of(len(span)))),
        lines=_lines(span, in_flight, users, price),
    )


def step_of(seconds: int) -> int:
    """Return the number of seconds per point in a line over *seconds*."""
    return next((step for step in STEPS if seconds <= step * MAX_POINTS), STEPS[-1])


def _span(counters: Counters, max_seconds: int) -> list[Second]:
    """Return the seconds of a run in order; events while the run was stopping count for its last second."""
    first, last = min(counters.seconds), max(counters.seconds)
    span = [Second() for _ in range(min(last - first + 1, max_seconds))]
    for at, second in counters.seconds.items():
        span[min(at - first, len(span) - 1)].add(second)
    return span


def _in_flight(span: Iterable[Second]) -> list[int]:
    """Return the number of predictions in flight at the end of each second, as seen by the users.

    Predictions whose user left within the second still count in it: all users leave in the last one.
    """
    now, numbers = 0, []
    for second in span:
        now += second.counts["created"] - sum(second.counts[name] for name in ENDS)
        numbers.append(now)
        now -= second.counts["abandoned"]
    return numbers


def _users(span: Iterable[Second]) -> list[int]:
    """Return the number of users in each second, including those that left within it."""
    present = accumulate((second.counts["came"] - second.counts["left"] for second in span), initial=0)
    return [before + second.counts["came"] for before, second in zip(present, span, strict=False)]


def _with_prefix(counts: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): number for name, number in sorted(counts.items()) if name.startswith(prefix)}


def _latency(times: Counter[int]) -> Latency:
    return Latency(times.total(), *(percentile(times, share) for share in (0.5, 0.95, 0.99, 1.0)))


def _lines(
    span: Sequence[Second], in_flight: Sequence[int], users: Sequence[int], price: Decimal | None
) -> dict[str, Mapping[str, Line]]:
    step = step_of(len(span))
    parts = [span[at : at + step] for at in range(0, len(span), step)]

    def per(unit: float, number: Callable[[Counter[str]], float]) -> Line:
        return [sum(number(second.counts) for second in part) * unit / len(part) for part in parts]

    done = per(60, lambda counts: counts["done"])
    refusals = {name for second in span for name in _with_prefix(second.counts, "refused:")}
    return {
        "requests": {
            "achieved": per(1, lambda counts: counts["answered"]),
            "refused": per(1, lambda counts: total(counts, "refused:")),
            "errors": per(1, lambda counts: total(counts, "error:")),
        },
        "throughput": {"done": done, "failed or lost": per(60, lambda counts: counts["failed"] + counts["lost"])},
        "latency": _latency_lines(parts),
        "refusals": {message: per(1, itemgetter(f"refused:{message}")) for message in sorted(refusals)},
        "in_flight": {"in flight": in_flight[::step], "users": users[::step]},
        "cost": {} if price is None else {"USD": [float(price) * (number or 0) for number in done]},
    }


def _latency_lines(parts: Sequence[Sequence[Second]]) -> dict[str, Line]:
    points = [sum((times for second in part for times in second.times.values()), Counter[int]()) for part in parts]
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: [percentile(times, share) if times else None for times in points] for name, share in shares.items()}
