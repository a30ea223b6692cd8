"""The command `eachlabs-mock`."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

from eachlabs_mock.resources import __version__

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "eachlabs_mock.cli.serve:serve_command",
        "exec": "eachlabs_mock.cli.exec:exec_command",
        "import-model": "eachlabs_mock.cli.import_model:import_model_command",
        "validate": "eachlabs_mock.cli.validate:validate_command",
        "simulate": "eachlabs_mock.simulation.command:simulate_command",
        "load": "eachlabs_mock.load.command:load_command",
    }
)
"""The module and name of each command, or of the function that builds it."""


class Commands(click.Group):
    """A group that imports each command on first use, so that no command slows the start of another."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # the signature is click's
        """Return the names in the order of the help."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # the signature is click's
        """Return the command called *cmd_name*, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        target = getattr(import_module(module), name)
        command: click.Command = target if isinstance(target, click.Command) else target()
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="eachlabs-mock")
def main() -> None:
    """Emulate the Eachlabs prediction API offline. Unofficial."""


if __name__ == "__main__":
    main(prog_name="eachlabs-mock")
