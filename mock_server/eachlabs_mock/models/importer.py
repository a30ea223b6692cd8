"""Makes a model file of a model page or of the JSON of `GET /v1/model`: the command `eachlabs-mock import-model`."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from eachlabs_mock.models.from_page import assumed_output_type, assumed_version, model_of_page
from eachlabs_mock.models.from_parameter import Warn
from eachlabs_mock.models.model_file import KEYS, ModelFileError, parse_model
from eachlabs_mock.models.page_parser import ImportProblem, read_page
from eachlabs_mock.schema import accepts
from eachlabs_mock.terminal import printable

__all__ = ["ImportProblem", "Imported", "import_model", "import_model_command"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A model file, as plain JSON, and what is doubtful in it, a sentence each."""

    model_file: dict[str, Any]
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The model file as it is written."""
        return f"{json.dumps(self.model_file, indent=2, ensure_ascii=False)}\n"


def import_model(text: str) -> Imported:
    """Return the model file that *text* amounts to: a model page, or the JSON of `GET /v1/model`.

    What comes back always loads. Raises ImportProblem where *text* is neither, or lacks what a model file needs.
    """
    text = text.strip("\ufeff \t\r\n")
    warnings: list[str] = []
    if text.startswith(("{", "[")):
        model_file = _from_json(text, warnings.append)
    elif "## Model Information" in text:
        model_file = model_of_page(read_page(text), warnings.append)
    else:
        what = "HTML" if text.startswith("<") else "no such text" if text else "empty"
        raise ImportProblem(f'give a model page (Markdown with "## Model Information") or model JSON; this is {what}')
    imported = Imported({key: model_file[key] for key in KEYS}, tuple(warnings))
    try:
        parse_model(imported.text, Path("model"))
    except ModelFileError as error:
        raise ImportProblem(f"{error.where}: {error.what}; {error.legal}") from error
    return imported


def _from_json(text: str, warn: Warn) -> dict[str, Any]:
    facts = _facts(text)
    schema = facts.get("request_schema")
    if not isinstance(facts.get("slug"), str) or not isinstance(schema, dict):
        raise ImportProblem("the JSON needs a slug (string) and a request_schema (object)")
    for key in [key for key in facts if key not in KEYS]:
        warn(f"{key}: a model file has no such key; it is left out")
    return {
        "title": facts.get("title") or facts["slug"],
        "slug": facts["slug"],
        "version": facts.get("version") or assumed_version(warn),
        "output_type": facts.get("output_type") or assumed_output_type(warn),
        "request_schema": _loadable(schema, warn),
        "cost": _known_cost(facts.get("cost"), warn),
    }


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ImportProblem(f"line {error.lineno} column {error.colno}: this is not JSON ({error.msg})") from error
    if isinstance(facts, list) and len(facts) == 1:
        facts = facts[0]
    if not isinstance(facts, dict):
        many = f"a list of {len(facts)}" if isinstance(facts, list) else "none"
        raise ImportProblem(f"the JSON must be one model, as GET /v1/model?slug= answers; this is {many}")
    return facts


def _loadable(schema: Mapping[str, Any], warn: Warn) -> dict[str, Any]:
    """Return *schema* with a type and properties, and without the defaults that it forbids itself."""
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        raise ImportProblem("request_schema.properties must be an object")
    mended = {name: _without_bad_default(name, rules, warn) for name, rules in properties.items()}
    return {**schema, "type": schema.get("type", "object"), "properties": mended}


def _without_bad_default(name: str, rules: object, warn: Warn) -> object:
    if not isinstance(rules, dict) or "default" not in rules or "$ref" in rules or accepts(rules, rules["default"]):
        return rules
    warn(f"{name}: the default {rules['default']!r} is not legal by the schema's own rules; it is left out")
    return {rule: value for rule, value in rules.items() if rule != "default"}


def _known_cost(cost: object, warn: Warn) -> float | None:
    if isinstance(cost, int | float) and not isinstance(cost, bool) and cost > 0:
        return cost
    warn(f"cost: {cost!r} is no price per prediction; it is unknown")
    return None


class _RefusedError(click.ClickException):
    """A command that cannot be done as asked: one line, exit 2."""

    exit_code = 2


@click.command("import-model")
@click.argument("source")
@click.option("-o", "--directory", default=".", metavar="DIR", help="Where SLUG.json is written; made if absent.")
@click.option("--force", is_flag=True, help="Overwrite a model file that is already there.")
def import_model_command(source: str, directory: str, *, force: bool) -> None:
    """Make a model file of SOURCE, for `serve --models DIR`.

    SOURCE is a model page (its Markdown) or the JSON of GET /v1/model, in a file, or - for standard input.
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
        raise _RefusedError(f"{source}: it cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise _RefusedError(f"{source}: byte {error.start}: this is not UTF-8") from error


def _written(imported: Imported, directory: Path, *, force: bool) -> Path:
    """Write the model file into *directory* and return its path; the slug was checked, so it cannot lead elsewhere."""
    file = directory / f"{imported.model_file['slug']}.json"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with file.open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(imported.text)
    except FileExistsError as error:
        what = "it is already there; --force overwrites it" if file.exists() else "this is no directory"
        raise _RefusedError(f"{file if file.exists() else directory}: {what}") from error
    except OSError as error:
        raise _RefusedError(f"{file}: it cannot be written ({error.strerror or error})") from error
    return file
