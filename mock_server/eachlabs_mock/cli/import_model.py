"""The command `eachlabs-mock import-model`."""

import sys
from pathlib import Path

import click

from eachlabs_mock.console import printable
from eachlabs_mock.models import Imported, ImportProblem, import_model


class _RefusedError(click.ClickException):
    """An import that cannot be done: one line, exit code 2."""

    exit_code = 2


@click.command("import-model")
@click.argument("source")
@click.option("-o", "--directory", default=".", metavar="DIR", help="Directory for SLUG.json; created if missing.")
@click.option("--force", is_flag=True, help="Overwrite an existing model file.")
def import_model_command(source: str, directory: str, *, force: bool) -> None:
    """Convert SOURCE to a model file for `serve --models DIR`.

    SOURCE is a file, or - for standard input. It contains a model page (Markdown) or the JSON of GET /v1/model.
    """
    try:
        imported = import_model(_source_text(source))
    except ImportProblem as problem:
        raise _RefusedError(printable(f"{source}: {problem}")) from problem
    for warning in imported.warnings:
        click.echo(f"warning: {printable(warning)}", err=True)
    click.echo(_written(imported, Path(directory), force=force))


def _source_text(source: str) -> str:
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise _RefusedError(f"{source}: cannot read the file ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise _RefusedError(f"{source}: byte {error.start}: not valid UTF-8") from error


def _written(imported: Imported, directory: Path, *, force: bool) -> Path:
    """Write the model file to *directory* and return its path; a valid slug cannot name another directory."""
    file = directory / f"{imported.model_file['slug']}.json"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with file.open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(imported.text)
    except FileExistsError as error:
        what = "the file exists; --force overwrites it" if file.exists() else "not a directory"
        raise _RefusedError(f"{file if file.exists() else directory}: {what}") from error
    except OSError as error:
        raise _RefusedError(f"{file}: cannot write the file ({error.strerror or error})") from error
    return file
