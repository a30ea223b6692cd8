"""Validates an input against a JSON Schema; each violation names its rule and a legal value. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import jsonschema_rs

from eachlabs_mock.schema.coercion import Schema, kinds
from eachlabs_mock.schema.suggestions import LONGEST, described, for_enum, for_limit, for_type, near_names, shown

Validator: TypeAlias = jsonschema_rs.Draft202012Validator
Path: TypeAlias = tuple[str | int, ...]

# The validator collects all violations before it yields the first, and each suggestion takes about 100 microseconds:
# of an input of many values only the first violation is reported.
_MOST_VALUES = 250
_LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a schema: the field, the broken rule, the received value, and a legal one.

    `received` is JSON text of at most 200 characters, or `nothing` where a required field is missing.
    """

    field: str
    rule: str
    received: str
    legal: str

    def __str__(self) -> str:
        return f'{self.field}: received {self.received}, which breaks the rule "{self.rule}"; send {self.legal}.'


def compiled(schema: Schema) -> Validator:
    """Return a validator of *schema*, safe to share between threads; it never fetches the target of a `$ref`.

    :raises jsonschema_rs.ValidationError: *schema* is not a JSON Schema.
    """
    return jsonschema_rs.Draft202012Validator(dict(schema), offline=True)


def violations(validator: Validator, schema: Schema, document: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Return all violations in *document*, in the order of the fields in *schema*; unknown fields are legal."""
    errors = _errors(validator, dict(document))
    mistyped = {tuple(error.instance_path) for error in errors if error.kind.name == "type"}
    pairs = [
        pair
        for error in errors
        if error.kind.name == "type" or tuple(error.instance_path) not in mistyped
        for pair in _read(error, schema)
    ]
    pairs.sort(key=lambda pair: tuple(_places(schema, pair[0])))
    return tuple(dict.fromkeys(violation for _, violation in pairs))


def unknown_fields(schema: Schema, document: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Return a violation for each field of *document* that *schema* does not define, at most 250."""
    known = schema.get("properties", {})
    unknown = (name for name in document if name not in known)
    return tuple(_unknown((name,), known, document[name]) for name in islice(unknown, _MOST_VALUES))


def _errors(validator: Validator, document: dict[str, Any]) -> list[jsonschema_rs.ValidationError]:
    if next(islice(_values(document), _MOST_VALUES, None), None) is None:
        return list(validator.iter_errors(document))
    try:
        validator.validate(document)
    except jsonschema_rs.ValidationError as first:
        return [first]
    return []


def _values(value: object) -> Iterator[object]:
    """Yield a key or an index for each value within *value*, at any depth."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as fields:
                yield from fields
                waiting.extend(fields.values())
            case list() as items:
                yield from range(len(items))
                waiting.extend(items)


def _read(error: jsonschema_rs.ValidationError, root: Schema) -> Iterator[tuple[Path, Violation]]:
    path, rule, limit = tuple(error.instance_path), error.kind.name, error.kind.value
    schema, instance = _at(root, error.schema_path[:-1]), error.instance
    match rule:
        case "required":
            path = (*path, limit)
            legal = described(schema.get("properties", {}).get(limit, {}))
            yield path, Violation(_dotted(path), "required", "nothing", legal)
        case "additionalProperties" if isinstance(instance, dict):
            for name in limit:
                inner = (*path, name)
                yield inner, _unknown(inner, schema.get("properties", {}), instance[name])
        case _:
            legal = _legal(rule, schema, error)
            yield path, Violation(_dotted(path), _rule(rule, limit, schema), shown(instance), legal)


def _places(schema: Schema, path: Path) -> Iterator[int]:
    """Yield the position of each step of *path* among its siblings; unknown fields are last."""
    for step in path:
        if isinstance(step, int):
            yield step
            schema = _at(schema, ["items"])
        else:
            known = _at(schema, ["properties"])
            yield list(known).index(step) if step in known else len(known)
            schema = _at(known, [step])


def _legal(rule: str, schema: Schema, error: jsonschema_rs.ValidationError) -> str:
    if rule == "type":
        return for_type(schema, error.instance)
    if rule == "enum":
        return for_enum(schema["enum"], error.instance)
    if rule == "const":
        return shown(schema["const"])
    return for_limit(schema, error.instance) if rule in _LIMITS else described(schema)


def _rule(rule: str, limit: object, schema: Schema) -> str:
    if rule == "type":
        return f"type {' or '.join(kinds(schema))}"
    return f"{rule} {limit}" if isinstance(limit, str | int | float) else rule


def _unknown(path: Path, known: Iterable[str], value: object) -> Violation:
    near = near_names(str(path[-1]), known)
    if near:
        legal = f"{' or '.join(map(shown, near))} instead, or leave it out"
    else:
        legal = f"only known fields ({', '.join(map(shown, known)) or 'none'})"
    return Violation(_dotted(path), "known field", shown(value), legal)


def _dotted(path: Path) -> str:
    """Return *path* as text such as `loras[0].path`; `input` for an empty path."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")[:LONGEST] or "input"


def _at(schema: Schema, path: Iterable[str | int]) -> Schema:
    """Return the subschema at *path*; an empty one where there is none."""
    node: Any = schema
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return node if isinstance(node, Mapping) else {}
