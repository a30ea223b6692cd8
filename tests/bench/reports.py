"""Writes a run down: for a terminal, for the README, and for machines."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench import checking, memory
from bench.machine import Machine
from bench.pictures import MEASURES, PILLOW
from bench.rounds import CONNECTIONS, JUST_STARTED, MIXED, MIXED_CONNECTIONS, measure
from bench.samples import Table
from bench.subjects import KEEPING, LIMIT, OURS
from bench.targets import Target, targets

Line = Sequence[str]

LEGEND = """\
Requests a second, 99th percentile, and the server's CPU time per request. *ours* has validation, journal, worlds, state
and both limits on, the latter too high to refuse; *no lane* is the same with `--no-lane`. All others answer canned
bytes, but for *aimock, its own jobs*, which keeps jobs of fal.ai's queue: nearest to what is done here. *nginx* is what
the machine can do. *life cycle*: one create, then nine polls of it; ours sends a webhook for each create, the others
none. Every server starts anew in each round; *just started* are its first seconds, creates and then polls, as a short
run of tests meets it; all else comes after eight more seconds of load. Loopback, keep-alive, wrk on the same cores."""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: where, how, and what."""

    machine: Machine
    rounds: int
    seconds: int
    table: Table


@dataclass(frozen=True, slots=True)
class Section:
    """One table: its heading, its head, its lines. The first column is text, all others are figures."""

    title: str
    head: Line
    lines: Sequence[Line]


def sections(report: Report) -> list[Section]:
    """Return the tables of *report*, those with nothing in them left out."""
    table = report.table
    found = [
        Section("What was wanted", ("target", "measured", "met"), [_of_target(each) for each in targets(table)]),
        _at(table, 32, "At 32 connections", ("poll", "create", MIXED)),
        *(_at(table, each, f"At {each} connection{'s' if each > 1 else ''}") for each in CONNECTIONS if each != 32),
        _at(table, 32, "At 32 connections, just started", when=JUST_STARTED),
        _weight(table),
        _images(table),
        _rest(table),
    ]
    return [each for each in found if each.lines]


def as_text(report: Report) -> str:
    """Return aligned tables with their headings, and the legend."""
    return "\n\n".join([heading(report), *map(_aligned, sections(report)), LEGEND])


def as_markdown(report: Report) -> str:
    """Return the same for the README."""
    return "\n\n".join([heading(report), *map(_marked, sections(report)), LEGEND]) + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """Return every sample, median and target, unrounded."""
    return {
        "machine": asdict(report.machine),
        "rounds": report.rounds,
        "seconds": report.seconds,
        "failures": list(report.table.failures),
        "targets": [asdict(each) for each in targets(report.table)],
        "measures": [
            {
                "measure": row.measure,
                "unit": row.unit,
                "subjects": {
                    name: {"median": row.median(name), "ours_is": row.ratio(OURS, name), "samples": list(values)}
                    for name, values in row.values.items()
                },
            }
            for row in report.table.rows
        ],
    }


def heading(report: Report) -> str:
    """Return where and how it was measured, in a line."""
    machine = report.machine
    return (
        f"`make bench`, {machine.date}, Python {machine.python}, {machine.cpu}, {machine.cores} cores, load"
        f" {machine.load:g} before; medians of interleaved rounds: {report.rounds}; seconds a load: {report.seconds}."
    )


def figure(value: float | None) -> str:
    """Return three digits or so, since there is no more in a measurement of this kind."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _at(
    table: Table, connections: int, title: str, loads: Sequence[str] = ("poll", "create"), when: str = ""
) -> Section:
    head = ["server"]
    for load in loads:
        head += [f"{load}/s", "ours is", "p99 ms", "CPU us"]
    lines = [_line(table, name, [measure(load, connections, when) for load in loads]) for name in table.subjects]
    return Section(title, head, [each for each in lines if any(cell != "-" for cell in each[1:])])


def _line(table: Table, name: str, measures: Iterable[str]) -> Line:
    line = [name]
    for each in measures:
        speed = table.row(each, "requests/s")
        ratio = "" if name in {OURS, *LIMIT} else _times(speed.ratio(OURS, name))
        p99, cpu = table.median(each, "p99 ms", name), table.median(each, "CPU us/request", name)
        line += [figure(speed.median(name)), ratio or "-", figure(p99), figure(cpu)]
    return line


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f} x"


def _weight(table: Table) -> Section:
    units = (("start-up", "ms"), ("memory at start", "MB"), ("memory after", "MB"))
    lines = [(name, *(figure(table.median(*each, name)) for each in units)) for name in table.subjects]
    head = ("server", "first answer, ms", "MB at start", "MB after the loads")
    return Section("Start and memory", head, [each for each in lines if set(each[1:]) != {"-"}])


def _images(table: Table) -> Section:
    lines = []
    for each in MEASURES:
        row = table.row(each, "CPU ms")
        if row.values:
            lines.append((each, figure(row.median(OURS)), figure(row.median(PILLOW)), _times(row.ratio(OURS, PILLOW))))
    return Section("Images, rendered anew", ("image", "CPU ms", "Pillow's encoder alone", "ours is"), lines)


def _rest(table: Table) -> Section:
    told = (
        (memory.MEASURE, "MB", OURS, f"{memory.MEASURE}, MB"),
        (memory.MEASURE, "MB", KEEPING, f"the same in a {KEEPING} in a dict, MB"),
        (measure(MIXED, MIXED_CONNECTIONS), "webhooks/s", OURS, "webhooks a second in the life cycle"),
        (checking.MEASURE, "s", OURS, "`eachlabs-contract check`, seconds"),
        (checking.MEASURE, "requests", OURS, "its requests"),
    )
    lines = [(name, figure(table.median(what, unit, subject))) for what, unit, subject, name in told]
    return Section("And", ("measure", "figure"), [each for each in lines if each[1] != "-"])


def _of_target(target: Target) -> Line:
    met = {True: "met", False: "missed", None: "not measured"}[target.is_met]
    return target.wanted, target.measured, met


def _aligned(section: Section) -> str:
    lines = [section.head, *section.lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    shown = [
        "  ".join(cell.rjust(width) if number else cell.ljust(width) for number, (cell, width) in enumerate(pairs))
        for pairs in (zip(line, widths, strict=True) for line in lines)
    ]
    return "\n".join([section.title, *(each.rstrip() for each in shown)])


def _marked(section: Section) -> str:
    rule = ["---", *["---:"] * (len(section.head) - 1)]
    lines = [f"| {' | '.join(line)} |" for line in (section.head, rule, *section.lines)]
    return "\n".join([f"**{section.title}**", "", *lines])
