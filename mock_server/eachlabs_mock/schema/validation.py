"""What is wrong with an input, judged by a model's JSON Schema: each fault with its rule and a legal value. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import jsonschema_rs

from eachlabs_mock.schema.coercion import Schema, kinds
from eachlabs_mock.schema.suggestions import LONGEST, described, for_enum, for_limit, for_type, near_names, shown

Validator: TypeAlias = jsonschema_rs.Draft202012Validator
Path: TypeAlias = tuple[str | int, ...]

# The validator collects every fault before it hands out the first, and advice costs some 100 microseconds each: an
# input large enough to hold thousands is judged by its first fault alone.
_MOST_VALUES = 250
_LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault of an input: where it is, the rule it breaks, the value as it came, and what would be legal.

    `received` is JSON text of at most 200 characters, or `nothing` where a required field is missing.
    """

    field: str
    rule: str
    received: str
    legal: str

    def __str__(self) -> str:
        return f'{self.field}: received {self.received}, which breaks the rule "{self.rule}"; send {self.legal}.'


def compiled(schema: Schema) -> Validator:
    """Return a validator of *schema*, safe to share between threads; it never fetches what a `$ref` names.

    Raises `jsonschema_rs.ValidationError` where *schema* is no JSON Schema.
    """
    return jsonschema_rs.Draft202012Validator(dict(schema), offline=True)


def violations(validator: Validator, schema: Schema, given: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Return every violation in *given*, in the order of the fields in *schema*; unknown fields are no violation."""
    errors = _errors(validator, dict(given))
    mistyped = {tuple(error.instance_path) for error in errors if error.kind.name == "type"}
    found = [
        pair
        for error in errors
        if error.kind.name == "type" or tuple(error.instance_path) not in mistyped
        for pair in _read(error, schema)
    ]
    found.sort(key=lambda pair: tuple(_places(schema, pair[0])))
    return tuple(dict.fromkeys(violation for _, violation in found))


def unknown_fields(schema: Schema, given: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Return a violation for each field of *given* that *schema* does not know, at most 250."""
    known = schema.get("properties", {})
    unknown = (name for name in given if name not in known)
    return tuple(_unknown((name,), known, given[name]) for name in islice(unknown, _MOST_VALUES))


def _errors(validator: Validator, given: dict[str, Any]) -> list[jsonschema_rs.ValidationError]:
    if next(islice(_values(given), _MOST_VALUES, None), None) is None:
        return list(validator.iter_errors(given))
    try:
        validator.validate(given)
    except jsonschema_rs.ValidationError as first:
        return [first]
    return []


def _values(value: object) -> Iterator[object]:
    """Yield every value within *value*, however deep."""
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
            wanted = described(schema.get("properties", {}).get(limit, {}))
            yield path, Violation(_dotted(path), "required", "nothing", wanted)
        case "additionalProperties" if isinstance(instance, dict):
            for name in limit:
                inner = (*path, name)
                yield inner, _unknown(inner, schema.get("properties", {}), instance[name])
        case _:
            legal = _legal(rule, schema, error)
            yield path, Violation(_dotted(path), _rule(rule, limit, schema), shown(instance), legal)


def _places(schema: Schema, path: Path) -> Iterator[int]:
    """Yield the place of each step of *path* among its like: unknown fields come last."""
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
        legal = f"known fields only ({', '.join(map(shown, known)) or 'there are none'})"
    return Violation(_dotted(path), "known field", shown(value), legal)


def _dotted(path: Path) -> str:
    """Return *path* as `loras[0].path`, or `input` for the input itself."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")[:LONGEST] or "input"


def _at(schema: Schema, path: Iterable[str | int]) -> Schema:
    """Return the subschema at *path*, or an empty one where the validator's path leads through none."""
    node: Any = schema
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return node if isinstance(node, Mapping) else {}
