"""The options of the `load` command that `serve` does not have; all numbers have bounds."""

import re
from pathlib import Path

import click

from eachlabs_mock.cli import Converted, option
from eachlabs_mock.load.plan import Plan
from eachlabs_mock.load.ramps import RAMPS

MAX_RUN_TIME = 600
"""Seconds."""

MAX_USERS = 2_000

_TIME = re.compile(r"(?:([0-9]+)m)?(?:([0-9]+)s?)?")


def own_options() -> list[click.Parameter]:
    """Return the options and the argument."""
    report = click.Option(
        ["--report", "folder"],
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Write report.html, its charts (SVG) and report.json to DIR.",
    )
    return [click.Argument(["base_url"], required=False), *_users(), *_behaviour(), *_machines(), report]


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
    plan, users = Plan(), click.IntRange(1, MAX_USERS)
    ramps = "; ".join(f"{name}: {(profile.__doc__ or '').rstrip('.').lower()}" for name, profile in RAMPS.items())
    return [
        option("--users", users, plan.users, "N", f"Number of users, at most {MAX_USERS:,}."),
        option("--spawn-rate", click.FloatRange(0.1, MAX_USERS), plan.spawn_rate, "N", "Users that start per second."),
        option("--run-time", Converted("TIME", run_time), f"{plan.run_time}s", None, "Length of the run, at most 10m."),
        option(
            "--at-most", click.IntRange(1, 1_000_000), plan.at_most, "N", "Maximum number of predictions per process."
        ),
        click.Option(["--ramp"], type=click.Choice(list(RAMPS)), default=plan.ramp, help=ramps),
    ]


def _behaviour() -> list[click.Parameter]:
    plan, modes = Plan(), click.Choice(["poll", "webhook"])
    keys = "Give each user its own key and limits, or use one key (EACHLABS_API_KEY) for all.  [key-per-user]"
    return [
        option("--mode", modes, plan.mode, None, "How users wait for the end of a prediction."),
        option(
            "--poll", click.FloatRange(0.01, 3600), plan.poll, "SECONDS", "Seconds between two polls of a prediction."
        ),
        option("--model", click.STRING, plan.model, "SLUG", "Model of the predictions."),
        click.Option(["--fetch"], is_flag=True, help="Also fetch the outputs."),
        click.Option(["--key-per-user/--one-key"], default=True, help=keys),
    ]


def _machines() -> list[click.Parameter]:
    plan = Plan()
    master = "Coordinate workers and report for all of them; send no requests."
    worker = "Load an emulator on this machine, with the options of the master."
    listens = "Address on which the master listens; it accepts any worker."
    workers = "Number of workers that the master waits for."
    return [
        click.Option(["--master"], is_flag=True, help=master),
        click.Option(["--worker"], is_flag=True, help=worker),
        option("--master-host", click.STRING, plan.host, "HOST", "Address of the master."),
        option("--master-bind-host", click.STRING, plan.host, "ADDRESS", listens),
        option("--master-port", click.IntRange(1, 65_534), plan.port, "PORT", "Port of the master."),
        option("--expect-workers", click.IntRange(1, 100), plan.workers, "N", workers),
    ]
