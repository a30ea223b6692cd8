"""The `exec` command: runs a program with an emulator of its own and reports what the program did."""

import os
import shutil
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import click

from eachlabs_mock.cli.options import Converted
from eachlabs_mock.cli.passthrough import PassthroughCommand, child_flags, is_default, serve_options
from eachlabs_mock.cli.run_report import RunReport
from eachlabs_mock.cli.serve import check_environment
from eachlabs_mock.cli.signal_relay import SignalRelay
from eachlabs_mock.console import say
from eachlabs_mock.control import Control, ControlError
from eachlabs_mock.server import Child, NotStartedError, emulator

CANNOT_RUN = 126
NOT_FOUND = 127

HELP = """Run COMMAND with its own emulator and report what it did.

COMMAND finds the emulator through EACHLABS_BASE_URL and EACHLABS_API_KEY. The clock skips waiting times (--clock auto)
unless --clock or --speed is set. All settings of `serve` work here too, as flags and variables; `serve --help-all`
lists them.
"""

EPILOG = """Exit codes: that of COMMAND, or 128+N if signal N killed it; 1 if COMMAND succeeded but spent more than
--max-spend; 2 bad options, COMMAND was not run; 126 COMMAND cannot be run; 127 COMMAND was not found."""


def exec_command() -> click.Command:
    """Return `eachlabs-mock exec`."""
    spend = click.Option(
        ["--max-spend"], type=Converted("USD", _usd), help="Exit with 1 if COMMAND succeeds but spends more than this."
    )
    command = click.Argument(["command"], nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
    return PassthroughCommand(
        "exec",
        params=[*serve_options(), spend, command],
        callback=_exec,
        context_settings={"allow_interspersed_args": False},
        help=HELP,
        epilog=EPILOG,
    )


def _usd(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and amount >= 0):
        raise ValueError(f"{text!r} is not an amount of USD, such as 0.10")
    return amount


@click.pass_context
def _exec(ctx: click.Context, /, command: tuple[str, ...], max_spend: Decimal | None, **settings: Any) -> NoReturn:  # noqa: ANN401  # one for each field of Settings
    check_environment(os.environ)
    if shutil.which(command[0]) is None:
        say(f"{command[0]}: command not found")
        raise SystemExit(NOT_FOUND)
    is_auto = is_default(ctx, "clock") and is_default(ctx, "speed")  # the auto clock has no speed
    flags = child_flags(ctx, clock="auto") if is_auto else child_flags(ctx)
    try:
        with SignalRelay() as relay, emulator(flags, settings["control_token"]) as child:
            # The key names the world, and ids depend on the world's name: the same seed must give the same key.
            key = next(iter(settings["api_key"]), f"exec-{child.ready['seed']}")
            _announce(child, "auto" if is_auto else settings["clock"])
            code = _run(relay, command, child, key)
            is_within = _report(child.control(key), max_spend)
    except NotStartedError as error:
        raise SystemExit(max(error.exit_code, 0) or 1) from None
    raise SystemExit(code or int(not is_within))


def _announce(child: Child, clock: str) -> None:
    meaning = " (skips waiting times; --clock real keeps them)" if clock == "auto" else ""
    say(f"{child.ready['base_url']}, seed {child.ready['seed']}, clock {clock}{meaning}")


def _run(relay: SignalRelay, command: tuple[str, ...], child: Child, key: str) -> int:
    variables = {"EACHLABS_BASE_URL": child.ready["base_url"], "EACHLABS_API_KEY": key}
    try:
        return relay.run(command, {**os.environ, **variables})
    except OSError as error:
        say(f"{command[0]}: cannot be run: {error.strerror or error}")
        return CANNOT_RUN


def _report(control: Control, max_spend: Decimal | None) -> bool:
    """Print the report of a world; return whether its spend is known and at most *max_spend*."""
    try:
        run = _read_world(control)
    except (ControlError, ConnectionError) as error:
        say(f"no report, because the emulator could not be read: {error}")
        return max_spend is None
    for line in run.lines():
        say(line)
    if max_spend is None or run.spend <= max_spend:
        return True
    say(f"the spend of {run.spend} USD exceeds --max-spend {max_spend}")
    return False


def _read_world(control: Control) -> RunReport:
    # Stop the clock first, so that all reads show the same moment.
    pending = control.call("PUT", "/clock", {"mode": "manual"})["pending"]
    lists = {name: control.call("GET", f"/{name}")[name] for name in ("requests", "predictions", "deliveries")}
    ledger, settings = control.call("GET", "/ledger"), control.call("GET", "/settings")
    return RunReport(**lists, ledger=ledger, charge=settings["charge"], pending=pending)
