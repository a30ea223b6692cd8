"""The group of commands, each of which is imported when it is called: `--help` has to be fast."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

import click

from eachlabs_contract.verdict import USAGE

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {"check": "check", "list": "check", "explain": "check", "report": "report", "certify": "certify"}
)
"""The module of each command."""

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""


class UsageError(click.ClickException):
    """The command line makes no sense; the text says why, in a line."""

    exit_code = USAGE


class Commands(click.Group):
    """The commands, by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return their names, in the order of the help."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Return the command of this name; None where there is none.

        :raises UsageError: a library that it needs is not installed.
        """
        if cmd_name not in COMMANDS:
            return None
        try:
            module = import_module(f"eachlabs_contract.cli.{COMMANDS[cmd_name]}")
        except ModuleNotFoundError as error:
            advice = "run pip install '.[contract]' in a checkout, or install the wheel with [contract]"
            raise UsageError(f"{cmd_name} needs {error.name}: {advice}") from None
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 110})
@click.version_option(package_name="eachlabs-mock", prog_name="eachlabs-contract")
def main() -> None:
    """Hold any server to the contract of the Eachlabs prediction API. Unofficial."""
