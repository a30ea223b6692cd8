"""Reads strings as the numbers and booleans that a schema requires (`--coerce-strings`). Pure."""

import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

INTEGERS = range(-(2**63), 2**64)
"""The integers that JSON bodies may have: those of 64 bits, signed or unsigned."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_BOOLEANS = {"true": True, "false": False}


def kinds(schema: Schema) -> tuple[str, ...]:
    """Return the JSON types that *schema* allows; empty where it allows any."""
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


def coerced(schema: Schema, value: object) -> object:
    """Return *value* with its strings converted to the types of *schema*, in items and properties, too.

    Only JSON spellings are converted, such as `4` or `true`. Any other string is kept, and so is a number that fits
    neither a double nor a 64-bit integer. *value* itself is not changed.
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
        return whole if whole in INTEGERS else text
    if _INTEGER.fullmatch(text.lstrip("-")) or math.isinf(number := float(text)):
        return text
    return number
