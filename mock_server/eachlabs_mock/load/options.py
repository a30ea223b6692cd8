"""The options of the `load` command that `serve` does not have; all numbers have bounds."""

import re
from pathlib import Path

import click

from eachlabs_mock.load.plan import Plan
from eachlabs_mock.load.ramps import RAMPS

MAX_RUN_TIME = 600
"""Seconds."""

MAX_USERS = 2_000

_TIME = re.compile(r"(?:([0-9]+)m)?(?:([0-9]+)s?)?")


def own_options() -> list[click.Parameter]:
    """Return the options and the argument."""
    return [click.Argument(["base_url"], required=False), *_users(), *_behaviour(), *_machines(), _report()]


def run_time(text: str) -> int:
    """Parse a time such as `30s`, `2m`, `1m30s` or `30` and return seconds.

    :raises ValueError: *text* has another form, or the time is too long.
    """
    match = _TIME.fullmatch(text)
    seconds = int(match[1] or 0) * 60 + int(match[2] or 0) if match else 0
    if not 1 <= seconds <= MAX_RUN_TIME:
        raise ValueError(f"{text!r} is not a time from 1s to {MAX_RUN_TIME // 60}m, such as 30s or 1m30s")
    return seconds


def _users() -> list[click.Parameter]:
    plan = Plan()
    return [
        click.Option(
            ["--users"],
            type=click.IntRange(1, MAX_USERS),
            default=plan.users,
            metavar="N",
            help=f"Number of users, at most {MAX_USERS:,}.  [{plan.users}]",
        ),
        click.Option(
            ["--spawn-rate"],
            type=click.FloatRange(0.1, MAX_USERS),
            default=plan.spawn_rate,
            metavar="N",
            help=f"Users that start per second.  [{plan.spawn_rate:g}]",
        ),
        click.Option(
            ["--run-time"],
            callback=_run_time,
            default=f"{plan.run_time}s",
            metavar="TIME",
            help=f"Length of the run, at most 10m.  [{plan.run_time}s]",
        ),
        click.Option(
            ["--at-most"],
            type=click.IntRange(1, 1_000_000),
            default=plan.at_most,
            metavar="N",
            help=f"Maximum number of predictions per process.  [{plan.at_most}]",
        ),
        click.Option(["--ramp"], type=click.Choice(list(RAMPS)), default=plan.ramp, help=_ramps()),
    ]


def _behaviour() -> list[click.Parameter]:
    plan = Plan()
    return [
        click.Option(
            ["--mode"],
            type=click.Choice(["poll", "webhook"]),
            default=plan.mode,
            help=f"How users wait for the end of a prediction.  [{plan.mode}]",
        ),
        click.Option(
            ["--poll"],
            type=click.FloatRange(0.01, 3600),
            default=plan.poll,
            metavar="SECONDS",
            help=f"Seconds between two polls of a prediction.  [{plan.poll:g}]",
        ),
        click.Option(
            ["--model"], default=plan.model, metavar="SLUG", help=f"Model of the predictions.  [{plan.model}]"
        ),
        click.Option(["--fetch"], is_flag=True, help="Also fetch the outputs."),
        click.Option(
            ["--key-per-user/--one-key"],
            default=True,
            help="Give each user its own key and limits, or use one key (EACHLABS_API_KEY) for all.  [key-per-user]",
        ),
    ]


def _machines() -> list[click.Parameter]:
    plan = Plan()
    return [
        click.Option(
            ["--master"], is_flag=True, help="Coordinate workers and report for all of them; send no requests."
        ),
        click.Option(
            ["--worker"], is_flag=True, help="Load an emulator on this machine, with the options of the master."
        ),
        click.Option(
            ["--master-host"],
            default=plan.host,
            metavar="HOST",
            help=f"Address of the master.  [{plan.host}]",
        ),
        click.Option(
            ["--master-bind-host"],
            default=plan.host,
            metavar="ADDRESS",
            help=f"Address on which the master listens; it accepts any worker.  [{plan.host}]",
        ),
        click.Option(
            ["--master-port"],
            type=click.IntRange(1, 65_534),
            default=plan.port,
            metavar="PORT",
            help=f"Port of the master.  [{plan.port}]",
        ),
        click.Option(
            ["--expect-workers"],
            type=click.IntRange(1, 100),
            default=plan.workers,
            metavar="N",
            help=f"Number of workers that the master waits for.  [{plan.workers}]",
        ),
    ]


def _report() -> click.Parameter:
    return click.Option(
        ["--report", "folder"],
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Write report.html, its charts (SVG) and report.json to DIR.",
    )


def _ramps() -> str:
    return "; ".join(f"{name}: {(profile.__doc__ or '').rstrip('.').lower()}" for name, profile in RAMPS.items())


def _run_time(_ctx: click.Context, _param: click.Parameter, text: str) -> int:
    try:
        return run_time(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
