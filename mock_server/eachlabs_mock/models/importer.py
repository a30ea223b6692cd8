"""Converts a model page, or the JSON of `GET /v1/model`, to a model file. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eachlabs_mock.models.from_page import assumed, model_of_page
from eachlabs_mock.models.from_parameter import Warn
from eachlabs_mock.models.model_file import KEYS, ModelFileError, parse_model
from eachlabs_mock.models.page_parser import ImportProblem, read_page
from eachlabs_mock.schema import accepts


@dataclass(frozen=True, slots=True)
class Imported:
    """A model file as plain JSON, and a sentence on each doubtful part of it."""

    model_file: dict[str, Any]
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The contents of the model file."""
        return f"{json.dumps(self.model_file, indent=2, ensure_ascii=False)}\n"


def import_model(text: str) -> Imported:
    """Return a valid model file for *text*, a model page or the JSON of `GET /v1/model`.

    :raises ImportProblem: *text* is neither, or a required part is missing.
    """
    text = text.strip("\ufeff \t\r\n")
    warnings: list[str] = []
    if text.startswith(("{", "[")):
        model_file = _from_json(text, warnings.append)
    elif "## Model Information" in text:
        model_file = model_of_page(read_page(text), warnings.append)
    else:
        kind = "HTML" if text.startswith("<") else "other text" if text else "no text"
        raise ImportProblem(f'expected a model page (Markdown with "## Model Information") or model JSON; found {kind}')
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
        raise ImportProblem("the JSON must have a slug (string) and a request_schema (object)")
    for key in [key for key in facts if key not in KEYS]:
        warn(f"{key}: model files do not have this key; it is left out")
    return {
        "title": facts.get("title") or facts["slug"],
        "slug": facts["slug"],
        "version": facts.get("version") or assumed("version", "0.0.1", warn),
        "output_type": facts.get("output_type") or assumed("output_type", "image", warn),
        "request_schema": _loadable(schema, warn),
        "cost": _known_cost(facts.get("cost"), warn),
    }


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ImportProblem(f"line {error.lineno} column {error.colno}: not valid JSON ({error.msg})") from error
    if isinstance(facts, list) and len(facts) == 1:
        facts = facts[0]
    if not isinstance(facts, dict):
        kind = f"a list of {len(facts)}" if isinstance(facts, list) else "another value"
        raise ImportProblem(f"the JSON must be one model, as GET /v1/model?slug= returns it; found {kind}")
    return facts


def _loadable(schema: Mapping[str, Any], warn: Warn) -> dict[str, Any]:
    """Return *schema* with a type and properties, and without defaults that it does not accept."""
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        raise ImportProblem("request_schema.properties must be an object")
    valid = {name: _without_bad_default(name, rules, warn) for name, rules in properties.items()}
    return {**schema, "type": schema.get("type", "object"), "properties": valid}


def _without_bad_default(name: str, rules: object, warn: Warn) -> object:
    if not isinstance(rules, dict) or "default" not in rules or "$ref" in rules or accepts(rules, rules["default"]):
        return rules
    warn(f"{name}: the default {rules['default']!r} breaks the rules of its schema; it is left out")
    return {rule: value for rule, value in rules.items() if rule != "default"}


def _known_cost(cost: object, warn: Warn) -> float | None:
    if isinstance(cost, int | float) and not isinstance(cost, bool) and cost > 0:
        return cost
    warn(f"cost: {cost!r} is not a price per prediction; the cost is unknown")
    return None
