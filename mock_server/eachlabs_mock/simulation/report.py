"""Formats the results of a simulation: a table for people and a JSON document for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import orjson

from eachlabs_mock.core import MILLIS
from eachlabs_mock.settings import as_json
from eachlabs_mock.simulation.recommendation import LIMITS, Recommendation
from eachlabs_mock.simulation.results import Distribution, Results
from eachlabs_mock.simulation.workload import Workload

SETTINGS = (
    "seed",
    "duration",
    "rate_limit",
    "max_in_flight",
    "window",
    "count",
    "count_refused",
    "retry_after",
    "charge",
)
"""The settings that the results depend on."""

DIGITS = 6
"""Decimals of the numbers in the document; further ones are rounding noise."""


def heading(workload: Workload) -> str:
    """Return the workload in one line."""
    settings = {name: as_json(name, workload.settings) for name in ("rate_limit", "max_in_flight", "duration")}
    workers = f"{workload.workers} worker{'s' * (workload.workers != 1)}"
    minutes = f"{workload.minutes:g} minute{'s' * (workload.minutes != 1)}"
    ends = "webhooks" if workload.poll is None else f"a poll every {workload.poll / MILLIS:g} s"
    return (
        f"{workers}, {minutes}, arrivals {workload.arrivals.text}, {ends}; rate limit {settings['rate_limit']}, "
        f"in-flight limit {settings['max_in_flight']}, duration {settings['duration']}; seed {workload.seed}"
    )


def lines(results: Results, recommendation: Recommendation | None) -> Iterator[str]:
    """Yield the table and the recommendation."""
    for name, text in _rows(results, recommendation):
        yield f"{name:<22}{text}".rstrip()
    if recommendation is None:
        return
    yield ""
    yield recommendation.text
    if recommendation.trial is not None:
        yield f"Simulated with {recommendation.flags}: {_outcome(recommendation.trial)}."


def document(workload: Workload, results: Results, recommendation: Recommendation | None) -> bytes:
    """Return everything as JSON; the same workload gives the same bytes."""
    asked = {
        "workers": workload.workers,
        "minutes": workload.minutes,
        "arrivals": workload.arrivals.text,
        "evenly": workload.arrivals.evenly,
        "poll": None if workload.poll is None else workload.poll / MILLIS,
        "model": workload.model,
        **{name: as_json(name, workload.settings) for name in SETTINGS},
        "seed": workload.seed,
    }
    content = {"asked": asked, "found": asdict(results), "advice": recommendation and asdict(recommendation)}
    return orjson.dumps(_rounded(content), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _rows(results: Results, recommendation: Recommendation | None) -> Iterator[tuple[str, str]]:
    jobs, requests = results.jobs, results.requests
    yield (
        "jobs",
        f"{jobs.arrived:,} arrived: {jobs.done:,} done, {jobs.with_a_worker:,} in progress, {jobs.queued:,} queued",
    )
    yield "throughput", f"{results.throughput:.1f} per minute"
    yield "wait for a worker", _percentiles(results.waiting)
    yield "arrival to result", _percentiles(results.result)
    yield "end to result", "-" if results.late is None else f"{results.late:.1f} s on average"
    per_prediction = "" if requests.per_prediction is None else f", {requests.per_prediction:.1f} per prediction"
    yield "requests", f"{requests.sent:,}: {requests.creates:,} creates, {requests.polls:,} polls{per_prediction}"
    yield "refused (429)", _refusals(requests.refused)
    yield from _limit_rows(results, recommendation)
    unknown = "unknown: the model has no known price; set --price SLUG=USD"
    yield "spend", unknown if results.spend is None else f"{results.spend} USD"


def _limit_rows(results: Results, recommendation: Recommendation | None) -> Iterator[tuple[str, str]]:
    if (share := results.share) is not None:
        used = f"{share.mean:.0%} on average, {share.polls:.0%} by polls, {share.peak:.0%} in the fullest window"
        yield "rate limit used", used
    yield "in flight", f"{results.in_flight_mean:.1f} on average, {results.in_flight_peak} at most"
    yield "busy workers", f"{results.busy:.1f} on average"
    if recommendation is not None:
        limits = recommendation.ceilings.items()
        texts = (f"{'off' if allowed is None else f'{allowed:.1f}'} ({LIMITS[name]})" for name, allowed in limits)
        yield "capacity per minute", ", ".join(texts)


def _percentiles(values: Distribution | None) -> str:
    return "-" if values is None else f"median {values.median:.1f} s, p95 {values.p95:.1f} s, max {values.max:.1f} s"


def _refusals(refused: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {key}" for key, number in refused.items()) or "none"


def _outcome(trial: Results) -> str:
    return (
        f"{trial.throughput:.1f} per minute, {sum(trial.requests.refused.values()):,} refused, "
        f"arrival to result {_percentiles(trial.result)}"
    )


def _rounded(value: Any) -> Any:  # noqa: ANN401  # JSON is Any
    match value:
        case dict():
            return {name: _rounded(item) for name, item in value.items()}
        case list() | tuple():
            return [_rounded(item) for item in value]
        case float():
            return round(value, DIGITS)
        case Decimal():
            return str(value)
    return value
