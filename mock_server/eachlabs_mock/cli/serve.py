"""Builds the `serve` command from the settings: one option a field, flag before environment before default."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import Field
from difflib import get_close_matches
from typing import Any

import click

from eachlabs_mock.console import open_closed_streams, printable
from eachlabs_mock.faults import ScenarioError
from eachlabs_mock.models import ModelFileError
from eachlabs_mock.settings import ENVIRONMENT_PREFIX, Convert, Settings, flag, registry, variable

EXIT_WITH_STDIN = "--exit-with-stdin"
"""The flag of `serve` for a parent process. It is no setting: a variable with it would end servers in a background."""

_EXIT_WITH_STDIN_HELP = "Stop when standard input closes: for a parent process that may be killed."


class _Value(click.ParamType[Any]):
    """Turns a text into a setting's value, with the setting's own words when it will not do."""

    def __init__(self, metavar: str, convert: Convert) -> None:
        self.name = metavar
        self._convert = convert

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  # click's
        if not isinstance(value, str):
            return value
        try:
            return self._convert(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Grouped(click.Command):
    """A command with two helps: the short one for newcomers, the long one in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        everything = ctx.meta.get("help_all", False)
        shown: dict[str, list[tuple[str, str]]] = {}
        for option, setting in zip(self.params, registry(), strict=False):
            record = option.get_help_record(ctx)
            if record and (everything or setting.metadata.get("newcomer")):
                shown.setdefault(setting.metadata["group"] if everything else "Options", []).append(record)
        if everything:
            shown["Process"] = [(EXIT_WITH_STDIN, _EXIT_WITH_STDIN_HELP)]
        shown["Help"] = [("--help", "These options."), ("--help-all", "Every option, in groups.")]
        for group, records in shown.items():
            with formatter.section(group):
                formatter.write_dl(records)


def serve_command() -> click.Command:
    """Return `eachlabs-mock serve`."""
    exit_with_stdin = click.Option([EXIT_WITH_STDIN], is_flag=True, help=_EXIT_WITH_STDIN_HELP)
    help_all = click.Option(
        ["--help-all"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_all,
        hidden=True,
        help="All options.",
    )
    return _Grouped(
        "serve",
        params=[*(_option(each) for each in registry()), exit_with_stdin, help_all],
        callback=_serve,
        help="Serve the emulator until Ctrl-C or SIGTERM. A variable such as EACHLABS_MOCK_PORT does what --port does.",
        epilog="Exit codes: 0 ended by a signal, 1 not ready in time, 2 bad options or files, port taken.",
    )


def check_environment(environment: Mapping[str, str]) -> None:
    """Refuse a variable with our prefix that is no setting: it is a slip, and would silently do nothing.

    :raises click.UsageError: there is one.
    """
    known = [variable(each.name) for each in registry()]
    for name in environment:
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            near = get_close_matches(name, known, n=1)
            advice = f"did you mean {near[0]}?" if near else f"known are: {', '.join(known)}"
            raise click.UsageError(f"{name} is not a setting; {advice}")


def _option(setting: Field[Any]) -> click.Option:
    facts, name = setting.metadata, flag(setting.name)
    common: dict[str, Any] = {"help": _help(facts), "envvar": variable(setting.name)}
    if isinstance(setting.default, bool):
        return click.Option([f"{name}/--no-{name[2:]}"], default=setting.default, **common)
    common["default"] = () if facts["many"] else facts["default"]
    if "choices" in facts:
        return click.Option([name], type=click.Choice(facts["choices"]), **common)
    common |= {"metavar": facts["metavar"], "multiple": facts["many"]}  # click would write a metavar in capitals
    return click.Option([name], type=_Value(facts["metavar"], facts["convert"]), **common)


def _help(facts: Mapping[str, Any]) -> str:
    return f"{facts['help']}  [{facts['default']}]" if facts["default"] else str(facts["help"])


def _show_all(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click calls it so
    if value and not ctx.resilient_parsing:
        ctx.meta["help_all"] = True
        click.echo(ctx.get_help())
        ctx.exit()


def _serve(*, exit_with_stdin: bool, **values: Any) -> None:  # noqa: ANN401  # one for each field of Settings
    if exit_with_stdin:
        _exit_with_stdin()
    open_closed_streams()
    from eachlabs_mock.server import NeverReadyError, PortTakenError, WorkerRefusedError, run_server  # noqa: PLC0415  # granian is slow to import, and --help needs none of it

    check_environment(os.environ)
    told = PortTakenError, WorkerRefusedError, NeverReadyError
    try:
        run_server(Settings(**values), sys.stdout)
    except (*told, ModelFileError, ScenarioError) as error:
        click.echo(f"eachlabs-mock: {printable(str(error))}", err=True)
        raise SystemExit(1 if isinstance(error, NeverReadyError) else 2) from None


def _exit_with_stdin() -> None:
    watch = threading.Thread(target=_end_with_input, name="stdin", daemon=True)

    def start() -> None:
        if watch.ident is None:
            watch.start()

    os.register_at_fork(after_in_parent=start)  # not before: forking is safe only while there is one thread


def _end_with_input() -> None:
    os.read(0, 1)  # nothing is ever written: this returns when the last writer has closed its end
    os.kill(os.getpid(), signal.SIGTERM)
