"""The cases of one parameter: values at and beyond every edge of its schema, each with the rule that it tests."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from eachlabs_contract.inputs import edge_values
from eachlabs_contract.spec import Model

Schema: TypeAlias = Mapping[str, Any]
Cases: TypeAlias = "Iterator[Case]"


class Rule(StrEnum):
    """What a case tests; the name ends in what the page demands, where it demands anything."""

    LOWER_BOUND = "lower-bound-accepted"
    UPPER_BOUND = "upper-bound-accepted"
    RANGE = "range-accepted"
    BELOW = "below-refused"
    ABOVE = "above-refused"
    FRACTION = "fraction-refused"
    NON_FINITE = "non-finite-refused"
    NUMERIC_STRING = "numeric-string-refused"
    BOOLEAN_NUMBER = "boolean-number-refused"
    STRING_BOOLEAN = "string-boolean-refused"
    WRONG_TYPE = "wrong-type-refused"
    NULL = "null-refused"
    BOOLEANS = "booleans-accepted"
    OPTIONS = "options-accepted"
    UNDOCUMENTED_OPTION = "undocumented-option-refused"
    PROSE_OPTION = "prose-option-refused"
    ANY_SEED = "any-seed-accepted"
    WIDE_SEED = "wide-seed-accepted"
    ANY_TEXT = "any-text-accepted"
    REQUIRED = "required-missing-refused"
    COMBINATIONS = "combinations-accepted"
    EMPTY_TEXT = "empty-text"
    ODD_TEXT = "odd-text"
    WHOLE_FLOAT = "whole-float"
    HUGE_INTEGER = "huge-integer"
    DUPLICATE_KEY = "duplicate-key"
    UNKNOWN_FIELD = "unknown-field"

    @property
    def accepted(self) -> bool | None:
        """Whether the page accepts such an input (200) or refuses it (400); None where it is silent."""
        return {"accepted": True, "refused": False}.get(self.rpartition("-")[2])


@dataclass(frozen=True, slots=True)
class Case:
    """A value to try.

    :param text: the value as it is sent: JSON, unless *why* says otherwise.
    :param why: what is special about it, as the end of a sentence.
    """

    rule: Rule
    text: str
    why: str


def cases(name: str, schema: Schema) -> Cases:
    """Yield the cases of the parameter *name*; none where its schema names no type.

    Missing bounds are unknown bounds: then only a usual value is tried. Only a seed may be any integer.
    """
    of_kind: Mapping[str, Callable[[str, Schema], Cases]] = {
        "integer": _integer,
        "number": _number,
        "boolean": _boolean,
        "string": _options if "enum" in schema else _free_text,
        "array": _array,
    }
    kind = str(schema.get("type"))
    if kind in of_kind:
        yield from of_kind[kind](name, schema)
        yield from _mistyped(kind)


def usual(schema: Schema) -> Any:  # noqa: ANN401  # JSON
    """Return a value that every server accepts: the default, or the simplest of its type."""
    return Model("", {"properties": {"it": schema}, "required": ["it"]}).plain_input()["it"]


def _of(rule: Rule, why: str, values: Iterable[object]) -> Cases:
    return (Case(rule, json.dumps(value), why) for value in values)


def _texts(rule: Rule, why: str, *texts: str) -> Cases:
    return (Case(rule, text, why) for text in texts)


def _integer(name: str, schema: Schema) -> Cases:
    low, high, whole = schema.get("minimum"), schema.get("maximum"), float(usual(schema))
    yield from _bounded("integer", schema)
    yield from _of(Rule.FRACTION, "not a whole number", edge_values.fractions(low, high))
    yield from _texts(Rule.WHOLE_FLOAT, "a whole number written as a fraction", f"{whole}", f"{whole:e}")
    if high is not None:
        yield from _of(Rule.ABOVE, f"above the documented maximum {high}", [math.floor(high) + 1.0])
    if name == "seed" and low is high is None:
        yield from _of(Rule.ANY_SEED, "an integer without documented bounds", edge_values.INTEGERS)
        yield from _of(Rule.WIDE_SEED, "a 64-bit integer without documented bounds", edge_values.WIDE_INTEGERS)
        yield from _of(Rule.HUGE_INTEGER, "an integer outside the signed 64-bit range", edge_values.HUGE_INTEGERS)


def _number(_name: str, schema: Schema) -> Cases:
    yield from _bounded("number", schema)
    if "minimum" in schema:
        yield from _texts(Rule.BELOW, f"below the documented minimum {schema['minimum']}", "-1e999")
    if "maximum" in schema:
        yield from _texts(Rule.ABOVE, f"above the documented maximum {schema['maximum']}", "1e999")


def _bounded(kind: str, schema: Schema) -> Cases:
    low, high = schema.get("minimum"), schema.get("maximum")
    yield from _of(Rule.RANGE, "a usual value", [usual(schema)])
    if low is not None:
        yield from _texts(Rule.LOWER_BOUND, "the documented minimum", *_spellings(kind, low))
        yield from _of(Rule.BELOW, f"below the documented minimum {low}", edge_values.below(kind, low))
    if high is not None:
        yield from _texts(Rule.UPPER_BOUND, "the documented maximum", *_spellings(kind, high))
        yield from _of(Rule.ABOVE, f"above the documented maximum {high}", edge_values.above(kind, high))
    if low is not None and high is not None:
        inside = [value for value in edge_values.within(kind, low, high) if low < value < high]
        yield from _of(Rule.RANGE, f"between {low} and {high}", inside)


def _spellings(kind: str, bound: float) -> tuple[str, ...]:
    """Return the ways to write *bound* in JSON; for an integer only the plain one: others belong to another rule."""
    written = (json.dumps(bound), f"{float(bound)}", f"{float(bound)}000", f"{bound:e}", f"{bound:E}")
    return tuple(text for text in written if float(text) == bound) if kind == "number" else written[:1]


def _boolean(_name: str, _schema: Schema) -> Cases:
    words = ("true", "false", "True", "False", "TRUE", "1", "0", "yes", "no", "on", "off")
    yield from _of(Rule.BOOLEANS, "a boolean", [True, False])
    yield from _of(Rule.STRING_BOOLEAN, "a string where a boolean is documented", words)
    yield from _of(Rule.WRONG_TYPE, "a number where a boolean is documented", [0, 1, 1.0, 2, -1])


def _options(_name: str, schema: Schema) -> Cases:
    options = schema["enum"]
    yield from _of(Rule.OPTIONS, "a documented option", options)
    listed = ", ".join(map(str, options))
    yield from _of(Rule.UNDOCUMENTED_OPTION, f"not one of the options {listed}", edge_values.beside(options))


def _free_text(_name: str, _schema: Schema) -> Cases:
    for why, text in edge_values.TEXTS.items():
        yield from _texts(Rule.ANY_TEXT, why, *dict.fromkeys((json.dumps(text, ensure_ascii=False), json.dumps(text))))
    yield from _of(Rule.EMPTY_TEXT, "empty or blank", ["", " ", "\n\t ", "\u3000"])
    for why, text in (
        ("a text with a NUL", r'"a\u0000b"'),
        ("control characters", r'"\u0001\u0007\u001b[31m\u007f"'),
        ("noncharacters", r'"\ufffe\uffff"'),
        ("half a surrogate pair", r'"\ud800"'),
        ("a surrogate pair the wrong way round", r'"\udc00\ud800"'),
    ):
        yield Case(Rule.ODD_TEXT, text, why)


def _array(_name: str, _schema: Schema) -> Cases:
    yield Case(Rule.RANGE, "[]", "an empty list")


def _mistyped(kind: str) -> Cases:
    """Yield values of every JSON type but *kind*."""
    yield from _texts(Rule.NULL, f"not of type {kind}", "null")
    yield from _texts(Rule.WRONG_TYPE, f"not of type {kind}", *WRONG[kind], "{}", '{"value": 1}')
    if kind in {"integer", "number"}:
        wanted = f"where {'an' if kind == 'integer' else 'a'} {kind} is documented"
        yield from _texts(Rule.NON_FINITE, "not a finite number and not JSON", "NaN", "Infinity", "-Infinity")
        yield from _of(Rule.BOOLEAN_NUMBER, f"a boolean {wanted}", [True, False])
        strings = ("4", "1", "3", " 4 ", "4.0", "4e0", "+4")
        yield from _of(Rule.NUMERIC_STRING, f"a string {wanted}", strings)


WRONG: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "integer": ('""', '"four"', '"NaN"', "[]", "[4]"),
        "number": ('""', '"four"', '"NaN"', "[]", "[4]"),
        "boolean": ('""', '"maybe"', "[]", "[true]"),
        "string": ("0", "1", "1.5", "true", "false", "[]", '["webp"]'),
        "array": ('""', '"[]"', "0", "1", "true", "false"),
    }
)
"""JSON texts of the wrong type, without objects, null, and values that another rule tests."""
