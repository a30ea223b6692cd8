"""The command `eachlabs-contract`."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

import click

from eachlabs_contract.verdict import USAGE

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "check": "eachlabs_contract.cli.check:check_command",
        "list": "eachlabs_contract.cli.check:list_command",
        "explain": "eachlabs_contract.cli.check:explain_command",
        "report": "eachlabs_contract.cli.report:report_command",
        "certify": "eachlabs_contract.cli.certify:certify_command",
    }
)
"""Where each command is."""


class MissingLibraryError(click.ClickException):
    """Something that a command needs is not installed; the text says what."""

    exit_code = USAGE


class Commands(click.Group):
    """The commands, each imported when it is asked for: to list claims takes nothing of what tries them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click asks so
        """Return their names, in the order of the help."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click asks so
        """Return one of them; None where there is none of that name.

        :raises MissingLibraryError: something that it needs is not installed.
        """
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        try:
            command: click.Command = getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            raise MissingLibraryError(f"{error}; pip install 'eachlabs-mock[contract]' installs it") from None
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 110})
@click.version_option(package_name="eachlabs-mock", prog_name="eachlabs-contract")
def group() -> None:
    """Hold any server to the contract of the Eachlabs prediction API. Unofficial."""


def main() -> None:
    """Run the command."""
    group()


if __name__ == "__main__":
    main()
