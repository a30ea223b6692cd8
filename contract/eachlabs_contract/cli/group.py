"""The command group. A command's module is imported only when the command is called, so that `--help` stays fast."""

from collections.abc import Mapping, Sequence
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
"""Exit code after Ctrl-C, by shell convention."""


class UsageError(click.ClickException):
    """The command line cannot be carried out; the text says why, in one line."""

    exit_code = USAGE


def missing_libraries(command: str, names: Sequence[str]) -> UsageError:
    """Return the error of a *command* that needs libraries of the extra `contract`."""
    advice = "run pip install '.[contract]' in a checkout, or install the wheel with [contract]"
    return UsageError(f"{command} needs {' and '.join(names)}: {advice}")


class Commands(click.Group):
    """The commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names in the order of the help."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Return the command with this name, or None.

        :raises UsageError: a library that the command needs is not installed.
        """
        if cmd_name not in COMMANDS:
            return None
        try:
            module = import_module(f"eachlabs_contract.cli.{COMMANDS[cmd_name]}")
        except ModuleNotFoundError as error:
            raise missing_libraries(cmd_name, [error.name or str(error)]) from None
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 110})
@click.version_option(package_name="eachlabs-mock", prog_name="eachlabs-contract")
def main() -> None:
    """Check servers and programs against the contract of the Eachlabs prediction API. Unofficial."""
