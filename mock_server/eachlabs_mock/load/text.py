"""Formats the metrics of a load run as text, for the terminal and for the page."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from eachlabs_mock.console import printable
from eachlabs_mock.load.counters import Counters, total
from eachlabs_mock.load.metrics import Latency, Metrics

SHOWN = 5
"""Maximum number of different refusals or errors in a list."""


def progress_line(counters: Counters, seconds: int) -> str:
    """Return the progress over the last *seconds* complete seconds of *counters*, which must not be empty."""
    first, last = min(counters.seconds), max(counters.seconds)
    complete = (counters.seconds[at].counts for at in range(last - seconds, last) if at in counters.seconds)
    counts = sum(complete, Counter())
    refused, errors = total(counts, "refused:"), total(counts, "error:")
    return (
        f"eachlabs-mock: {last - first:4} s: {counts['answered'] / seconds:.1f} requests per second answered, "
        f"{refused / seconds:.1f} refused, {errors / seconds:.1f} errors; "
        f"{counts['done'] * 60 / seconds:.0f} predictions per minute"
    )


def headline(metrics: Metrics) -> str:
    """Return the result of the run in one sentence."""
    requests = "1 request" if metrics.requests == 1 else f"{metrics.requests:,} requests"
    if errors := sum(metrics.errors.values()):
        return f"{errors:,} error{'s' * (errors != 1)} in {requests}"
    if refused := sum(metrics.refused.values()):
        return f"{refused / metrics.requests:.1%} of {requests} {'was' if metrics.requests == 1 else 'were'} refused"
    return "The only request was answered" if metrics.requests == 1 else f"All {requests} were answered"


def rows(metrics: Metrics) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each metric."""
    yield "requests", f"{metrics.requests:,} in {metrics.seconds} s; {metrics.per_second:,.1f} per second answered"
    yield "refused (429)", _listed(metrics.refused)
    yield "errors", _listed(metrics.errors)
    ends = f"{metrics.done:,} done, {metrics.failed:,} failed, {metrics.lost:,} lost, {metrics.unfinished:,} unfinished"
    yield "predictions", f"{metrics.created:,} created: {ends}"
    yield "throughput", f"{metrics.done_per_minute:,.1f} predictions per minute"
    for kind, latency in metrics.latencies.items():
        yield f"latency, {kind}", _latency(latency)
    users = f"{metrics.users} user{'s' * (metrics.users != 1)}"
    yield "in flight", f"{metrics.in_flight_mean:.1f} on average, {metrics.in_flight_peak} at most, {users}"
    if metrics.created:
        yield "per prediction", f"{metrics.requests / metrics.created:.1f} requests"
    yield "spend", _spend(metrics.spend, metrics.spend_per_minute)


def _latency(latency: Latency) -> str:
    return f"p50 {latency.p50:,} ms, p95 {latency.p95:,} ms, p99 {latency.p99:,} ms, max {latency.max:,} ms"


def _spend(spend: Decimal | None, per_minute: Decimal | None) -> str:
    if spend is None or per_minute is None:
        return "unknown: the model has no known price"
    return f"{spend} USD, {per_minute:.2f} USD per minute"


def _listed(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{number:,} {printable(name)}" for name, number in most[:SHOWN]]
    return "; ".join([*shown, *(["others"] if len(most) > SHOWN else [])]) or "none"
