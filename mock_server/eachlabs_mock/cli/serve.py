"""The `serve` command, built from the settings: one option per field. Flags override variables."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import Field
from difflib import get_close_matches
from typing import Any

import click

from eachlabs_mock.cli.options import Converted, printing_flag
from eachlabs_mock.console import open_closed_streams, printable, say
from eachlabs_mock.faults import ScenarioError
from eachlabs_mock.models import ModelFileError
from eachlabs_mock.settings import ENVIRONMENT_PREFIX, Settings, flag, registry, variable

EXIT_WITH_STDIN = "--exit-with-stdin"
"""A flag for parent processes. It is not a setting: as an inherited variable it would stop background servers."""

_EXIT_WITH_STDIN_HELP = "Stop when standard input closes, so that the server ends with its parent process."
_HELP_ALL_HELP = "Show all options, in groups."


class _Grouped(click.Command):
    """A command with two help pages: a short one for newcomers and a full one in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        everything = ctx.meta.get("help_all", False)
        shown: dict[str, list[tuple[str, str]]] = {}
        for option, setting in zip(self.params, registry(), strict=False):
            record = option.get_help_record(ctx)
            if record and (everything or setting.metadata.get("newcomer")):
                shown.setdefault(setting.metadata["group"] if everything else "Options", []).append(record)
        if everything:
            shown["Process"] = [(EXIT_WITH_STDIN, _EXIT_WITH_STDIN_HELP)]
        shown["Help"] = [("--help", "Show this message."), ("--help-all", _HELP_ALL_HELP)]
        for group, records in shown.items():
            with formatter.section(group):
                formatter.write_dl(records)


def serve_command() -> click.Command:
    """Return `eachlabs-mock serve`."""
    exit_with_stdin = click.Option([EXIT_WITH_STDIN], is_flag=True, help=_EXIT_WITH_STDIN_HELP)
    help_all = printing_flag("--help-all", _full_help, _HELP_ALL_HELP)
    return _Grouped(
        "serve",
        params=[*map(_option, registry()), exit_with_stdin, help_all],
        callback=_serve,
        help="Run the emulator until Ctrl-C or SIGTERM. Variables set options too: EACHLABS_MOCK_PORT sets --port.",
        epilog="Exit codes: 0 stopped by a signal, 1 not ready in time, 2 bad options or files, or the port is in use.",
    )


def check_environment(environment: Mapping[str, str]) -> None:
    """Reject a variable with our prefix that names no setting: a misspelt one would silently have no effect.

    :raises click.UsageError: there is such a variable.
    """
    known = [variable(setting.name) for setting in registry()]
    for name in environment:
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            near = get_close_matches(name, known, n=1)
            advice = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}"
            raise click.UsageError(f"{name} is not a setting; {advice}")


def _option(setting: Field[Any]) -> click.Option:
    facts, name = setting.metadata, flag(setting.name)
    text = f"{facts['help']}  [{facts['default']}]" if facts["default"] else facts["help"]
    common: dict[str, Any] = {"help": text, "envvar": variable(setting.name)}
    if isinstance(setting.default, bool):
        return click.Option([f"{name}/--no-{name[2:]}"], default=setting.default, **common)
    common["default"] = () if facts["many"] else facts["default"]
    if "choices" in facts:
        return click.Option([name], type=click.Choice(facts["choices"]), **common)
    kind = Converted(facts["metavar"], facts["convert"])
    return click.Option([name], type=kind, multiple=facts["many"], **common)


def _full_help(ctx: click.Context) -> str:
    ctx.meta["help_all"] = True
    return ctx.get_help()


def _serve(*, exit_with_stdin: bool, **values: Any) -> None:  # noqa: ANN401  # one for each field of Settings
    if exit_with_stdin:
        _exit_with_stdin()
    open_closed_streams()
    from eachlabs_mock.server import NeverReadyError, StartError, run_server  # noqa: PLC0415  # granian is slow to import, and --help does not need it

    check_environment(os.environ)
    try:
        run_server(Settings(**values), sys.stdout)
    except (StartError, NeverReadyError, ModelFileError, ScenarioError) as error:
        say(printable(str(error)))
        raise SystemExit(1 if isinstance(error, NeverReadyError) else 2) from None


def _exit_with_stdin() -> None:
    watch = threading.Thread(target=_stop_after_input, name="stdin", daemon=True)

    def start() -> None:
        if watch.ident is None:
            watch.start()

    os.register_at_fork(after_in_parent=start)  # not earlier: forking is safe only with a single thread


def _stop_after_input() -> None:
    while os.read(0, 4096):  # nothing is left to read when the last writer has closed the pipe
        pass
    os.kill(os.getpid(), signal.SIGTERM)
