"""`make fuzz`: feeds each target for a while, and says what came of it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from fuzz.targets import TARGETS, seeds

SLOWEST = 20
"""Seconds that one input may take; one that takes longer is a finding."""

LONGEST = 4096
"""Bytes of an input."""

MOST_MEMORY = 2048
"""MiB."""

LAST = 30
"""Lines that are shown of what a finding says."""


@click.command()
@click.argument("names", nargs=-1, metavar="[TARGET...]")
@click.option("--seconds", type=click.IntRange(1, 86_400), default=10, show_default=True, help="For each target.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="fuzz-output",
    show_default=True,
    help="What was reached is kept here, for the next time; so is each input that is a finding.",
)
def main(names: Sequence[str], seconds: int, out: Path) -> None:
    """Feed every TARGET (all of them, unless told) with inputs that are guided by what they reach.

    Exit codes: 0 nothing was found, 1 something was, 2 bad options.
    """
    if unknown := set(names) - set(TARGETS):
        raise click.UsageError(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
    found = [name for name in names or TARGETS if not _is_sound(name, seconds, out / name)]
    click.echo(f"found something: {', '.join(found)}" if found else "nothing was found")
    raise SystemExit(1 if found else 0)


def _is_sound(name: str, seconds: int, folder: Path) -> bool:
    """Fuzz the target called *name*, say what came of it, and return whether all went well."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(each)
    run = subprocess.run(
        [sys.executable, "-m", "fuzz.driver", name, *_bounds(seconds, folder), str(corpus)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    lines = run.stdout.splitlines()
    click.echo(f"{name:<12}{_figures(lines)}" if run.returncode == 0 else "\n".join([name, *lines[-LAST:]]))
    return run.returncode == 0


def _bounds(seconds: int, folder: Path) -> list[str]:
    return [
        f"-max_total_time={seconds}",
        f"-timeout={SLOWEST}",
        f"-max_len={LONGEST}",
        f"-rss_limit_mb={MOST_MEMORY}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
    ]


def _figures(lines: Sequence[str]) -> str:
    """Return what libFuzzer has counted, in a line."""
    stats = dict(each.removeprefix("stat::").split(":") for each in lines if each.startswith("stat::"))
    inputs, new = (stats.get(each, "?").strip() for each in ("number_of_executed_units", "new_units_added"))
    return f"{inputs} inputs, {new} of which reached something new"
