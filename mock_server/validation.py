"""The command `eachlabs-mock validate`: checks scenarios without playing them."""

import click

from mock_server.scenario import ScenarioError, load


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="NAME|FILE...")
def validate_command(files: tuple[str, ...]) -> None:
    """Check scenarios without playing them.

    Exit codes: 0 each will do, 2 one will not; the reason is on standard error.
    """
    wrong = False
    for each in files:
        try:
            scenario = load(each)
        except ScenarioError as error:
            wrong = True
            click.echo(f"eachlabs-mock: {error}", err=True)
        else:
            click.echo(f"{each}: {len(scenario.rules)} rules{f': {text}' if (text := scenario.description) else ''}")
    raise SystemExit(2 if wrong else 0)
