"""`make soak`: the emulator at full speed for minutes, with lives followed beside it; in text, JSON and a picture."""

import json
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

import click

from bench import procfs, wrk
from bench.children import NotReadyError, Server, serving
from bench.machine import Machine
from bench.subjects import OURS, SUBJECTS
from soak.lives import following
from soak.reports import as_json, as_markdown, drawn
from soak.slices import Slice, Summary
from soak.watch import slices


@click.command()
@click.option("--minutes", type=click.FloatRange(0.1, 600), default=3.0, show_default=True, help="How long.")
@click.option(
    "--slice", "seconds", type=click.IntRange(1, 60), default=10, show_default=True, help="Seconds of a slice."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="soak-output",
    show_default=True,
    help="Where soak.md, soak.json and soak.svg go.",
)
def main(minutes: float, seconds: int, out: Path) -> None:
    """Let the emulator run at full speed. Exits 1 if anything went wrong or memory grew, 2 if a tool is missing."""
    program = shutil.which("wrk")
    if program is None or not procfs.is_available():
        click.echo(wrk.MISSING if program is None else "soak: it needs Linux, whose /proc it reads", err=True)
        raise SystemExit(2)
    signal.signal(signal.SIGTERM, _end)  # so that the children are ended, as with Ctrl-C
    machine = Machine.this()
    try:
        with serving(OURS, SUBJECTS[OURS]) as server:
            summary = soaked(server, program, seconds, max(3, round(minutes * 60 / seconds)))
    except (NotReadyError, wrk.WrkError) as error:
        click.echo(f"soak: {error}", err=True)
        raise SystemExit(1) from None
    write(summary, machine, out)
    click.echo(as_markdown(summary, machine))
    raise SystemExit(1 if summary.faults else 0)


def soaked(server: Server, program: str, seconds: int, number: int) -> Summary:
    """Return what came of *number* slices of so many *seconds* at *server*."""
    seen: list[Slice] = []
    with following(server.url) as followed:
        for each in slices(server, program, seconds, number):
            seen.append(each)
            click.echo(
                f"soak: {each.seconds:5.0f} s  {each.per_second:7,.0f}/s  p99 {each.p99_ms:5.1f} ms  "
                f"{each.memory_mb:5.0f} MB  {len(followed.errors)} errors",
                err=True,
            )
    counts = followed.counts
    webhooks = len(followed.created), counts["webhooks"]
    return Summary(seen, counts["lives"], counts["refusals"], webhooks, followed.errors)


def write(summary: Summary, machine: Machine, out: Path) -> None:
    """Write all that is told of *summary* to the directory *out*."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.md").write_text(as_markdown(summary, machine))
    (out / "soak.json").write_text(json.dumps(as_json(summary, machine), indent=2) + "\n")
    (out / "soak.svg").write_text(drawn(summary))


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)
