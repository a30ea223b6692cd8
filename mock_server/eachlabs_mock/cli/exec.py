"""The `exec` command: an emulator for as long as one command runs, and what that command did with it."""

import os
import shutil
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, NoReturn

import click

from eachlabs_mock.cli.passthrough import PassingOn, flags, is_open, serve_options, typed
from eachlabs_mock.cli.run_report import Run
from eachlabs_mock.cli.serve import check_environment
from eachlabs_mock.cli.signal_relay import Relay
from eachlabs_mock.control import Control, ControlError
from eachlabs_mock.server import Child, NotStartedError, emulator

OWN_DEFAULTS: Mapping[str, str] = MappingProxyType({"port": "0", "clock": "auto", "log_format": "off"})
"""Where `exec` differs from `serve` unless a flag or a variable says otherwise."""

CANNOT_RUN = 126
NOT_FOUND = 127

HELP = """Run COMMAND with an emulator of its own, and report what it did.

COMMAND finds the emulator by EACHLABS_BASE_URL and EACHLABS_API_KEY. Its clock is auto, so that waiting disappears,
unless --clock or --speed says otherwise. Every flag and variable of `serve` works here too; `serve --help` lists them.
"""

EPILOG = """Exit codes: that of COMMAND; 128+N if signal N killed it, 127 if it was not found. 1 if all went well but
the spend. 2 bad options, and then COMMAND is not run."""


def exec_command() -> click.Command:
    """Return `eachlabs-mock exec`."""
    spend = click.Option(
        ["--max-spend"], callback=_usd, metavar="USD", help="Exit 1 when COMMAND went well but has spent more."
    )
    command = click.Argument(["command"], nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
    return PassingOn(
        "exec",
        params=[*serve_options(), spend, command],
        callback=_exec,
        context_settings={"allow_interspersed_args": False},
        help=HELP,
        epilog=EPILOG,
    )


def _usd(_ctx: click.Context, _param: click.Parameter, text: str | None) -> Decimal | None:
    try:
        amount = None if text is None else Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise click.BadParameter(f"{text!r} is not an amount of USD, such as 0.10")
    return amount


@click.pass_context
def _exec(ctx: click.Context, /, command: tuple[str, ...], max_spend: Decimal | None, **settings: Any) -> NoReturn:  # noqa: ANN401  # one for each field of Settings
    check_environment(os.environ)
    if shutil.which(command[0]) is None:
        _say(f"{command[0]}: command not found")
        raise SystemExit(NOT_FOUND)
    chosen = _chosen(ctx)
    try:
        with Relay() as relay, emulator(list(flags(chosen)), settings["control_token"]) as child:
            # The key names the world, and ids are drawn from that: the same seed must give the same key.
            key = next(iter(settings["api_key"]), f"exec-{child.ready['seed']}")
            _announce(child, chosen.get("clock", settings["clock"]))
            code = _run(relay, command, child, key)
            is_within = _report(child.control(key), max_spend)
    except NotStartedError as error:
        raise SystemExit(max(error.exit_code, 0) or 1) from None
    raise SystemExit(code or int(not is_within))


def _chosen(ctx: click.Context) -> dict[str, Any]:
    """Return the settings to start the emulator with, as they would be typed; variables reach it by themselves."""
    own = {name: value for name, value in OWN_DEFAULTS.items() if is_open(ctx, name)}
    if not is_open(ctx, "speed"):  # a speed means nothing to the auto clock, so it asks for another one
        own.pop("clock", None)
    return own | typed(ctx)


def _announce(child: Child, clock: str) -> None:
    meaning = ": waiting disappears (--clock real brings it back)" if clock == "auto" else ""
    _say(f"{child.ready['base_url']}, seed {child.ready['seed']}, clock {clock}{meaning}")


def _run(relay: Relay, command: tuple[str, ...], child: Child, key: str) -> int:
    own = {"EACHLABS_BASE_URL": child.ready["base_url"], "EACHLABS_API_KEY": key}
    try:
        return relay.run(command, {**os.environ, **own})
    except OSError as error:
        _say(f"{command[0]}: cannot be run: {error.strerror or error}")
        return CANNOT_RUN


def _report(control: Control, max_spend: Decimal | None) -> bool:
    """Say what was done in a world; return whether its spend is known to be at most *max_spend*."""
    try:
        run = _look(control)
    except (ControlError, ConnectionError) as error:
        _say(f"no report, since the emulator did not give one: {error}")
        return max_spend is None
    for line in run.lines():
        _say(line)
    if max_spend is None or run.spend <= max_spend:
        return True
    _say(f"too much was spent: {run.spend} USD is more than --max-spend {max_spend}")
    return False


def _look(control: Control) -> Run:
    # The clock is stopped first, so that all that is read is of one moment.
    pending = control.call("PUT", "/clock", {"mode": "manual"})["pending"]
    lists = {name: control.call("GET", f"/{name}")[name] for name in ("requests", "predictions", "deliveries")}
    ledger, settings = control.call("GET", "/ledger"), control.call("GET", "/settings")
    return Run(**lists, ledger=ledger, charge=settings["charge"], pending=pending)


def _say(text: str) -> None:
    click.echo(f"eachlabs-mock: {text}", err=True)
