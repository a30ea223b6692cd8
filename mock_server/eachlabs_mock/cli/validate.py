"""The `validate` command: checks scenario files without running them."""

import json

import click

from eachlabs_mock.cli.options import printing_flag
from eachlabs_mock.console import printable, say
from eachlabs_mock.faults import ScenarioError, load_scenario, scenario_schema


def schema_text() -> str:
    """Return the JSON Schema of a scenario file, as published in `fixtures/scenarios`."""
    return json.dumps(scenario_schema(), indent=2) + "\n"


_SCHEMA = printing_flag(
    "--schema", lambda _: schema_text().rstrip(), "Print the JSON Schema of scenario files, for editors, and exit."
)


@click.command("validate", params=[_SCHEMA])
@click.argument("files", nargs=-1, required=True, metavar="NAME|FILE...")
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
            say(printable(str(error)))
        else:
            text = f": {scenario.description}" if scenario.description else ""
            rules = "1 rule" if len(scenario.rules) == 1 else f"{len(scenario.rules)} rules"
            click.echo(f"{file}: {rules}{printable(text)}")
    raise SystemExit(2 if has_errors else 0)
