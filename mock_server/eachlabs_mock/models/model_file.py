"""Reads and checks model files; each error says what is wrong, where, and what is legal."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from eachlabs_mock.models.model import Model
from eachlabs_mock.schema import compiled, near_names, shown, violations

KEYS = ("title", "slug", "version", "output_type", "request_schema", "cost")
_KEY_LIST = ", ".join(KEYS)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?")
"""The form of a slug, which is safe in a file name and in a URL."""


class ModelFileError(ValueError):
    """A model file, or a directory of model files, that cannot be used."""

    def __init__(self, file: Path, where: str, what: str, legal: str) -> None:
        """Word the error.

        :param where: the place in *file*.
        :param what: what is wrong there.
        :param legal: what is legal there.
        """
        super().__init__(f"{file}: {where}: {what}; {legal}")
        self.file = file
        self.where = where
        self.what = what
        self.legal = legal


def read_model(file: Path) -> Model:
    """Return the model in *file*.

    :raises ModelFileError: the file cannot be read, or is not a valid model file.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(file, "file", f"cannot read the file ({reason})", "make it readable") from error
    except UnicodeDecodeError as error:
        raise ModelFileError(file, f"byte {error.start}", "not valid UTF-8", "save the file as UTF-8") from error
    return parse_model(text, file)


def parse_model(text: str, file: Path) -> Model:
    """Return the model in *text*.

    :param file: the path that errors name; it is not read.
    :raises ModelFileError: *text* is not a valid model file.
    """
    facts = _object(text, file)
    _check_keys(facts, file)
    _check_texts(facts, file)
    _check_schema(facts["request_schema"], file)
    model = _model(facts, _cost(facts, text, file), file)
    _check_defaults(model, file)
    return model


def _object(text: str, file: Path) -> dict[str, Any]:
    try:
        facts = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise ModelFileError(file, where, f"not valid JSON ({error.msg})", "correct it there") from error
    if not isinstance(facts, dict):
        raise ModelFileError(file, "top level", f"found {shown(facts)}", f"an object with {_KEY_LIST} is required")
    return facts


def _check_keys(facts: Mapping[str, Any], file: Path) -> None:
    for key in facts:
        if key not in KEYS:
            legal = " or ".join(near_names(key, KEYS)) or _KEY_LIST
            raise ModelFileError(file, key, "unknown key", f"use {legal}")
    for key in KEYS:
        if key not in facts:
            raise ModelFileError(file, key, "missing key", f"the required keys are {_KEY_LIST}")


def _check_texts(facts: Mapping[str, Any], file: Path) -> None:
    for key in ("title", "slug", "version", "output_type"):
        if not isinstance(facts[key], str) or not facts[key].strip():
            raise ModelFileError(file, key, f"found {shown(facts[key])}", "a non-empty string is required")
    if not SLUG.fullmatch(facts["slug"]):
        legal = "use 1 to 100 of a-z, 0-9, '.', '_' and '-', with a letter or digit at either end"
        raise ModelFileError(file, "slug", f"found {shown(facts['slug'])}", legal)


def _check_schema(schema: object, file: Path) -> None:
    where = "request_schema"
    if not isinstance(schema, dict):
        raise ModelFileError(file, where, f"found {shown(schema)}", "a JSON Schema object is required")
    if schema.get("type") != "object":
        raise ModelFileError(file, f"{where}.type", f"found {shown(schema.get('type'))}", 'it must be "object"')
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        raise ModelFileError(file, f"{where}.properties", f"found {shown(properties)}", "an object is required")
    for name, rules in properties.items():
        _check_rules(rules, file, f"{where}.properties.{name}")
    required = schema.get("required", [])
    for name in required if isinstance(required, list) else ():
        if not isinstance(name, str) or name not in properties:
            legal = " or ".join(near_names(str(name), properties)) or "one of the properties"
            raise ModelFileError(file, f"{where}.required", f"{shown(name)} is not a property", f"use {legal}")


def _check_rules(rules: object, file: Path, where: str) -> None:
    if not isinstance(rules, dict):
        raise ModelFileError(file, where, f"found {shown(rules)}", "an object with a type is required")
    if rules.get("enum") == []:
        raise ModelFileError(file, f"{where}.enum", "it is empty", "list at least one option, or remove the key")
    low, high = rules.get("minimum"), rules.get("maximum")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        legal = f"it must be at least the minimum, {shown(low)}"
        raise ModelFileError(file, f"{where}.maximum", f"found {shown(high)}", legal)


def _cost(facts: Mapping[str, Any], text: str, file: Path) -> Decimal | None:
    """Return the cost exactly as written: a price must not be rounded to a binary fraction."""
    if facts["cost"] is None:
        return None
    cost = json.loads(text, parse_float=Decimal, parse_int=Decimal)["cost"]
    if not isinstance(cost, Decimal) or cost < 0:
        legal = "a number of USD from 0, or null for an unknown price, is required"
        raise ModelFileError(file, "cost", f"found {shown(cost)}", legal)
    return cost


def _model(facts: Mapping[str, Any], cost: Decimal | None, file: Path) -> Model:
    try:
        return Model.of(facts, cost)
    except jsonschema_rs.ValidationError as error:
        where = ".".join(["request_schema", *map(str, error.instance_path)])
        raise ModelFileError(file, where, error.message, "JSON Schema, draft 2020-12, is required") from error


def _check_defaults(model: Model, file: Path) -> None:
    defaults = dict(model.defaults)
    if all(_is_missing_field(error) for error in model.validator.iter_errors(defaults)):
        return
    schema = {**model.request_schema, "required": []}
    first = violations(compiled(schema), schema, defaults)[0]
    name = max((name for name in defaults if first.field.startswith(name)), key=len, default="")
    where = f"request_schema.properties.{name}.default{first.field.removeprefix(name)}"
    raise ModelFileError(file, where, f"{first.received} breaks the rule {first.rule!r}", f"use {first.legal}")


def _is_missing_field(error: jsonschema_rs.ValidationError) -> bool:
    """Tell whether *error* only says that a required field has no default."""
    return error.kind.name == "required" and not error.instance_path
