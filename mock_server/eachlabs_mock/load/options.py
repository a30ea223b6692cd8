"""The options of the `load` command that are its own; every one is bounded."""

import re
from pathlib import Path

import click

from eachlabs_mock.load.plan import Plan
from eachlabs_mock.load.ramps import RAMPS

LONGEST_RUN = 600
"""Seconds."""

MOST_USERS = 2_000

_TIME = re.compile(r"(?:([0-9]+)m)?(?:([0-9]+)s?)?")


def own_options() -> list[click.Parameter]:
    """Return them, and the argument."""
    return [click.Argument(["base_url"], required=False), *_users(), *_ways(), *_several(), _report()]


def run_time(text: str) -> int:
    """`30s`, `2m`, `1m30s` or `30` as seconds.

    :raises ValueError: it is none of them, or too long.
    """
    found = _TIME.fullmatch(text)
    seconds = int(found[1] or 0) * 60 + int(found[2] or 0) if found else 0
    if not 1 <= seconds <= LONGEST_RUN:
        raise ValueError(f"{text!r} is not a time from 1s to {LONGEST_RUN // 60}m, such as 30s or 1m30s")
    return seconds


def _users() -> list[click.Parameter]:
    usual = Plan()
    return [
        click.Option(
            ["--users"],
            type=click.IntRange(1, MOST_USERS),
            default=usual.users,
            metavar="N",
            help=f"Users, {MOST_USERS:,} at most.  [{usual.users}]",
        ),
        click.Option(
            ["--spawn-rate"],
            type=click.FloatRange(0.1, MOST_USERS),
            default=usual.spawn_rate,
            metavar="N",
            help=f"Users that may come in a second.  [{usual.spawn_rate:g}]",
        ),
        click.Option(
            ["--run-time"],
            callback=_run_time,
            default=f"{usual.run_time}s",
            metavar="TIME",
            help=f"How long, 10m at most.  [{usual.run_time}s]",
        ),
        click.Option(
            ["--at-most"],
            type=click.IntRange(1, 1_000_000),
            default=usual.at_most,
            metavar="N",
            help=f"Predictions to create at most, in each process.  [{usual.at_most}]",
        ),
        click.Option(["--ramp"], type=click.Choice(list(RAMPS)), default=usual.ramp, help=_ramps()),
    ]


def _ways() -> list[click.Parameter]:
    usual = Plan()
    return [
        click.Option(
            ["--mode"],
            type=click.Choice(["poll", "webhook"]),
            default=usual.mode,
            help=f"How users learn of the end.  [{usual.mode}]",
        ),
        click.Option(
            ["--poll"],
            type=click.FloatRange(0.01, 3600),
            default=usual.poll,
            metavar="SECONDS",
            help=f"From one look at a prediction to the next.  [{usual.poll:g}]",
        ),
        click.Option(["--model"], default=usual.model, metavar="SLUG", help=f"What is asked for.  [{usual.model}]"),
        click.Option(["--fetch"], is_flag=True, help="Fetch the outputs, too."),
        click.Option(
            ["--key-per-user/--one-key"],
            default=True,
            help="A key for each user, so that each has limits of its own; or one for all (that of EACHLABS_API_KEY).",
        ),
    ]


def _several() -> list[click.Parameter]:
    usual = Plan()
    return [
        click.Option(["--master"], is_flag=True, help="Drive nothing, but lead workers and report what they did."),
        click.Option(["--worker"], is_flag=True, help="Do as the master says, and load this machine."),
        click.Option(
            ["--master-host"],
            default=usual.host,
            metavar="HOST",
            help=f"Where a worker finds its master.  [{usual.host}]",
        ),
        click.Option(
            ["--master-bind-host"],
            default=usual.host,
            metavar="ADDRESS",
            help=f"Where a master listens; it trusts whoever comes.  [{usual.host}]",
        ),
        click.Option(
            ["--master-port"], type=click.IntRange(1, 65_534), default=usual.port, metavar="PORT", help="[5557]"
        ),
        click.Option(
            ["--expect-workers"],
            type=click.IntRange(1, 100),
            default=usual.workers,
            metavar="N",
            help="Workers that a master waits for.  [1]",
        ),
    ]


def _report() -> click.Parameter:
    return click.Option(
        ["--report", "folder"],
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Write report.html, its pictures (SVG) and report.json to DIR.",
    )


def _ramps() -> str:
    return "; ".join(f"{name}: {(profile.__doc__ or '').rstrip('.').lower()}" for name, profile in RAMPS.items())


def _run_time(_ctx: click.Context, _param: click.Parameter, text: str) -> int:
    try:
        return run_time(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
