"""One model of the catalogue, and the validation of inputs for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from eachlabs_mock.schema import Schema, Validator, Violation, coerced, compiled, unknown_fields, violations


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model as `GET /v1/model` shows it.

    Threads share it; do not change `request_schema`, which is plain JSON.

    :param cost: USD per prediction; None: unknown.
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
        """Return the model with the *facts* of its file.

        :raises jsonschema_rs.ValidationError: the request schema is not a JSON Schema.
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

    def check(self, document: Mapping[str, Any], /, *, strict: bool = False) -> tuple[Violation, ...]:
        """Return all violations in the input *document*, in the order of the schema's fields; empty if it is legal.

        Of an input with more than 250 values only the first violation is returned.

        :param strict: whether unknown fields are violations; by default they are ignored.
        """
        legal = self.validator.is_valid(document if type(document) is dict else dict(document))
        known = () if legal else violations(self.validator, self.request_schema, document)
        if not strict:
            return known
        return tuple(dict.fromkeys((*known, *unknown_fields(self.request_schema, document))))

    def resolved(self, document: Mapping[str, Any], /) -> dict[str, Any]:
        """Return the input *document* with the defaults of missing fields; *document* is not changed."""
        return {**self.defaults, **document}

    def coerced(self, document: Mapping[str, Any], /) -> dict[str, Any]:
        """Return the input *document* with strings converted to numbers and booleans where the schema requires them.

        All other values are kept; *document* is not changed.
        """
        properties = self.request_schema["properties"]
        return {name: coerced(properties.get(name, {}), value) for name, value in document.items()}
