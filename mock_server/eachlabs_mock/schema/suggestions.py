"""Finds the nearest legal value, and words the part of a refusal that says what to send. Pure."""

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TypeGuard

import jsonschema_rs

from eachlabs_mock.schema.coercion import Schema, coerced, kinds

LONGEST = 200
"""Characters of a received value that a message shows."""

_MOST_OPTIONS = 20
_KIND = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_LIMIT = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} character",
    "maxLength": "at most {} character",
    "minItems": "at least {} item",
    "maxItems": "at most {} item",
    "pattern": "the pattern {}",
}
_TYPES = {
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "an array",
    dict: "an object",
}
# Two spellings of one format; a comparison of letters does not match them.
_ALIASES = {"jpeg": "jpg", "jpg": "jpeg"}
_RATIO = re.compile(r"([1-9][0-9]{0,5}):([1-9][0-9]{0,5})")


def shown(value: object) -> str:
    """Return the JSON text of *value*, at most LONGEST characters of it, safe to encode as UTF-8."""
    head = value[:LONGEST] if isinstance(value, str) else value
    text = json.dumps(head, ensure_ascii=False, default=str).encode(errors="replace").decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def json_type(value: object) -> str:
    """Return the JSON type of *value* with its article, such as "a string"."""
    return _TYPES.get(type(value), "null")


def described(schema: Schema) -> str:
    """Describe the values that *schema* accepts, such as `an integer of at least 1 and at most 50`."""
    if "enum" in schema:
        return _choice(schema["enum"])
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(described(branch) for branch in branches if isinstance(branch, Mapping))
    return (" or ".join(_KIND[kind] for kind in kinds(schema)) or "another value") + _limits(schema)


def for_type(schema: Schema, value: object) -> str:
    """Return what to send instead of *value*, whose type *schema* does not accept."""
    if "enum" in schema:
        return for_enum(schema["enum"], value)
    if isinstance(value, float) and (neighbours := nearest(schema, value)):
        return " or ".join(map(shown, neighbours))
    return f"{_expected(schema, value)}, not {_received(schema, value)}"


def for_enum(options: Sequence[object], value: object) -> str:
    """Return the option closest to *value*, if there is one, and the list of all options."""
    closest = _closest(options, value)
    return _choice(options) if closest is None else f"{shown(closest)} ({_choice(options)})"


def for_limit(schema: Schema, value: object) -> str:
    """Return the number nearest to *value* within the bounds of *schema*, or else a description of *schema*."""
    return " or ".join(map(shown, nearest(schema, value))) or described(schema)


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three of the *known* names that are similar to *name*, the most similar first."""
    return difflib.get_close_matches(name[:LONGEST], list(known), n=3)


def nearest(schema: Schema, value: object) -> list[float]:
    """Return the legal number nearest to *value*; both neighbours where *value* is a fraction between two."""
    if not _is_number(value) or _has_no_nearest(schema):
        return []
    legal = list(filter(_acceptance(schema), _candidates(schema, value)))
    if value % 1 and (around := _neighbours(legal, value)):
        return around
    return sorted(legal, key=lambda number: abs(Fraction(number) - Fraction(value)))[:1]


def accepts(schema: Schema, value: object) -> bool:
    """Tell whether *schema* accepts *value*; False for a schema with a `$ref`, which cannot be resolved here."""
    return _acceptance(schema)(value)


def _acceptance(schema: Schema) -> Callable[[object], bool]:
    try:
        return jsonschema_rs.Draft202012Validator(dict(schema), offline=True).is_valid
    except ValueError:
        return lambda _: False


def _choice(options: Sequence[object]) -> str:
    rest = len(options) - _MOST_OPTIONS
    texts = ", ".join(map(shown, options[:_MOST_OPTIONS])) + (f" and {rest} more" if rest > 0 else "")
    return texts if len(options) == 1 else f"one of {texts}"


def _limits(schema: Schema) -> str:
    limits = [_limit(text, schema[rule]) for rule, text in _LIMIT.items() if rule in schema]
    return f" of {' and '.join(limits)}" if limits else ""


def _limit(text: str, limit: object) -> str:
    plural = "s" if text.endswith(("character", "item")) and limit != 1 else ""
    return text.format(shown(limit)) + plural


def _expected(schema: Schema, value: object) -> str:
    examples = (*nearest(schema, coerced(schema, value)), *_examples(schema, value))
    example = next(filter(_acceptance(schema), examples), None)
    if example is None:
        return described(schema)
    return f"{' or '.join(_KIND[kind] for kind in kinds(schema))} such as {shown(example)}"


def _examples(schema: Schema, value: object) -> Iterable[object]:
    if kinds(schema) == ("boolean",):
        return ()  # "true or false" already names both
    spelled = (shown(value),) if _is_number(value) else ()
    return (*((schema["default"],) if "default" in schema else ()), *spelled, *nearest(schema, 1))


def _received(schema: Schema, value: object) -> str:
    is_coercible = isinstance(value, str) and coerced(schema, value) is not value
    return f"the string {shown(value)}" if is_coercible else json_type(value)


def _closest(options: Sequence[object], value: object) -> object | None:
    texts = {_spelled(option): option for option in options}
    text = _spelled(value)
    for spelling in (text, _ALIASES.get(text)):
        if spelling in texts:
            return texts[spelling]
    ratios = {_ratio(option): option for option in texts if _RATIO.fullmatch(option)}
    if ratios and _RATIO.fullmatch(text):
        return texts[ratios[min(ratios, key=lambda ratio: abs(ratio - _ratio(text)))]]
    return next((texts[near] for near in near_names(text, texts)), None)


def _spelled(value: object) -> str:
    text = value[:LONGEST] if isinstance(value, str) else shown(value)
    return text.strip().casefold()


def _ratio(text: str) -> Fraction:
    width, height = text.split(":")
    return Fraction(int(width), int(height))


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _has_no_nearest(schema: Schema) -> bool:
    """Tell whether a bound of real numbers is exclusive: of the numbers below 10 none is nearest to 10."""
    return "integer" not in kinds(schema) and ("exclusiveMinimum" in schema or "exclusiveMaximum" in schema)


def _candidates(schema: Schema, value: float) -> list[float]:
    """Return candidates for the nearest legal number: the bounds, and the multiples next to the bounds and *value*."""
    bounds = [schema[rule] for rule in ("minimum", "maximum") if rule in schema]
    exclusive = [schema[rule] for rule in ("exclusiveMinimum", "exclusiveMaximum") if rule in schema]
    step = schema.get("multipleOf", 1)
    steps = [number // step * step + shift for number in (value, *bounds, *exclusive) for shift in (-step, 0, step)]
    return [*bounds, *(int(number) if number == math.floor(number) else number for number in steps)]


def _neighbours(legal: Sequence[float], value: float) -> list[float]:
    below = [number for number in legal if number < value]
    above = [number for number in legal if number > value]
    return [max(below), min(above)] if below and above else []
