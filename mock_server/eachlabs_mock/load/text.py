"""Says the figures of a run in words: rows of a name and a text, for the terminal and for the page alike."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from eachlabs_mock.console import printable
from eachlabs_mock.load.metrics import Figures, Latency

SHOWN = 5
"""Different refusals or errors that are listed."""


def headline(found: Figures) -> str:
    """Return the conclusion in a few words."""
    share = sum(found.refused.values()) / found.requests
    if errors := sum(found.errors.values()):
        return f"{errors:,} {'error' if errors == 1 else 'errors'} in {found.requests:,} requests"
    if found.refused:
        return f"{share:.1%} of {found.requests:,} requests were refused"
    return f"All {found.requests:,} requests were answered"


def rows(found: Figures) -> Iterator[tuple[str, str]]:
    """Yield each figure with its name."""
    yield "requests", f"{found.requests:,} in {found.seconds} s; {found.per_second:,.1f} a second achieved"
    yield "refused (429)", _listed(found.refused)
    yield "errors", _listed(found.errors)
    ended = f"{found.done:,} done, {found.failed:,} failed, {found.lost:,} lost, {found.unfinished:,} unfinished"
    yield "predictions", f"{found.created:,} created: {ended}"
    yield "throughput", f"{found.done_per_minute:,.1f} predictions a minute"
    for kind, each in found.latencies.items():
        yield f"latency, {kind}", latency(each)
    yield "in flight", f"{found.in_flight_mean:.1f} on average, {found.in_flight_peak} at most, {found.users} users"
    if found.created:
        yield "requests each", f"{found.requests / found.created:.1f} for each prediction"
    yield "spend", _spend(found.spend, found.spend_per_minute)


def latency(each: Latency) -> str:
    """Return a latency in a line."""
    return f"p50 {each.p50:,} ms, p95 {each.p95:,} ms, p99 {each.p99:,} ms, max {each.max:,} ms"


def _spend(spend: Decimal | None, per_minute: Decimal | None) -> str:
    if spend is None or per_minute is None:
        return "unknown: the model has no known price"
    return f"{spend} USD, {per_minute:.2f} USD a minute"


def _listed(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    shown = [f"{number:,} {printable(name)}" for name, number in most[:SHOWN]]
    return "; ".join([*shown, *(["others"] if len(most) > SHOWN else [])]) or "none"
