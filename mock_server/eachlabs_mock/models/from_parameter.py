"""Converts one parameter of a model page to a property of a JSON Schema, with warnings for doubts. Pure."""

import contextlib
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import orjson

from eachlabs_mock.models.page_parser import Parameter
from eachlabs_mock.schema import accepts, coerced

Warn: TypeAlias = Callable[[str], None]

_NUMERIC = {"integer", "number"}
_CONTAINERS = {"array", "object"}
_TYPES = {*_NUMERIC, *_CONTAINERS, "string", "boolean"}
_QUOTES = {'"', "'"}
# 1:116:9 is two ratios without the comma between them.
_GLUED = re.compile(r"\d+([:x*])\d+(?:\1\d+)+")


class _UncastableError(ValueError):
    """A text that is not a value of the expected type."""


def property_schema(parameter: Parameter, warn: Warn) -> dict[str, Any]:
    """Return the JSON Schema of *parameter*; rules that it cannot enforce are passed to *warn*."""
    schema: dict[str, Any] = {"title": parameter.heading}
    if parameter.description:
        schema["description"] = parameter.description
    schema |= _type(parameter, warn) | _bounds(parameter, warn) | _options(parameter, warn)
    schema |= _default(parameter, schema, warn)
    if parameter.component:
        schema["x-component"] = parameter.component
    return schema


def _type(parameter: Parameter, warn: Warn) -> dict[str, Any]:
    kind = parameter.type.lower()
    if kind in _TYPES:
        return {"type": kind}
    warn(f"the type {parameter.type!r} is not one of {', '.join(sorted(_TYPES))}; any value is accepted")
    return {"x-type": parameter.type}


def _bounds(parameter: Parameter, warn: Warn) -> dict[str, float]:
    low, high = _bound("minimum", parameter.minimum, warn), _bound("maximum", parameter.maximum, warn)
    if not low and not high:
        return {}  # the page writes 0/0 for no bounds
    if parameter.type.lower() not in _NUMERIC:
        warn(f"the parameter is not a number; its bounds {low} to {high} are not enforced")
        return {}
    if low is not None and high is not None and low > high:
        warn(f"the maximum {high} is below the minimum {low}; {'the maximum is' if high == 0 else 'both are'} left out")
        low, high = (low if high == 0 else None), None
    bounds = {"minimum": low, "maximum": high}
    return {rule: bound for rule, bound in bounds.items() if bound is not None}


def _bound(rule: str, text: str, warn: Warn) -> float | None:
    if not text:
        return None
    value = coerced({"type": "number"}, text)
    if isinstance(value, int | float):
        return value
    warn(f"the {rule} {text!r} is not a number; it is left out")
    return None


def _options(parameter: Parameter, warn: Warn) -> dict[str, Any]:
    if not parameter.options:
        return {}
    texts = _split(parameter.options)
    if flaw := _flaw(texts):
        warn(f"the options look corrupted ({flaw}) and are kept unchanged: {parameter.options!r}")
    kind = parameter.type.lower()
    if kind not in _CONTAINERS:
        with contextlib.suppress(_UncastableError):
            return {"enum": [_cast(kind, text) for text in texts]}
    warn(f"the options are not values of type {kind}; they are not enforced, and kept as x-options")
    return {"x-options": parameter.options}


def _split(options: str) -> list[str]:
    """Return the entries of a comma-separated list, without quotes around the list or around each entry."""
    texts = [text.strip() for text in options.split(",")]
    if all(_is_quoted(text) for text in texts):
        return [text[1:-1].strip() for text in texts]
    if _is_quoted(options) and options[0] not in options[1:-1]:
        return [text.strip() for text in options[1:-1].split(",")]
    return texts


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] in _QUOTES and text[0] == text[-1]


def _flaw(texts: Sequence[str]) -> str:
    if "" in texts:
        return "an entry is empty"
    if any('"' in text or text[0] == "'" or text[-1] == "'" for text in texts):
        return "a quote is left over"
    if len(set(texts)) < len(texts):
        return "an entry appears twice"
    if any(_GLUED.fullmatch(text) for text in texts):
        return "a comma between two entries seems to be missing"
    return "the end is missing" if texts[-1].endswith(("...", "…")) else ""


def _default(parameter: Parameter, schema: dict[str, Any], warn: Warn) -> dict[str, Any]:
    if not parameter.default:
        return {}
    try:
        default = _cast(parameter.type.lower(), parameter.default)
    except _UncastableError:
        warn(f"the default {parameter.default!r} is not of type {parameter.type}; it is left out")
        return {}
    if not accepts(schema, default):
        warn(f"the default {parameter.default!r} breaks the bounds or options of its entry; it is left out")
        return {}
    return {"default": default}


def _cast(kind: str, text: str) -> object:
    """Return *text* as a value of type *kind*; a kind that is not known is a string.

    :raises _UncastableError: *text* is not such a value.
    """
    if kind in _CONTAINERS:
        return _container(kind, text)
    value = coerced({"type": kind}, text.lower() if kind == "boolean" else text)
    if isinstance(value, str) and kind in {*_NUMERIC, "boolean"}:
        raise _UncastableError(text)
    return value


def _container(kind: str, text: str) -> object:
    try:
        value = orjson.loads(text)
    except ValueError as error:
        raise _UncastableError(text) from error
    if not accepts({"type": kind}, value):
        raise _UncastableError(text)
    return value
