"""The command `eachlabs-contract report`: how a program behaved that called an emulator, and what that would cost."""

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
"""What a URL begins with whose scheme was forgotten."""

EPILOG: Final = "Exit codes: 0 {}; 1 {}; 2 the call made no sense.".format(*CONDUCT_MEANINGS)


@click.command("report", epilog=EPILOG)
@click.argument("source", envvar="EACHLABS_BASE_URL", metavar="URL|FILE")
@click.option("--api-key", envvar="EACHLABS_API_KEY", default="", metavar="KEY", help="The key whose world is judged.")
@click.option("--world", default="", metavar="NAME", help="The world that is judged, where X-Mock-World named it.")
@click.option(
    "--control-token",
    envvar="EACHLABS_CONTROL_TOKEN",
    default="",
    metavar="TOKEN",
    help="What the control plane wants in X-Mock-Token.",
)
@click.option(
    "--json", "as_json", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="As JSON, too."
)
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Keep the journal.")
def report_command(
    *, source: str, api_key: str, world: str, control_token: str, as_json: Path | None, save: Path | None
) -> None:
    """Say how a program behaved that called the emulator at URL.

    Its journal is read over the control plane and nothing is changed there; FILE is one that --save kept. Told are
    manners (was anything paid for twice, or never collected, was the key kept safe, were the limits heeded), the share
    of the limits that polling took, and what the same calls would have cost at the real service.
    """
    shown = _kept(Path(source)) if _is_file(source) else _seen(source, api_key, world, control_token)
    try:
        account = Account.of(read_journal(shown), source)
    except JournalError as error:
        raise UsageError(f"{source}: {error}") from None
    if not account.journal.episode.events:
        raise UsageError(f"{source}: nothing was called there; is it the key, or the world, that the program used?")
    if save:
        _write(save, dump_journal(shown))
    if as_json:
        _write(as_json, json.dumps(conduct_as_json(account), indent=1) + "\n")
    for line in conduct_lines(account):
        click.echo(line, color=False if os.environ.get("NO_COLOR") else None)
    raise SystemExit(account.exit_code)


def _is_file(source: str) -> bool:
    """Say whether *source* is meant to be a file, be there one or not."""
    return "://" not in source and not source.startswith(LOCAL)


def _kept(path: Path) -> dict[str, Any]:
    try:
        return dict(load_journal(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {_reason(error)}; an address begins with http://") from None
    except JournalError as error:
        raise UsageError(f"{path}: {error}") from None


def _seen(url: str, api_key: str, world: str, token: str) -> dict[str, Any]:
    if not (api_key or world):
        raise UsageError("say whose calls are judged: --api-key KEY, that they were made with, or --world NAME")
    named = {"X-API-Key": api_key, "X-Mock-World": world, "X-Mock-Token": token}
    for name, value in named.items():
        if not (value.isascii() and value.isprintable()) and value:
            raise UsageError(f"what goes into the header {name} holds printable ASCII characters only")
    try:
        return read_world(url, tuple((name, value) for name, value in named.items() if value))
    except NoJournalError as error:
        raise UsageError(str(error)) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
