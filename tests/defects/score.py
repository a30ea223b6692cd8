"""Says how good the harness is: which of the planted defects each layer sees, and whether any of them cries wolf."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import click

from defects.catalogue import DEFECTS
from defects.score_table import Score
from defects.score_trials import Outcome, Trial, trials, tried

PROCESSES = 2

PATIENCE_SECONDS = 900
"""Real seconds to wait for the next outcome: a trial takes one minute, and a worker that was killed says nothing."""


@click.command()
@click.option("--quick", is_flag=True, help="Each defect by the claims that are about it; one seed; no Schemathesis.")
@click.option("--only", multiple=True, metavar="ID", help="Only this defect (repeatable); only its gates count then.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all of it there as JSON.")
def main(*, quick: bool, only: tuple[str, ...], file: Path | None) -> None:
    """Print the kill matrix.

    Exit codes: 0 every gate is passed, 1 one is not, 2 bad options, 143 ended by SIGTERM.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        due = trials(only, quick=quick)
    except LookupError as error:
        raise click.BadParameter(str(error.args[0]), param_hint="--only") from None
    score = Score(DEFECTS, tuple(_outcomes(due)))
    click.echo("\n".join(score.lines()))
    if file:
        file.write_text(json.dumps(_document(score), indent=2) + "\n")
    raise SystemExit(0 if all(gate.passed is not False for gate in score.gates()) else 1)


def _outcomes(due: Sequence[Trial]) -> Iterator[Outcome]:
    """Yield what comes of each trial; progress goes to standard error.

    Plain Schemathesis has processes of its own, in which the harness has warmed nothing up. Workers leave Ctrl-C to
    this process, and end with it.
    """
    for plain in (False, True):
        some = [each for each in due if each.plain is plain]
        with get_context("spawn").Pool(PROCESSES, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
            outcomes = pool.imap_unordered(tried, some)
            for number in range(1, len(some) + 1):
                outcome = outcomes.next(PATIENCE_SECONDS)
                click.echo(f"{number}/{len(some)} {_progress(outcome)}", err=True)
                yield outcome


def _progress(outcome: Outcome) -> str:
    trial = outcome.trial
    judge = "plain Schemathesis" if trial.plain else "harness"
    found = ", ".join(f"{len(ids)} by {layer}" for layer, ids in outcome.broken.items() if ids) or "nothing"
    return f"{judge}, {trial.kind} {trial.name}, seed {trial.seed}: {found} ({sum(outcome.seconds.values()):.1f} s)"


def _document(score: Score) -> dict[str, object]:
    return {
        "format": "eachlabs-score/1",
        "gates": [asdict(each) for each in score.gates()],
        "totals": score.totals(),
        "outcomes": [asdict(each) for each in score.outcomes],
    }


if __name__ == "__main__":
    sys.exit(main())
