"""`make bench`: measures everything once, and writes it as text, Markdown, JSON and a picture."""

import json
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from bench import chart, procfs, reports, wrk
from bench.caller import UnexpectedAnswerError
from bench.checking import BrokenClaimError, measure_check
from bench.children import NotReadyError
from bench.machine import Machine
from bench.memory import measure_memory
from bench.pictures import measure_images
from bench.rounds import measure_round
from bench.samples import Sample, table
from bench.subjects import SUBJECTS

ERRORS = (NotReadyError, UnexpectedAnswerError, BrokenClaimError, wrk.WrkError, OSError)


def _chosen(_context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> list[str]:
    for each in names:
        if each not in SUBJECTS:
            raise click.BadParameter(f"there is no server {each!r}; these are: {', '.join(SUBJECTS)}")
    return list(names or SUBJECTS)


@click.command()
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="Rounds over HTTP.")
@click.option("--seconds", type=click.IntRange(1, 60), default=2, show_default=True, help="Seconds of each load.")
@click.option("--only", "names", multiple=True, callback=_chosen, help="A server to measure; may be repeated. [all]")
@click.option("--over-http", is_flag=True, help="Leave out images, memory per prediction and the contract check.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="bench-output",
    show_default=True,
    help="Where bench.txt, bench.md, bench.json and bench.svg go.",
)
def main(rounds: int, seconds: int, names: list[str], over_http: bool, out: Path) -> None:  # noqa: FBT001  # a flag
    """Measure the emulator beside other servers, in one run. Exits 1 if a request failed, 2 if a tool is missing."""
    program = _wrk()
    signal.signal(signal.SIGTERM, _end)  # so that the children are ended, as with Ctrl-C
    machine = Machine.this()
    try:
        samples = _samples(rounds, seconds, _present(names), program)
        samples += [] if over_http else _apart()
    except ERRORS as error:
        click.echo(f"bench: {error}", err=True)
        raise SystemExit(1) from None
    report = reports.Report(machine, rounds, seconds, table(samples))
    write(report, out)
    click.echo(reports.as_text(report))
    if failed := report.table.failures:
        click.echo("\n".join(["bench: not every request was answered 2xx", *failed]), err=True)
        raise SystemExit(1)


def write(report: reports.Report, out: Path) -> None:
    """Write all that is told of *report* to the directory *out*."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.txt").write_text(reports.as_text(report) + "\n")
    (out / "bench.md").write_text(reports.as_markdown(report))
    (out / "bench.json").write_text(json.dumps(reports.as_json(report), indent=2) + "\n")
    (out / "bench.svg").write_text(chart.drawn(report.table))


def _present(names: Sequence[str]) -> list[str]:
    """Return those of *names* that this machine has, and tell of the others."""
    for each in names:
        if missing := SUBJECTS[each].missing:
            click.echo(f"bench: {each} is left out; {missing}", err=True)
    return [each for each in names if not SUBJECTS[each].missing]


def _samples(rounds: int, seconds: int, names: Sequence[str], program: str) -> list[Sample]:
    samples: list[Sample] = []
    for number in range(rounds):
        click.echo(f"bench: round {number + 1} of {rounds}", err=True)
        samples += measure_round(number, names, seconds, program)
    return samples


def _apart() -> list[Sample]:
    click.echo("bench: memory, images, contract check", err=True)
    return measure_memory() + measure_images() + measure_check()


def _wrk() -> str:
    program = shutil.which("wrk")
    if program is None or not procfs.is_available():
        click.echo(wrk.MISSING if program is None else "bench: it needs Linux, whose /proc it reads", err=True)
        raise SystemExit(2)
    return program


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)
