"""Strategies for random histories: inputs that every reading of the page accepts, and creates that all refuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from eachlabs_contract.inputs import invalid_inputs, valid_inputs
from eachlabs_contract.spec import Model

TEXTS: Final = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
WIDEST: Final[Mapping[str, Any]] = {"minimum": 0, "maximum": 2**31}
"""Bounds where the page has none: beyond them servers may differ; the parameter checks look there."""


@dataclass(frozen=True, slots=True)
class Strategies:
    """Strategies, built once for all histories, since building them is most of the cost.

    :param good: valid inputs.
    :param bad: whole bodies of invalid creates.
    """

    good: SearchStrategy[dict[str, Any]]
    bad: SearchStrategy[object]


def strategies_for(model: Model) -> Strategies:
    """Return the strategies for histories of *model*."""
    good = st.just(model.plain_input()) | good_inputs(model.schema)
    return Strategies(good, bad_creates(model))


def good_inputs(schema: Mapping[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for inputs of *schema* that every reading of the page accepts."""
    parameters: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    texts = {name for name, one in parameters.items() if one.get("type") == "string" and "enum" not in one}
    others = {
        name: {**(WIDEST if parameter.get("type") in {"integer", "number"} else {}), **parameter}
        for name, parameter in parameters.items()
        if name not in texts
    }
    required = schema.get("required", ())
    rest = valid_inputs({"properties": others, "required": [name for name in required if name in others]})
    return st.builds(dict[str, Any], rest, **dict.fromkeys(texts & set(required), TEXTS))


def bad_creates(model: Model) -> SearchStrategy[object]:
    """Return a strategy for bodies of creates that the page refuses, each for one reason."""
    slug, good = model.slug, model.plain_input()
    bad_input = invalid_inputs(model.schema).filter(lambda invalid: invalid.rule != "minLength")
    bad: list[object] = [b"{", b"", b"nonsense", [], None, 1, "x", {"input": good}, {"model": slug}]
    nothings: list[object] = [None, [], "", 1]
    bad += [{"model": slug, "input": nothing} for nothing in nothings]
    bad += [{"model": nothing, "input": good} for nothing in nothings]
    return bad_input.map(lambda invalid: {"model": slug, "input": invalid.input}) | st.sampled_from(bad)
