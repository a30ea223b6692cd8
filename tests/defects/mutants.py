"""Tries automatic mutants of the emulator on the contract, and says which of them live without a reason given."""

import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import click

from defects.mutant_reasons import Account, Mutant, read_reasons

REASONS = Path(__file__).with_name("mutants.toml")
MUTANTS = Path("mutants")
RESULTS = frozenset({".meta"})
CHANGED = ("-", "+")


@click.command()
@click.option("--read", "only_read", is_flag=True, help="Try none: tell again what became of those tried last.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def main(*, only_read: bool, names: tuple[str, ...]) -> None:
    """Try all mutants, which takes half an hour; or again those called NAME, in which * stands for anything.

    Exit codes: 0 each mutant that lives is explained in tests/mutants.toml, 1 one is not, 2 mutmut could not try them.
    """
    if not only_read:
        _clear(MUTANTS, keep=RESULTS if names else frozenset())
        if subprocess.run([sys.executable, "-m", "mutmut", "run", *names], check=False).returncode:
            raise SystemExit(2)
    account = Account(tuple(_mutants()), read_reasons(REASONS))
    click.echo("\n".join(account.lines()))
    raise SystemExit(0 if account.is_settled else 1)


def _clear(directory: Path, keep: Collection[str]) -> None:
    """Delete mutmut's copies of our files: it renews none that it leaves unmutated."""
    for path in directory.rglob("*"):
        if path.is_file() and path.suffix not in keep:
            path.unlink()


def _mutants() -> Iterator[Mutant]:
    # mutmut has no command that prints all changes at once, and one for each of a thousand takes minutes.
    from mutmut.mutation.data import SourceFileMutationData  # noqa: PLC0415  # it looks for its settings at once
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # noqa: PLC0415  # the same
    from mutmut.stats import status_by_exit_code  # noqa: PLC0415  # the same
    from mutmut.utils.file_utils import walk_mutatable_files  # noqa: PLC0415  # the same

    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            yield Mutant(name, status_by_exit_code[code], _change(get_diff_for_mutant(name, path=path)))


def _change(diff: str) -> str:
    """Return what a diff takes away and puts there instead, without the two lines that name the file."""
    changed = [line for line in diff.splitlines()[2:] if line.startswith(CHANGED)]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in changed)


if __name__ == "__main__":
    sys.exit(main())
