"""Hypothesis strategies for the input of any model: valid inputs, and inputs with exactly one error.

Use them to test your own code against such models. A schema is the `request_schema` of a model, from a file in
`fixtures/models` or from the API's model catalogue.

    schema = load_model("qwen-image").schema  # of eachlabs_contract.spec

    @given(valid_inputs(schema))
    def test_every_good_form_is_sent(input): ...

    @given(invalid_inputs(schema))
    def test_a_bad_field_is_marked(invalid):
        assert form.submit(invalid.input).marked == [invalid.parameter]
"""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from eachlabs_contract.inputs import edge_values

LONGEST: Final = 5_000
"""Characters of the longest text drawn."""

SMALLEST, GREATEST = -(2**63), 2**63 - 1
"""The integers drawn where a schema gives no bounds: those of 64 bits, the range of most readers."""

SUPPORTED: Final = frozenset({"type", "enum", "minimum", "maximum", "minLength", "maxLength"})
REMARKS: Final = frozenset({"title", "description", "default", "examples", "deprecated"})

SCALARS: Final[SearchStrategy[Any]] = st.none() | st.booleans() | st.integers(-100, 100) | st.text(max_size=10)
PLAIN: Final[Mapping[str | None, SearchStrategy[Any]]] = MappingProxyType(
    {
        None: SCALARS,
        "boolean": st.booleans(),
        "array": st.lists(SCALARS, max_size=3),
        "object": st.dictionaries(st.text(max_size=10), SCALARS, max_size=3),
    }
)
TYPES: Final = frozenset({*PLAIN, "string", "integer", "number"})

SAMPLES: Final[Mapping[str, tuple[object, ...]]] = MappingProxyType(
    {
        "null": (None,),
        "boolean": (True, False),
        "number": (0, 1, -1, 28, 0.5, 28.5),
        "string": ("", "0", "1", "4", "4.0", "28", "true", "false", "null", "NaN", "[]"),
        "array": ([], [4], [None], ["webp"]),
        "object": ({}, {"value": 4}),
    }
)
"""Values of each JSON type, including those that a lenient reader takes for another type."""


class UnknownSchemaError(ValueError):
    """A schema has a type or a keyword that is not supported; the text names it."""


@dataclass(frozen=True, slots=True)
class InvalidInput:
    """An input with exactly one error.

    :param parameter: the invalid one; all others are valid.
    :param rule: the keyword of JSON Schema that it violates: required, type, enum, minimum, maximum, minLength or
        maxLength. A value of another type may violate more keywords of the parameter; it counts as `type`.
    """

    input: dict[str, Any]
    parameter: str
    rule: str


def valid_inputs(schema: Mapping[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for inputs that *schema* accepts.

    Required parameters are always present, and others in some inputs. Values are often at a bound or next to one; texts
    hold any characters but lone surrogates, at most 5,000; integers without bounds have 64 bits.

    :raises UnknownSchemaError: a parameter has a type or a keyword that is not supported.
    """
    known = {name: _valid(_supported(name, parameter)) for name, parameter in schema.get("properties", {}).items()}
    required = {name: known.get(name, SCALARS) for name in schema.get("required", ())}
    optional = {name: strategy for name, strategy in known.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def invalid_inputs(schema: Mapping[str, Any]) -> SearchStrategy[InvalidInput]:
    """Return a strategy for inputs that *schema* refuses because of one parameter, which the `InvalidInput` names.

    The wrong value is just outside a bound, of a type that looks like the right one (a string of digits, a boolean for
    1, a fraction for a whole number, null), similar to an option, or missing although required. The others are drawn as
    by `valid_inputs`. The strategy is empty where *schema* refuses nothing.

    :raises UnknownSchemaError: as for `valid_inputs`.
    """
    good = valid_inputs(schema)
    missing = [st.builds(_without, good, st.just(name)) for name in schema.get("required", ())]
    wrong = [
        st.builds(_with, good, st.just(name), st.just(rule), values)
        for name, parameter in schema.get("properties", {}).items()
        for rule, values in _invalid(parameter)
    ]
    return st.one_of(*missing, *wrong)


def _without(values: Mapping[str, Any], name: str) -> InvalidInput:
    return InvalidInput({other: value for other, value in values.items() if other != name}, name, "required")


def _with(values: Mapping[str, Any], name: str, rule: str, value: object) -> InvalidInput:
    return InvalidInput({**values, name: value}, name, rule)


def _supported(name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    strange = sorted(word for word in schema.keys() - SUPPORTED - REMARKS if not word.startswith("x-"))
    if strange:
        supported = ", ".join(sorted(SUPPORTED))
        raise UnknownSchemaError(f"{name}: unsupported keyword {', '.join(strange)}; supported: {supported}")
    if not isinstance(kind := schema.get("type"), str | None) or kind not in TYPES:
        supported = ", ".join(sorted(filter(None, TYPES)))
        raise UnknownSchemaError(f"{name}: unsupported type {kind!r}; supported: one of {supported}")
    return schema


def _valid(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    kind = schema.get("type")
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if kind in PLAIN:
        return PLAIN[kind]
    if kind == "string":
        return _texts(schema)
    low, high = schema.get("minimum"), schema.get("maximum")
    return st.sampled_from(edge_values.within(str(kind), low, high)) | _between(str(kind), low, high)


def _between(kind: str, low: float | None, high: float | None) -> SearchStrategy[float]:
    if kind == "number":
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    least, greatest = SMALLEST if low is None else math.ceil(low), GREATEST if high is None else math.floor(high)
    return st.integers(least, greatest)


def _texts(schema: Mapping[str, Any]) -> SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", max(LONGEST, schema.get("minLength", 0)))
    special = [text for text in edge_values.TEXTS.values() if least <= len(text) <= most]
    usual = st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=most)
    return usual | st.sampled_from(special) if special else usual


def _invalid(schema: Mapping[str, Any]) -> Iterator[tuple[str, SearchStrategy[Any]]]:
    """Yield a strategy for each keyword that one value can violate alone."""
    kind, low, high = schema.get("type"), schema.get("minimum"), schema.get("maximum")
    if kind:
        yield "type", _mistyped(kind, low, high)
    if kind in {"integer", "number"} and low is not None:
        yield "minimum", st.sampled_from(edge_values.below(kind, low))
    if kind in {"integer", "number"} and high is not None:
        yield "maximum", st.sampled_from(edge_values.above(kind, high))
    if "enum" in schema and kind == "string":
        options = schema["enum"]
        yield "enum", st.sampled_from(edge_values.beside(options)) | st.text().filter(lambda text: text not in options)
    elif schema.get("minLength"):
        yield "minLength", st.text(st.characters(exclude_categories=["Cs"]), max_size=schema["minLength"] - 1)
    if "maxLength" in schema and "enum" not in schema:
        yield "maxLength", st.just("x" * (schema["maxLength"] + 1))


def _mistyped(kind: str, low: float | None, high: float | None) -> SearchStrategy[Any]:
    same = "number" if kind == "integer" else kind
    samples = [value for name, values in SAMPLES.items() if name != same for value in values]
    others = st.sampled_from(samples).map(deepcopy)  # the user of a list may change it
    broken = edge_values.fractions(low, high) if kind == "integer" else ()
    return others | st.sampled_from(broken) if broken else others
