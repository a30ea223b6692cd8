"""The command `eachlabs-mock`."""

import click

from mock_server import __version__
from mock_server.commands import serve_command
from mock_server.execution import exec_command
from mock_server.load.command import load_command
from mock_server.models.importer import import_model_command
from mock_server.simulation.command import simulate_command
from mock_server.validation import validate_command


@click.group(context_settings={"help_option_names": ["--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="eachlabs-mock")
def main() -> None:
    """Emulate the Eachlabs prediction API offline. Unofficial."""


main.add_command(serve_command())
main.add_command(exec_command())
main.add_command(import_model_command)
main.add_command(validate_command)
main.add_command(simulate_command())
main.add_command(load_command())

if __name__ == "__main__":
    main()
