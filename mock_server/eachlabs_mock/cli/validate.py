"""The `validate` command: checks scenario files without running them."""

import json

import click

from eachlabs_mock.console import printable
from eachlabs_mock.faults import ScenarioError, load_scenario, scenario_schema


def schema_text() -> str:
    """Return the JSON Schema of a scenario file, as published in `fixtures/scenarios`."""
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
    help="Print the JSON Schema of scenario files, for editors, and exit.",
)
def validate_command(files: tuple[str, ...]) -> None:
    """Check scenarios, files or names of built-in ones, without running them.

    Exit codes: 0 all are valid, 2 at least one is not; the reasons are on standard error.
    """
    has_errors = False
    for file in files:
        try:
            scenario = load_scenario(file)
        except ScenarioError as error:
            has_errors = True
            click.echo(f"eachlabs-mock: {printable(str(error))}", err=True)
        else:
            text = f": {scenario.description}" if scenario.description else ""
            rules = "1 rule" if len(scenario.rules) == 1 else f"{len(scenario.rules)} rules"
            click.echo(f"{file}: {rules}{printable(text)}")
    raise SystemExit(2 if has_errors else 0)
