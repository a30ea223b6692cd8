"""Says what a simulation has found: a table for people, and a document for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import orjson

from eachlabs_mock.core import MILLIS
from eachlabs_mock.settings import as_json
from eachlabs_mock.simulation.recommendation import Advice
from eachlabs_mock.simulation.results import Answer
from eachlabs_mock.simulation.spread import Spread
from eachlabs_mock.simulation.workload import Question

ASKED = ("seed", "duration", "rate_limit", "max_in_flight", "window", "count", "count_refused", "retry_after", "charge")
"""The settings that an answer depends on."""

DIGITS = 6
"""Figures of the document are rounded to so many decimals: what is behind them is noise of the arithmetic."""


def lines(found: Answer, advice: Advice | None) -> Iterator[str]:
    """Yield the table."""
    for name, text in _rows(found, advice):
        yield f"{name:<22}{text}".rstrip()
    if advice is None:
        return
    yield ""
    yield advice.text
    if advice.trial is not None:
        yield f"Tried, {advice.flags}: {_outcome(advice.trial)}."


def heading(question: Question) -> str:
    """Return what was asked, in a line."""
    asked = {name: as_json(name, question.settings) for name in ("rate_limit", "max_in_flight", "duration")}
    look = "webhooks" if question.poll is None else f"a poll every {question.poll / MILLIS:g} s"
    return (
        f"{question.workers} workers, {question.minutes:g} minutes, {question.arrivals.text}, {look}; "
        f"rate {asked['rate_limit']}, cap {asked['max_in_flight']}, duration {asked['duration']}; seed {question.seed}"
    )


def document(question: Question, found: Answer, advice: Advice | None) -> bytes:
    """Return everything as JSON, the same bytes for the same question."""
    asked = {
        "workers": question.workers,
        "minutes": question.minutes,
        "arrivals": question.arrivals.text,
        "evenly": question.arrivals.evenly,
        "poll": None if question.poll is None else question.poll / MILLIS,
        "model": question.model,
        **{name: as_json(name, question.settings) for name in ASKED},
        "seed": question.seed,
    }
    said = {"asked": asked, "found": _plain(found), "advice": advice and _plain(advice)}
    return orjson.dumps(_rounded(said), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _rows(found: Answer, advice: Advice | None) -> Iterator[tuple[str, str]]:
    jobs, requests = found.jobs, found.requests
    yield (
        "jobs",
        f"{jobs.arrived:,} came: {jobs.done:,} done, {jobs.with_a_worker:,} with a worker, {jobs.queued:,} queued",
    )
    yield "throughput", f"{found.throughput:.1f} a minute"
    yield "waiting for a worker", _spread(found.waiting)
    yield "arrival to result", _spread(found.result)
    yield "end to result", "-" if found.late is None else f"{found.late:.1f} s on average"
    each = "" if requests.per_prediction is None else f", {requests.per_prediction:.1f} for each prediction"
    yield "requests", f"{requests.sent:,}: {requests.creates:,} creates, {requests.polls:,} polls{each}"
    yield "refused (429)", _refusals(requests.refused)
    yield from _limit_rows(found, advice)
    yield (
        "spend",
        "unknown: the model has no known price; give --price SLUG=USD"
        if found.spend is None
        else (f"{found.spend} USD"),
    )


def _limit_rows(found: Answer, advice: Advice | None) -> Iterator[tuple[str, str]]:
    if (share := found.share) is not None:
        used = f"{share.mean:.0%} on average, {share.polls:.0%} by polls; fullest window {share.peak:.0%}"
        yield "rate limit used", used
    yield "in flight", f"{found.in_flight_mean:.1f} on average, {found.in_flight_peak} at most"
    yield "busy workers", f"{found.busy:.1f} on average"
    if advice is not None:
        bears = (f"{name} {'off' if most is None else f'{most:.1f}'}" for name, most in advice.ceilings.items())
        yield "ceilings, a minute", ", ".join(bears)


def _spread(figures: Spread | None) -> str:
    if figures is None:
        return "-"
    return f"median {figures.median:.1f} s, p95 {figures.p95:.1f} s, max {figures.max:.1f} s"


def _refusals(refused: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {key}" for key, number in refused.items()) or "none"


def _outcome(trial: Answer) -> str:
    return (
        f"{trial.throughput:.1f} a minute, {sum(trial.requests.refused.values()):,} refused, "
        f"arrival to result {_spread(trial.result)}"
    )


def _plain(value: Answer | Advice) -> dict[str, Any]:
    return asdict(value)


def _rounded(value: Any) -> Any:  # noqa: ANN401  # JSON is Any
    match value:
        case dict():
            return {name: _rounded(each) for name, each in value.items()}
        case list() | tuple():
            return [_rounded(each) for each in value]
        case float():
            return round(value, DIGITS)
        case Decimal():
            return str(value)
    return value
