"""`make bench`: measures everything once, prints a table, writes it as JSON and as Markdown."""

import json
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

import click

from bench import procfs, reports, wrk
from bench.caller import UnexpectedAnswerError
from bench.children import NotReadyError
from bench.machine import Machine
from bench.memory import measure_memory
from bench.pictures import measure_images
from bench.rounds import measure_round
from bench.samples import Sample, failures, rows

ERRORS = (NotReadyError, UnexpectedAnswerError, wrk.WrkError, OSError)


@click.command()
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="Rounds over HTTP.")
@click.option("--seconds", type=click.IntRange(1, 60), default=2, show_default=True, help="Seconds of each load.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="bench-output/bench.json",
    show_default=True,
    help="Where the JSON goes; the Markdown table goes beside it.",
)
def main(rounds: int, seconds: int, out: Path) -> None:
    """Measure the emulator against baselines of the same run. Exits 1 if a request failed, 2 if a tool is missing."""
    program = _wrk()
    signal.signal(signal.SIGTERM, _end)  # so that the children are ended, as with Ctrl-C
    machine = Machine.this()
    try:
        samples = _samples(rounds, seconds, program)
    except ERRORS as error:
        click.echo(f"bench: {error}", err=True)
        raise SystemExit(1) from None
    report = reports.Report(machine, rounds, seconds, rows(samples))
    write(report, out)
    click.echo(reports.as_text(report))
    if failed := failures(report.rows):
        click.echo("\n".join(["bench: not every request was answered 2xx", *failed]), err=True)
        raise SystemExit(1)


def write(report: reports.Report, out: Path) -> None:
    """Write the JSON to *out* and the Markdown beside it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(reports.as_json(report), indent=2) + "\n")
    out.with_suffix(".md").write_text(reports.as_markdown(report))


def _samples(rounds: int, seconds: int, program: str) -> list[Sample]:
    samples: list[Sample] = []
    for number in range(rounds):
        click.echo(f"bench: round {number + 1} of {rounds}", err=True)
        samples += measure_round(number, seconds, program)
    click.echo("bench: memory and images", err=True)
    return samples + measure_memory() + measure_images()


def _wrk() -> str:
    program = shutil.which("wrk")
    if program is None or not procfs.is_available():
        click.echo(wrk.MISSING if program is None else "bench: it needs Linux, whose /proc it reads", err=True)
        raise SystemExit(2)
    return program


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)
