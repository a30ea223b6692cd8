"""Writes a run down: for a terminal, for the README, and for machines."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.machine import Machine
from bench.samples import BASELINE, FAILED, NO_LANE, OURS, SUBJECTS, Row, failures

HEAD = ("measure", "unit", "ours", "baseline", "ratio", "no lane", "ratio")
LEGEND = """\
ours: eachlabs-mock, limits and log off; no lane: the same with --no-lane. ratio: to the baseline; more is better for
requests/s, less for all else. The baseline over HTTP is a minimal Flask app with canned answers on the same server and
threads; for memory per prediction, that app keeping each parsed body in a dict; for images, Pillow encoding a plain
gradient of the same size, mode and encoder settings. Loopback, keep-alive; CPU is the server's; memory is the
proportional set size of all its processes."""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: where, how, and what."""

    machine: Machine
    rounds: int
    seconds: int
    rows: Sequence[Row]


def as_text(report: Report) -> str:
    """Return an aligned table with its heading and its legend."""
    lines = [HEAD, *_cells(report)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    aligned = (
        "  ".join(cell.ljust(width) if number < 2 else cell.rjust(width) for number, (cell, width) in enumerate(pairs))
        for pairs in (zip(line, widths, strict=True) for line in lines)
    )
    return "\n".join([_heading(report), "", *(line.rstrip() for line in aligned), "", LEGEND])


def as_markdown(report: Report) -> str:
    """Return the same for the README."""
    rule = ["---", "---", *["---:"] * (len(HEAD) - 2)]
    lines = [f"| {' | '.join(line)} |" for line in (HEAD, rule, *_cells(report))]
    return "\n".join([_heading(report), "", *lines, "", LEGEND, ""])


def as_json(report: Report) -> dict[str, Any]:
    """Return every sample, median and ratio, unrounded."""
    return {
        "machine": asdict(report.machine),
        "rounds": report.rounds,
        "seconds": report.seconds,
        "failures": failures(report.rows),
        "measures": [{"measure": row.measure, "unit": row.unit, **_of_subjects(row)} for row in report.rows],
    }


def _of_subjects(row: Row) -> dict[str, Any]:
    return {
        subject.replace(" ", "_"): {
            "median": row.median(subject),
            "ratio": row.ratio(subject),
            "samples": list(row.values[subject]),
        }
        for subject in SUBJECTS
        if subject in row.values
    }


def _heading(report: Report) -> str:
    machine = report.machine
    return (
        f"{machine.date}, Python {machine.python}, {machine.cpu}, {machine.cores} cores, load {machine.load:g};"
        f" medians of interleaved rounds: {report.rounds}; seconds a load: {report.seconds}"
    )


def _cells(report: Report) -> Iterable[tuple[str, ...]]:
    for row in report.rows:
        if row.unit == FAILED and not any(map(any, row.values.values())):
            continue
        figures = row.median(OURS), row.median(BASELINE), row.ratio(OURS), row.median(NO_LANE), row.ratio(NO_LANE)
        yield row.measure, row.unit, *map(_figure, figures)


def _figure(value: float | None) -> str:
    """Return three digits or so, since there is no more in a measurement of this kind."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
