"""Rules: which fault strikes, where, when and how often; read from JSON or from text. Pure."""

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
"""The most characters of a rule written as text."""

MOST = 1_000_000_000
"""The highest number of matches, strikes or seconds; every JSON reader can represent it."""

GRAMMAR = 'NAME; key=value; key="a text"'
"""The form of a rule in a header or a prompt."""


class RuleError(ValueError):
    """An invalid rule. The text says what is wrong and what is legal; *field* is the key."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Rule:
    """A fault and its conditions: which calls, predictions or webhooks match, and which matches the fault strikes.

    Times count from when the rule was armed, on the world's clock.
    """

    fault: Fault
    id: str = parameter(
        "",
        "Name of the rule, for random draws and for disarming it; by default rule-1, rule-2, ...",
        maxLength=100,
        pattern=r"^[A-Za-z0-9._:\-]*$",
    )
    route: Route | None = parameter(None, "Where the fault strikes; by default at the usual places of the fault.")
    model: str = parameter("", "Match this model only.")
    prediction: str = parameter("", "Match the prediction with this id only.")
    nth: int | None = parameter(None, "Strike only the n-th match, from 1.", minimum=1, maximum=MOST)
    rate: float = parameter(1.0, "Share of the matches to strike (0 to 1), drawn at random.", minimum=0, maximum=1)
    skip: int = parameter(0, "Number of matches to skip first.", minimum=0, maximum=MOST)
    times: int | None = parameter(None, "Largest number of strikes.", minimum=1, maximum=MOST)
    after: float = parameter(0.0, "Clock seconds, from arming, at which the rule begins.", minimum=0, maximum=MOST)
    until: float | None = parameter(
        None, "Clock seconds, from arming, at which the rule ends.", minimum=0, maximum=MOST
    )

    @cached_property
    def routes(self) -> frozenset[Route]:
        """Where the fault strikes."""
        return frozenset({self.route}) if self.route else self.fault.usual

    def document(self) -> dict[str, Any]:
        """Return the rule as JSON: `fault`, its parameters, and the keys that differ from their defaults."""
        own = {key.name: getattr(self, key.name) for key in _KEYS if getattr(self, key.name) != key.default}
        return {"fault": self.fault.name, **asdict(self.fault), **own}


_UNNAMED: frozenset[Route] = frozenset({"create", "prediction", "models"})
"""The routes where no prediction has an id yet."""

_KEYS = tuple(field for field in fields(Rule) if field.name != "fault")


def read_rule(document: object) -> Rule:
    """Return the rule in *document*, which has the form of `Rule.document`; missing keys have their defaults.

    :raises RuleError: *document* is not a valid rule.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("fault"), str):
        names = ", ".join(FAULTS)
        raise RuleError("fault", f'a rule must be an object whose "fault" is one of {names}; not {document!r:.100}')
    kind = _kind(document["fault"])
    raw = {name: value for name, value in document.items() if name != "fault"}
    _check(kind.name, raw)
    values = {name: _whole(rule_schema(kind.name)["properties"][name], value) for name, value in raw.items()}
    own = {field.name for field in fields(kind)}
    fault = kind(**{name: value for name, value in values.items() if name in own})
    rule = Rule(fault, **{name: value for name, value in values.items() if name not in own})
    for field, reason in _contradictions(rule):
        raise RuleError(field, f"{kind.name}: {reason}, so it would never strike.")
    return rule


def _check(name: str, raw: Mapping[str, Any]) -> None:
    schema = rule_schema(name)
    unsupported = {key: value for key, value in raw.items() if not isinstance(value, str | int | float)}
    supported = {key: value for key, value in raw.items() if key not in unsupported}  # TOML has dates, JSON has none
    problems = (*violations(_validator(name), schema, supported), *unknown_fields(schema, raw))
    if problems:
        raise RuleError(problems[0].field, f"{name}: {' '.join(map(str, problems))}")
    for key, value in unsupported.items():
        raise RuleError(key, f"{name}: {key}: must be a string, a number, true or false, not {value!r:.100}.")


def _whole(schema: Mapping[str, Any], value: Any) -> Any:  # noqa: ANN401  # each parameter has its type
    # In JSON Schema 502.0 is an integer; in HTTP it is not.
    return int(value) if schema.get("type") == "integer" and isinstance(value, float) else value


def _contradictions(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield each key of *rule* that prevents every strike, and why."""
    if rule.until is not None and rule.until < rule.after:
        yield "until", f"until {rule.until:g} is before after {rule.after:g}"
    if rule.nth is not None and rule.nth <= rule.skip:
        yield "nth", f"match {rule.nth} is skipped by skip {rule.skip}"
    if rule.prediction and rule.routes <= _UNNAMED:
        yield "prediction", f"no prediction has an id yet on the route {', '.join(sorted(rule.routes))}"


def read_rule_text(text: str) -> Rule:
    """Return the rule in *text*, which has the form of GRAMMAR.

    :raises RuleError: *text* is not a valid rule.
    """
    if len(text) > LONGEST:
        raise RuleError("", f"a fault may have at most {LONGEST} characters, not {len(text)}.")
    name = _NAME.match(text)
    if name is None:
        raise RuleError("", f"the name of a fault is missing; write {GRAMMAR}.")
    kind = _kind(name[1])
    values: dict[str, str] = {}
    for key, value in _pairs(text[name.end() :]):
        if key in {"fault", *values}:
            raise RuleError(key, f"{key} appears twice; write {GRAMMAR}.")
        values[key] = value
    typed = coerced(rule_schema(kind.name), values)
    return read_rule({"fault": kind.name, **(typed if isinstance(typed, dict) else values)})


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of `; key=value; key="a text"`."""
    at, end = 0, len(text.rstrip())
    while at < end:
        pair = _PAIR.match(text, at)
        if pair is None:
            raise RuleError("", f"cannot read {text[at:][:100].strip()!r}; write {GRAMMAR}.")
        yield pair[1], pair[3] if pair[2] is None else _ESCAPED.sub(r"\1", pair[2])
        at = pair.end()


def _kind(name: str) -> type[Fault]:
    if name in FAULTS:
        return FAULTS[name]
    near = near_names(name, FAULTS)
    advice = f"did you mean {' or '.join(near)}? " if near else ""
    raise RuleError("fault", f"unknown fault {name[:40]!r}; {advice}the faults are: {', '.join(FAULTS)}")


@lru_cache
def rule_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a rule for the fault called *name*, without the key `fault`."""
    kind = FAULTS[name]
    common = parameters(Rule)
    common["route"]["enum"] = [route for route in ROUTES if route in kind.routes]
    return {"type": "object", "properties": {**parameters(kind), **common}}


@lru_cache
def _validator(name: str) -> Validator:
    return compiled(rule_schema(name))
