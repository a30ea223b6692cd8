"""The command `eachlabs-mock validate`: checks scenarios without playing them."""

import json

import click

from eachlabs_mock.console import printable
from eachlabs_mock.faults import ScenarioError, load_scenario, scenario_schema


def schema_text() -> str:
    """Return the JSON Schema of a scenario file, as it is shipped beside the scenarios."""
    return json.dumps(scenario_schema(), indent=2) + "\n"


def _show_schema(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click calls it so
    if value and not ctx.resilient_parsing:
        click.echo(schema_text(), nl=False)
        ctx.exit()


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="NAME|FILE...")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_schema,
    help="Print the JSON Schema of such a file, for editors, and do nothing else.",
)
def validate_command(files: tuple[str, ...]) -> None:
    """Check scenarios without playing them.

    Exit codes: 0 each will do, 2 one will not; the reason is on standard error.
    """
    wrong = False
    for each in files:
        try:
            scenario = load_scenario(each)
        except ScenarioError as error:
            wrong = True
            click.echo(f"eachlabs-mock: {printable(str(error))}", err=True)
        else:
            text = f": {scenario.description}" if scenario.description else ""
            click.echo(f"{each}: {len(scenario.rules)} rules{printable(text)}")
    raise SystemExit(2 if wrong else 0)
