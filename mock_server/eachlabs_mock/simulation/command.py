"""The `simulate` command: what if so many worked, and so much came? Answered without any load."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from eachlabs_mock.cli import check_environment, serve_command
from eachlabs_mock.core import ApiError, fresh_seed, millis
from eachlabs_mock.models import ModelFileError
from eachlabs_mock.settings import Settings
from eachlabs_mock.simulation.workload import Arrivals, Question, TooMuchError, arrivals

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
    "price",
    "models",
)
"""The settings of the emulator that matter here; the rest is about sockets, files and inputs."""

MOST_JOBS = 200_000
STDOUT = Path("-")

HELP = """Answer "what if" on a virtual clock, without load: ten thousand predictions in seconds.

Jobs come, wait for a worker, are created, polled to their end (or told of it by a webhook), and make way for the
next, all with one API key, against the emulator's own limits. Refused workers wait as long as Retry-After says.
"""

EPILOG = """The same seed gives the same answer, byte for byte. Exit codes: 0 answered, 2 bad options, bad model
file, or a question too big."""


def simulate_command() -> click.Command:
    """Return `eachlabs-mock simulate`."""
    return click.Command(
        "simulate", params=[*_own_options(), *_settings()], callback=_simulate, help=HELP, epilog=EPILOG
    )


def _own_options() -> list[click.Parameter]:
    return [
        click.Option(["--workers"], type=click.IntRange(1, 10_000), default=10, help="Who work at once.  [10]"),
        click.Option(
            ["--minutes"],
            type=click.FloatRange(0.1, 100_000),
            default=60,
            help="How long, by the virtual clock; what is not done then is counted as it stands.  [60]",
        ),
        click.Option(
            ["--arrivals"],
            callback=_arrivals,
            default="30/min",
            metavar="N/s|N/min|N/h",
            help="Jobs that come, at random (Poisson).  [30/min]",
        ),
        click.Option(["--evenly"], is_flag=True, help="Let jobs come at even intervals instead."),
        click.Option(
            ["--poll"],
            type=click.FloatRange(0.001, 86_400),
            default=9,
            metavar="SECONDS",
            help="From one look at a prediction to the next.  [9]",
        ),
        click.Option(["--webhooks"], is_flag=True, help="Do not poll: a webhook tells of the end, at that instant."),
        click.Option(["--model"], default="qwen-image", metavar="SLUG", help="What is asked for.  [qwen-image]"),
        click.Option(
            ["--json", "document"],
            type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
            metavar="FILE",
            help="Write all figures to FILE, too; - writes them, and no table, to standard output.",
        ),
    ]


def _settings() -> list[click.Parameter]:
    options = {each.name: each for each in serve_command().params if isinstance(each, click.Option)}
    duration = options["duration"]
    duration.default = "realistic"  # a sample figure would flatter: how long predictions take decides everything here
    duration.help = "Seconds a prediction takes, or 'realistic': around the page's average of 17 s.  [realistic]"
    return [options[name] for name in SETTINGS]


def _arrivals(_ctx: click.Context, _param: click.Parameter, text: str) -> Arrivals:
    try:
        return arrivals(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _simulate(document: Path | None, **asked: Any) -> None:  # noqa: ANN401  # one for each further option
    check_environment(os.environ)
    from eachlabs_mock.simulation import study  # noqa: PLC0415  # the emulator takes its time, and --help needs none of it

    try:
        made = study.study(_question(asked))
    except (ApiError, ModelFileError, TooMuchError) as error:
        raise click.UsageError(str(error)) from None
    if document is not None:
        _write(document, made.document())
    if document != STDOUT:
        click.echo("\n".join(made.lines()))


def _question(asked: dict[str, Any]) -> Question:
    settings = Settings(**{name: asked[name] for name in SETTINGS})
    jobs = asked["arrivals"].per_minute * asked["minutes"]
    if jobs > MOST_JOBS:
        raise click.UsageError(
            f"{jobs:,.0f} jobs would come; ask for --minutes and --arrivals of at most {MOST_JOBS:,}"
        )
    return Question(
        workers=asked["workers"],
        minutes=asked["minutes"],
        arrivals=replace(asked["arrivals"], evenly=asked["evenly"]),
        poll=None if asked["webhooks"] else millis(asked["poll"]),
        seed=fresh_seed() if settings.seed is None else settings.seed,
        model=asked["model"],
        settings=settings,
    )


def _write(file: Path, content: bytes) -> None:
    try:
        with click.open_file(str(file), "wb") as out:
            out.write(content)
    except OSError as error:
        raise click.UsageError(f"--json: cannot write {file}: {error.strerror or error}") from None
