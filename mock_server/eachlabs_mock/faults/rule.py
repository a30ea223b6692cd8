"""A rule: which fault strikes, where, when and how often. One flat form for all doors, and its JSON Schema. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

from eachlabs_mock.faults.fault import ROUTES, Fault, Route, parameter, parameters
from eachlabs_mock.faults.registry import FAULTS
from eachlabs_mock.schema import Validator, coerced, compiled, near_names, unknown_fields, violations

_NAME = re.compile(r"\s*([^\s;]+)")
_PAIR = re.compile(r'\s*;\s*([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')
_ESCAPED = re.compile(r"\\(.)")

LONGEST = 1000
"""Characters of a rule in words."""

MOST = 1_000_000_000
"""Of matches, strikes or seconds: whatever is more is a slip, and would not fit into every JSON reader."""

GRAMMAR = 'NAME; key=value; key="a text"'
"""How a header or a prompt writes a rule."""


class RuleError(ValueError):
    """A rule that will not do; the text says why and what would be right, *field* which key."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Rule:
    """When a fault strikes: of the calls, predictions or webhooks that match, those that the rest lets through.

    Instants count from when the rule was armed, on the world's clock.
    """

    fault: Fault
    id: str = parameter(
        "",
        "Its name, for draws and for disarming it; by default a number.",
        type="string",
        maxLength=100,
        pattern=r"^[A-Za-z0-9._:\-]*$",
    )
    route: Route | None = parameter(None, "Where it strikes; by default where the fault usually does.", enum=ROUTES)
    model: str = parameter("", "Only what is about this model.", type="string")
    prediction: str = parameter("", "Only what is about the prediction of this id.", type="string")
    nth: int | None = parameter(None, "Only the n-th that matches, from 1.", type="integer", minimum=1, maximum=MOST)
    rate: float = parameter(1.0, "Share of those that match, drawn by name.", type="number", minimum=0, maximum=1)
    skip: int = parameter(0, "How many that match are let pass first.", type="integer", minimum=0, maximum=MOST)
    times: int | None = parameter(None, "How often it strikes at most.", type="integer", minimum=1, maximum=MOST)
    after: float = parameter(0.0, "Not before so many seconds.", type="number", minimum=0, maximum=MOST)
    until: float | None = parameter(None, "Not after so many seconds.", type="number", minimum=0, maximum=MOST)

    @cached_property
    def routes(self) -> frozenset[Route]:
        """Where it strikes."""
        return frozenset({self.route}) if self.route else self.fault.usual

    def document(self) -> dict[str, Any]:
        """Return the rule as JSON: `fault`, its parameters, and what of the rest is not the default."""
        own = {each.name: getattr(self, each.name) for each in _KEYS if getattr(self, each.name) != each.default}
        return {"fault": self.fault.name, **asdict(self.fault), **own}


_UNNAMED: frozenset[Route] = frozenset({"create", "prediction", "models"})
"""The routes of what is about no prediction that has an id already."""

_KEYS = tuple(each for each in fields(Rule) if each.name != "fault")


def read_rule(document: object) -> Rule:
    """Return the rule that *document* describes, as `Rule.document` writes it; what it does not say is the default.

    :raises RuleError: it describes none.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("fault"), str):
        told = f'a rule is an object with a "fault", one of {", ".join(FAULTS)}; not {document!r:.100}'
        raise RuleError("fault", told)
    kind = _kind(document["fault"])
    given = {name: value for name, value in document.items() if name != "fault"}
    _check(kind.name, given)
    whole = {name: _whole(keys_of(kind.name)["properties"][name], value) for name, value in given.items()}
    own = parameters(kind)
    fault = kind(**{name: value for name, value in whole.items() if name in own})
    rule = Rule(fault, **{name: value for name, value in whole.items() if name not in own})
    for field, reason in _contradictions(rule):
        raise RuleError(field, f"{kind.name}: {reason}, so it would never strike.")
    return rule


def _check(name: str, given: Mapping[str, Any]) -> None:
    schema = keys_of(name)
    strange = {key: value for key, value in given.items() if not isinstance(value, str | int | float)}
    plain = {key: value for key, value in given.items() if key not in strange}  # TOML has dates, which no schema has
    wrong = (*violations(_validator(name), schema, plain), *unknown_fields(schema, given))
    if wrong:
        raise RuleError(wrong[0].field, f"{name}: {' '.join(map(str, wrong))}")
    for key, value in strange.items():
        raise RuleError(key, f"{name}: {key}: must be a text, a number, true or false, not {value!r:.100}.")


def _whole(schema: Mapping[str, Any], value: Any) -> Any:  # noqa: ANN401  # as various as the parameters are
    # JSON Schema takes 502.0 for an integer, and so may whoever writes a rule; HTTP does not.
    return int(value) if schema.get("type") == "integer" and isinstance(value, float) else value


def _contradictions(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield what in *rule* rules out everything: the key, and why."""
    if rule.until is not None and rule.until < rule.after:
        yield "until", f"until {rule.until:g} is before after {rule.after:g}"
    if rule.nth is not None and rule.nth <= rule.skip:
        yield "nth", f"nth {rule.nth} is among the {rule.skip} that skip lets pass"
    if rule.prediction and rule.routes <= _UNNAMED:
        yield "prediction", f"no prediction has its id yet at {', '.join(sorted(rule.routes))}"


def read_words(text: str) -> Rule:
    """Return the rule in *text*, written as a header or a prompt writes it.

    :raises RuleError: there is none in it.
    """
    if len(text) > LONGEST:
        raise RuleError("", f"a fault has at most {LONGEST} characters, not {len(text)}.")
    name = _NAME.match(text)
    if name is None:
        raise RuleError("", f"no fault is named; write {GRAMMAR}.")
    kind = _kind(name[1])
    values: dict[str, str] = {}
    for key, value in _pairs(text[name.end() :]):
        if key in {"fault", *values}:
            raise RuleError(key, f"{key} is given twice; write {GRAMMAR}.")
        values[key] = value
    given = coerced(keys_of(kind.name), values)
    return read_rule({"fault": kind.name, **(given if isinstance(given, dict) else values)})


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of `; key=value; key="a text"`."""
    at, end = 0, len(text.rstrip())
    while at < end:
        pair = _PAIR.match(text, at)
        if pair is None:
            raise RuleError("", f"{text[at:][:100].strip()!r} is not understood; write {GRAMMAR}.")
        yield pair[1], pair[3] if pair[2] is None else _ESCAPED.sub(r"\1", pair[2])
        at = pair.end()


def _kind(name: str) -> type[Fault]:
    if name in FAULTS:
        return FAULTS[name]
    near = near_names(name, FAULTS)
    advice = f"did you mean {' or '.join(near)}? " if near else ""
    raise RuleError("fault", f"unknown fault {name[:40]!r}; {advice}known are: {', '.join(FAULTS)}")


def keys() -> dict[str, dict[str, Any]]:
    """Return what JSON Schema says of the keys that every rule may have, by name."""
    return {each.name: {**each.metadata["schema"], "default": each.default} for each in _KEYS}


@lru_cache
def keys_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema of what a rule of the fault called *name* may say besides `fault`."""
    kind = FAULTS[name]
    common = keys()
    common["route"]["enum"] = [each for each in ROUTES if each in kind.routes]
    return {"type": "object", "properties": {**parameters(kind), **common}}


@lru_cache
def _validator(name: str) -> Validator:
    return compiled(keys_of(name))
