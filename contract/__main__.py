"""The command `eachlabs-contract`."""

import sys

import click


@click.group(context_settings={"help_option_names": ["--help"], "max_content_width": 110})
@click.version_option(package_name="eachlabs-mock", prog_name="eachlabs-contract")
def group() -> None:
    """Hold any server to the contract of the Eachlabs prediction API. Unofficial."""


def assemble() -> None:
    """Put the commands below the group.

    :raises ModuleNotFoundError: something that they need is not installed.
    """
    from contract import commands  # noqa: PLC0415  # `main` says in words what is missing

    for each in (commands.check_command, commands.list_command, commands.explain_command):
        group.add_command(each)


def main() -> None:
    """Run the command; where what it needs is not installed, say so."""
    try:
        assemble()
    except ModuleNotFoundError as error:
        click.echo(f"eachlabs-contract: {error}; pip install 'eachlabs-mock[contract]' installs it", err=True)
        sys.exit(2)
    group()


if __name__ == "__main__":
    main()
