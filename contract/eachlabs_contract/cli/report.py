"""The command `eachlabs-contract report`: judges how a program called the emulator, and what the calls would cost."""

import json
import os
from pathlib import Path
from typing import Any, Final

import click

from eachlabs_contract.cli.group import UsageError
from eachlabs_contract.history import JournalError, dump_journal, load_journal, read_journal
from eachlabs_contract.manners import CONDUCT_MEANINGS, Account
from eachlabs_contract.reports import conduct_as_json, conduct_lines
from eachlabs_contract.targets import NoJournalError, read_world

LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")
"""Beginnings of a URL without its scheme."""

EPILOG: Final = "Exit codes: 0 {}; 1 {}; 2 usage error.".format(*CONDUCT_MEANINGS)


@click.command("report", epilog=EPILOG)
@click.argument("source", envvar="EACHLABS_BASE_URL", metavar="URL|FILE")
@click.option("--api-key", envvar="EACHLABS_API_KEY", default="", metavar="KEY", help="API key that the program used.")
@click.option("--world", default="", metavar="NAME", help="World that the program named in X-Mock-World.")
@click.option(
    "--control-token",
    envvar="EACHLABS_CONTROL_TOKEN",
    default="",
    metavar="TOKEN",
    help="Token for the control plane (X-Mock-Token).",
)
@click.option(
    "--json",
    "as_json",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report as JSON.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Save the journal, to report on later.",
)
def report_command(
    *, source: str, api_key: str, world: str, control_token: str, as_json: Path | None, save: Path | None
) -> None:
    """Report how a program used the emulator at URL.

    Reads the emulator's journal over the control plane and changes nothing; FILE is a journal written by --save. The
    report says which manners the program broke (paid twice, result not collected, key exposed, limits ignored), how
    much of the limits its polls took, and what the calls would have cost at the real service.
    """
    document = _read_file(Path(source)) if _is_file(source) else _read_server(source, api_key, world, control_token)
    try:
        account = Account.of(read_journal(document), source)
    except JournalError as error:
        raise UsageError(f"{source}: {error}") from None
    if not account.journal.episode.events:
        raise UsageError(f"{source}: the journal is empty; is this the key, or the world, that the program used?")
    if save:
        _write(save, dump_journal(document))
    if as_json:
        _write(as_json, json.dumps(conduct_as_json(account), indent=1) + "\n")
    for line in conduct_lines(account):
        click.echo(line, color=False if os.environ.get("NO_COLOR") else None)
    raise SystemExit(account.exit_code)


def _is_file(source: str) -> bool:
    """Return whether *source* names a file and not a URL; the file need not exist."""
    return "://" not in source and not source.startswith(LOCAL)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return dict(load_journal(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {_reason(error)}; a URL starts with http://") from None
    except JournalError as error:
        raise UsageError(f"{path}: {error}") from None


def _read_server(url: str, api_key: str, world: str, token: str) -> dict[str, Any]:
    if not (api_key or world):
        raise UsageError("give --api-key KEY or --world NAME: the key, or the world, that the program used")
    headers = {"X-API-Key": api_key, "X-Mock-World": world, "X-Mock-Token": token}
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()) and value:
            raise UsageError(f"the value of the header {name} must be printable ASCII")
    try:
        return read_world(url, tuple((name, value) for name, value in headers.items() if value))
    except NoJournalError as error:
        raise UsageError(str(error)) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
