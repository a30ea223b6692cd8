"""Reads the parameters of a control call: checks each value, and refuses unknown names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from eachlabs_mock.faults import Rule, RuleError, read_rule
from eachlabs_mock.web import bad

T = TypeVar("T", bound=str)


def read_json(body: bytes) -> Any:  # noqa: ANN401  # any JSON value
    """Return the JSON value in *body*; an empty object for an empty body.

    :raises Problem: it is not JSON.
    """
    try:
        return orjson.loads(body) if body else {}
    except orjson.JSONDecodeError as error:
        raise bad(f"The body is not valid JSON: {error}.") from None


def rule_of(document: object, place: str = "") -> Rule:
    """Return the rule that *document* describes.

    :param place: prefix of its field names in a refusal.
    :raises Problem: it is not a rule.
    """
    try:
        return read_rule(document)
    except RuleError as error:
        field = f"{place}{error.field}"
        raise bad(f"{field}: {error}" if place else str(error), field) from None


@dataclass(frozen=True, slots=True)
class Params:
    """The fields of a body or a query. A number may be a string, as it always is in a query."""

    values: Mapping[str, Any]

    @classmethod
    def of_body(cls, body: bytes, *known: str) -> "Params":
        """Return the fields of the JSON object in *body*; none for an empty body.

        :raises Problem: it is not a JSON object, or has a field that is not *known*.
        """
        values = read_json(body)
        if not isinstance(values, dict):
            raise bad("The body must be a JSON object.")
        return cls.of_query(values, *known)

    @classmethod
    def of_query(cls, values: Mapping[str, Any], *known: str) -> "Params":
        """Return the fields of a query.

        :raises Problem: one is not *known*.
        """
        for name in values:
            if name not in known:
                raise bad(f"Unknown field {name[:100]!r}; known fields: {', '.join(known) or 'none'}.", name[:100])
        return cls(values)

    def text(self, name: str) -> str:
        """Return a string; empty where there is none."""
        value = self.values.get(name, "")
        if not isinstance(value, str | int):
            raise bad(f"{name}: must be a string.", name)
        return str(value)

    def choice(self, name: str, options: Sequence[T], default: T | None = None) -> T:
        """Return one of *options*."""
        value = self.values.get(name, default)
        choice = next((option for option in options if option == value), None)
        if choice is None:
            raise bad(f"{name}: must be one of {', '.join(options)}, not {value!r}.", name)
        return choice

    def filter(self, name: str, options: Sequence[T]) -> T | None:
        """Return one of *options*; None where the field is missing."""
        return self.choice(name, options) if name in self.values else None

    def number(self, name: str, default: float | None, *, low: float, high: float) -> float:
        """Return a number from *low* to *high*; without a default it is required."""
        value = self.values.get(name, default)
        try:
            number = None if isinstance(value, bool) or value is None else float(value)
        except (TypeError, ValueError):
            number = None
        if number is None or not low <= number <= high:
            raise bad(f"{name}: must be a number from {low:.15g} to {high:.15g}, not {value!r}.", name)
        return number

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """Return an integer from *low* to *high*."""
        number = self.number(name, default, low=low, high=high)
        if number % 1:
            raise bad(f"{name}: must be a whole number, not {number!r}.", name)
        return int(number)
