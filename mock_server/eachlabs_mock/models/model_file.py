"""Reads a model file, and says of a faulty one what is wrong, where, and what would be right."""

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
"""A name that is safe as a file name and in a URL."""


class ModelFileError(ValueError):
    """A model file, or a directory of them, that cannot be used."""

    def __init__(self, file: Path, where: str, what: str, legal: str) -> None:
        """Say that in *file*, at *where*, there is *what*, though *legal* would be right."""
        super().__init__(f"{file}: {where}: {what}; {legal}")
        self.file = file
        self.where = where
        self.what = what
        self.legal = legal


def read_model(file: Path) -> Model:
    """Return the model in *file*; raises ModelFileError."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(file, "file", f"it cannot be read ({reason})", "a readable file is needed") from error
    except UnicodeDecodeError as error:
        raise ModelFileError(file, f"byte {error.start}", "this is not UTF-8", "save the file as UTF-8") from error
    return parse_model(text, file)


def parse_model(text: str, file: Path) -> Model:
    """Return the model that *text* describes; *file* is only named in what is raised, ModelFileError."""
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
        raise ModelFileError(file, where, f"this is not JSON ({error.msg})", "mend it there") from error
    if not isinstance(facts, dict):
        raise ModelFileError(file, "top level", f"here is {shown(facts)}", f"an object is needed with {_KEY_LIST}")
    return facts


def _check_keys(facts: Mapping[str, Any], file: Path) -> None:
    for key in facts:
        if key not in KEYS:
            legal = " or ".join(near_names(key, KEYS)) or _KEY_LIST
            raise ModelFileError(file, key, "no such key is known", f"legal here: {legal}")
    for key in KEYS:
        if key not in facts:
            raise ModelFileError(file, key, "this key is missing", f"needed are {_KEY_LIST}")


def _check_texts(facts: Mapping[str, Any], file: Path) -> None:
    for key in ("title", "slug", "version", "output_type"):
        if not isinstance(facts[key], str) or not facts[key].strip():
            raise ModelFileError(file, key, f"here is {shown(facts[key])}", "a string that is not empty is needed")
    if not SLUG.fullmatch(facts["slug"]):
        legal = "1 to 100 of a-z, 0-9, '.', '_' and '-' are legal, with a letter or digit at either end"
        raise ModelFileError(file, "slug", f"here is {shown(facts['slug'])}", legal)


def _check_schema(schema: object, file: Path) -> None:
    where = "request_schema"
    if not isinstance(schema, dict):
        raise ModelFileError(file, where, f"here is {shown(schema)}", "a JSON Schema object is needed")
    if schema.get("type") != "object":
        raise ModelFileError(file, f"{where}.type", f"here is {shown(schema.get('type'))}", 'it must be "object"')
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        raise ModelFileError(file, f"{where}.properties", f"here is {shown(properties)}", "an object is needed")
    for name, rules in properties.items():
        _check_rules(rules, file, f"{where}.properties.{name}")
    required = schema.get("required", [])
    for name in required if isinstance(required, list) else ():
        if not isinstance(name, str) or name not in properties:
            legal = " or ".join(near_names(str(name), properties)) or "one of the properties"
            raise ModelFileError(file, f"{where}.required", f"{shown(name)} is no property", f"legal here: {legal}")


def _check_rules(rules: object, file: Path, where: str) -> None:
    if not isinstance(rules, dict):
        raise ModelFileError(file, where, f"here is {shown(rules)}", "an object with a type is needed")
    if rules.get("enum") == []:
        raise ModelFileError(file, f"{where}.enum", "it is empty", "list at least one option, or leave it out")
    low, high = rules.get("minimum"), rules.get("maximum")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        legal = f"it must not be under the minimum, {shown(low)}"
        raise ModelFileError(file, f"{where}.maximum", f"here is {shown(high)}", legal)


def _cost(facts: Mapping[str, Any], text: str, file: Path) -> Decimal | None:
    """Return the cost exactly as it is written: a price must never pass through a binary fraction."""
    if facts["cost"] is None:
        return None
    cost = json.loads(text, parse_float=Decimal, parse_int=Decimal)["cost"]
    if not isinstance(cost, Decimal) or cost < 0:
        legal = "a number of USD, 0 or more, is needed, or null where it is not known"
        raise ModelFileError(file, "cost", f"here is {shown(cost)}", legal)
    return cost


def _model(facts: Mapping[str, Any], cost: Decimal | None, file: Path) -> Model:
    try:
        return Model.of(facts, cost)
    except jsonschema_rs.ValidationError as error:
        where = ".".join(["request_schema", *map(str, error.instance_path)])
        raise ModelFileError(file, where, error.message, "JSON Schema, draft 2020-12, is needed") from error


def _check_defaults(model: Model, file: Path) -> None:
    defaults = dict(model.defaults)
    if all(_is_absence(error) for error in model.validator.iter_errors(defaults)):
        return
    schema = {**model.request_schema, "required": []}
    fault = violations(compiled(schema), schema, defaults)[0]
    name = max((name for name in defaults if fault.field.startswith(name)), key=len, default="")
    where = f"request_schema.properties.{name}.default{fault.field.removeprefix(name)}"
    raise ModelFileError(file, where, f"{fault.received} breaks the rule {fault.rule!r}", f"legal here: {fault.legal}")


def _is_absence(error: jsonschema_rs.ValidationError) -> bool:
    """Tell whether *error* is only that a field without a default is required."""
    return error.kind.name == "required" and not error.instance_path
