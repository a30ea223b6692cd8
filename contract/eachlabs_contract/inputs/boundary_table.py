"""The boundary table of a model: fixed inputs at and beyond every edge that its page documents.

Each row is a whole body of `POST /prediction/` that differs in one respect from a plain one, with the verdict of the
page. Bodies are bytes, so that they can hold what no JSON writer writes: NaN, a duplicate key, 10 written as 1e1.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from eachlabs_contract.inputs.pairwise import pairwise
from eachlabs_contract.inputs.parameter_cases import Case, Rule, Schema, cases, usual
from eachlabs_contract.spec import Model

Members: TypeAlias = Sequence[tuple[str, str]]
"""Names and their values as JSON text, in order; a name may occur twice."""

LONGEST: Final = 60
"""Characters of a value that a label shows."""

ABSENT: Final = ""
"""Stands for a missing parameter, since no JSON text is empty."""

PROSE: Final[Mapping[tuple[str, str], tuple[str, ...]]] = MappingProxyType(
    {
        ("qwen-image", "aspect_ratio"): ("3:2", "2:3", "1024x1024", "256x256", "custom"),
        ("qwen-image", "output_format"): ("JPEG", "PNG", "WebP"),
    }
)
"""Options in the page's prose ("Technical Specifications") that its lists lack, by model and parameter."""


@dataclass(frozen=True, slots=True)
class Row:
    """One body to send, and the verdict of the page.

    :param label: what is special about it, as part of a sentence: 'guidance is 10, the documented maximum'.
    :param parameter: the tested parameter; empty where the row tests several.
    :param body: body of `POST /prediction/`, JSON unless the label says otherwise.
    """

    label: str
    rule: Rule
    parameter: str
    body: bytes

    @property
    def accepted(self) -> bool | None:
        """Whether the page accepts it (200) or refuses it (400); None where it is silent."""
        return self.rule.accepted


def rows(model: Model) -> tuple[Row, ...]:
    """Return the boundary table of *model*, the same at every call."""
    return _table(model.slug, json.dumps(model.schema))


@lru_cache(maxsize=8)  # about sixty checks use it, and combining takes 20 ms
def _table(slug: str, schema: str) -> tuple[Row, ...]:
    model = Model(slug, json.loads(schema))
    return (
        *(row for name in model.parameters for row in _of_parameter(model, name)),
        *(_without(model, name) for name in model.required),
        *_combined(model),
        *_unknown(model),
    )


def _of_parameter(model: Model, name: str) -> Iterator[Row]:
    schema = model.parameters[name]
    others = [member for member in _plain(model) if member[0] != name]
    for case in (*cases(name, schema), *_prose(model, name)):
        shown = case.text if len(case.text) <= LONGEST else f"{case.text[:LONGEST]}…"
        yield _row(model, case.rule, name, [*others, (name, case.text)], f"{name} is {shown}, {case.why}")
    twice = [*others, _usual(name, schema), _usual(name, schema)]
    yield _row(model, Rule.DUPLICATE_KEY, name, twice, f"{name} occurs twice")


def _prose(model: Model, name: str) -> Iterator[Case]:
    for text in PROSE.get((model.slug, name), ()):
        yield Case(Rule.PROSE_OPTION, json.dumps(text), "in the page's prose, but not in its list of options")


def _without(model: Model, name: str) -> Row:
    others = [_usual(other, schema) for other, schema in model.parameters.items() if other != name]
    return _row(model, Rule.REQUIRED, name, others, f"the required parameter {name} is missing")


def _combined(model: Model) -> Iterator[Row]:
    every = [_usual(name, schema) for name, schema in model.parameters.items()]
    yield _row(model, Rule.COMBINATIONS, "", _plain(model), "every required parameter is present")
    yield _row(model, Rule.COMBINATIONS, "", every, "every parameter has a usual value")
    for combination in pairwise({name: _choices(model, name) for name in model.parameters}):
        members = [(name, text) for name, text in combination.items() if text != ABSENT]
        shown = ", ".join(f"{name} {text}" for name, text in members if name not in model.required)
        yield _row(model, Rule.COMBINATIONS, "", members, f"each of these values is documented: {shown}")


def _choices(model: Model, name: str) -> tuple[str, ...]:
    """Return the values of a parameter to combine, as JSON texts, including absence."""
    schema = model.parameters[name]
    ends = [schema[bound] for bound in ("minimum", "maximum") if bound in schema]
    known = [True, False] if schema.get("type") == "boolean" else schema.get("enum", [*ends, usual(schema)])
    texts = dict.fromkeys(map(json.dumps, known))
    return (*texts, *(() if name in model.required else (ABSENT,)))


def _unknown(model: Model) -> Iterator[Row]:
    for name in ("unheard_of", "", "__proto__", *(required.upper() for required in model.required)):
        members = [*_plain(model), (name, "1")]
        yield _row(model, Rule.UNKNOWN_FIELD, name, members, f"{name!r} is not a parameter of the model")


def _plain(model: Model) -> Members:
    return [_usual(name, model.parameters[name]) for name in model.required]


def _usual(name: str, schema: Schema) -> tuple[str, str]:
    return name, json.dumps(usual(schema))


def _row(model: Model, rule: Rule, parameter: str, members: Members, label: str) -> Row:
    values = ", ".join(f"{json.dumps(name)}: {text}" for name, text in members)
    return Row(label, rule, parameter, f'{{"model": {json.dumps(model.slug)}, "input": {{{values}}}}}'.encode())
