"""Strings read as the numbers and booleans a schema asks for: what `--coerce-strings` does. Pure."""

import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_BOOLEANS = {"true": True, "false": False}


def kinds(schema: Schema) -> tuple[str, ...]:
    """Return the JSON types *schema* names; empty where it names none, and any type will do."""
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


def coerced(schema: Schema, value: object) -> object:
    """Return *value* with its strings read as *schema* asks, items and properties included.

    Only text in JSON's own spelling is read, `4` or `true`; any other text stays the string it is, and so does a
    number that no double and no 64-bit integer can hold. *value* itself is never changed.
    """
    match value:
        case str():
            return _scalar(kinds(schema), value)
        case list() if isinstance(items := schema.get("items"), Mapping):
            return [coerced(items, item) for item in value]
        case dict() if isinstance(properties := schema.get("properties"), Mapping):
            return {name: coerced(properties.get(name, {}), item) for name, item in value.items()}
        case _:
            return value


def _scalar(wanted: tuple[str, ...], text: str) -> object:
    if "string" in wanted:
        return text
    if "boolean" in wanted and text in _BOOLEANS:
        return _BOOLEANS[text]
    if {"integer", "number"}.intersection(wanted) and _NUMBER.fullmatch(text):
        return _number(text)
    return text


def _number(text: str) -> float | str:
    if _INTEGER.fullmatch(text):
        whole = int(text)
        return whole if -(2**63) <= whole < 2**64 else text
    if _INTEGER.fullmatch(text.lstrip("-")) or math.isinf(number := float(text)):
        return text
    return number
