"""The `simulate` command: predicts how a workload would fare, without generating load."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from eachlabs_mock.cli import check_environment, serve_command
from eachlabs_mock.core import ApiError, fresh_seed, millis
from eachlabs_mock.models import ModelFileError
from eachlabs_mock.settings import Settings
from eachlabs_mock.simulation import report
from eachlabs_mock.simulation.recommendation import recommend
from eachlabs_mock.simulation.results import summarize
from eachlabs_mock.simulation.workload import Arrivals, Workload, WorkloadTooLargeError, parse_arrivals

SETTINGS = (*report.SETTINGS, "price", "models")
"""The settings of the emulator that matter here; the others concern sockets, files and inputs."""

MAX_JOBS = 200_000
STDOUT = Path("-")

HELP = """Predict queueing, refusals and cost of a workload on a virtual clock, without generating load.

Jobs arrive and wait for a worker. The worker creates a prediction and polls it until it ends, or waits for a webhook.
All workers share one API key and the emulator's limits; a refused worker waits for the time in Retry-After.
"""

EPILOG = """The same seed gives the same results, byte for byte. Exit codes: 0 success, 2 bad options, a bad model
file, or a workload that is too large."""


def simulate_command() -> click.Command:
    """Return `eachlabs-mock simulate`."""
    return click.Command(
        "simulate", params=[*_own_options(), *_settings()], callback=_simulate, help=HELP, epilog=EPILOG
    )


def _own_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["--workers"], type=click.IntRange(1, 10_000), default=10, help="Number of concurrent workers.  [10]"
        ),
        click.Option(
            ["--minutes"],
            type=click.FloatRange(0.1, 100_000),
            default=60,
            help="Length of the simulation on the virtual clock.  [60]",
        ),
        click.Option(
            ["--arrivals"],
            callback=_arrivals,
            default="30/min",
            metavar="N/s|N/min|N/h",
            help="Rate at which jobs arrive, at random intervals (Poisson).  [30/min]",
        ),
        click.Option(["--evenly"], is_flag=True, help="Use even intervals between arrivals instead."),
        click.Option(
            ["--poll"],
            type=click.FloatRange(0.001, 86_400),
            default=9,
            metavar="SECONDS",
            help="Seconds between two polls of a prediction.  [9]",
        ),
        click.Option(["--webhooks"], is_flag=True, help="Do not poll: a webhook reports the end without delay."),
        click.Option(["--model"], default="qwen-image", metavar="SLUG", help="Model of the predictions.  [qwen-image]"),
        click.Option(
            ["--json", "document"],
            type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
            metavar="FILE",
            help="Also write all results as JSON to FILE; - prints the JSON instead of the table.",
        ),
    ]


def _settings() -> list[click.Parameter]:
    options = {option.name: option for option in serve_command().params if isinstance(option, click.Option)}
    duration = options["duration"]
    duration.default = "realistic"  # the short default of `serve` would make every result look too good
    duration.help = "Seconds a prediction takes, or 'realistic': about the documented average of 17 s.  [realistic]"
    return [options[name] for name in SETTINGS]


def _arrivals(_ctx: click.Context, _param: click.Parameter, text: str) -> Arrivals:
    try:
        return parse_arrivals(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _simulate(document: Path | None, **options: Any) -> None:  # noqa: ANN401  # one for each further option
    check_environment(os.environ)
    from eachlabs_mock.simulation.run import run  # noqa: PLC0415  # slow to import, and --help does not need it

    workload = _workload(options)
    try:
        trace = run(workload)
        results = summarize(workload, trace)
        recommendation = recommend(workload, trace, results, run)
    except (ApiError, ModelFileError, WorkloadTooLargeError) as error:
        raise click.UsageError(str(error)) from None
    if document is not None:
        _write(document, report.document(workload, results, recommendation))
    if document != STDOUT:
        click.echo("\n".join([report.heading(workload), "", *report.lines(results, recommendation)]))


def _workload(options: dict[str, Any]) -> Workload:
    settings = Settings(**{name: options[name] for name in SETTINGS})
    jobs = options["arrivals"].per_minute * options["minutes"]
    if jobs > MAX_JOBS:
        raise click.UsageError(
            f"{jobs:,.0f} jobs would arrive; reduce --minutes or --arrivals to at most {MAX_JOBS:,} jobs"
        )
    return Workload(
        workers=options["workers"],
        minutes=options["minutes"],
        arrivals=replace(options["arrivals"], evenly=options["evenly"]),
        poll=None if options["webhooks"] else millis(options["poll"]),
        seed=fresh_seed() if settings.seed is None else settings.seed,
        model=options["model"],
        settings=settings,
    )


def _write(file: Path, content: bytes) -> None:
    try:
        with click.open_file(str(file), "wb") as out:
            out.write(content)
    except OSError as error:
        raise click.UsageError(f"--json: cannot write {file}: {error.strerror or error}") from None
