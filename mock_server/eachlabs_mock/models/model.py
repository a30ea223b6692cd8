"""One model of the catalogue: its facts, and the judgement of an input for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from eachlabs_mock.schema import Schema, Validator, Violation, coerced, compiled, unknown_fields, violations


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model as `GET /v1/model` shows it; `cost` is in USD per prediction, None where it is not known.

    Shared between threads; `request_schema` is plain JSON and must not be changed.
    """

    title: str
    slug: str
    version: str
    output_type: str
    request_schema: Schema
    cost: Decimal | None
    defaults: Mapping[str, Any] = field(repr=False)
    validator: Validator = field(repr=False)

    @classmethod
    def of(cls, facts: Mapping[str, Any], cost: Decimal | None) -> Self:
        """Make a model of the *facts* in its file.

        Raises `jsonschema_rs.ValidationError` where the request schema is no JSON Schema.
        """
        schema = facts["request_schema"]
        return cls(
            title=facts["title"],
            slug=facts["slug"],
            version=facts["version"],
            output_type=facts["output_type"],
            request_schema=schema,
            cost=cost,
            defaults={name: rules["default"] for name, rules in schema["properties"].items() if "default" in rules},
            validator=compiled(schema),
        )

    def check(self, given: Mapping[str, Any], /, *, strict: bool = False) -> tuple[Violation, ...]:
        """Return all violations in the input *given*, in the order of the schema's fields; none where it is legal.

        Unknown fields are ignored, or with *strict* violations too. An input of more than 250 values is judged by
        its first violation alone.
        """
        legal = self.validator.is_valid(given if type(given) is dict else dict(given))
        found = () if legal else violations(self.validator, self.request_schema, given)
        if not strict:
            return found
        return tuple(dict.fromkeys((*found, *unknown_fields(self.request_schema, given))))

    def resolved(self, given: Mapping[str, Any], /) -> dict[str, Any]:
        """Return the input *given* with the defaults filled in where a field is absent; *given* is not changed."""
        return {**self.defaults, **given}

    def coerced(self, given: Mapping[str, Any], /) -> dict[str, Any]:
        """Return *given* with numeric strings as numbers and `"true"`, `"false"` as booleans, where so wanted.

        Everything else is untouched, and so is *given* itself.
        """
        properties = self.request_schema["properties"]
        return {name: coerced(properties.get(name, {}), value) for name, value in given.items()}
