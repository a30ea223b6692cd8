"""Reads what a control call asks for: each value checked, each unknown name refused with the known ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from flask import request

from eachlabs_mock.faults import Rule, RuleError, read_rule
from eachlabs_mock.web import bad

T = TypeVar("T", bound=str)


def document_of_body() -> Any:  # noqa: ANN401  # JSON is
    """Return the JSON value of the body of this request; an empty object for no body.

    :raises Problem: it is no JSON.
    """
    raw = request.get_data()
    try:
        return orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as error:
        raise bad(f"The body is not valid JSON: {error}.") from None


def rule_of(document: object, place: str = "") -> Rule:
    """Return the rule that *document* describes.

    :param place: what precedes the names of its fields where it came from.
    :raises Problem: it describes none.
    """
    try:
        return read_rule(document)
    except RuleError as error:
        field = f"{place}{error.field}"
        raise bad(f"{field}: {error}" if place else str(error), field) from None


@dataclass(frozen=True, slots=True)
class Params:
    """The fields of a body or a query. Numbers may be texts, as in a query they always are."""

    values: Mapping[str, Any]

    @classmethod
    def of_body(cls, *known: str) -> "Params":
        """Return the fields of the JSON body of this request; no body: none.

        :raises Problem: it is no JSON object, or has a field that is not *known*.
        """
        values = document_of_body()
        if not isinstance(values, dict):
            raise bad("The body must be a JSON object.")
        return cls._checked(values, known)

    @classmethod
    def of_query(cls, *known: str) -> "Params":
        """Return the fields of the query of this request.

        :raises Problem: one is not *known*.
        """
        return cls._checked(request.args.to_dict(), known)

    @classmethod
    def _checked(cls, values: Mapping[str, Any], known: Sequence[str]) -> "Params":
        for name in values:
            if name not in known:
                raise bad(f"Unknown field {name[:100]!r}; known fields: {', '.join(known) or 'none'}.", name[:100])
        return cls(values)

    def text(self, name: str) -> str:
        """Return a text; nothing, where there is none."""
        value = self.values.get(name, "")
        if not isinstance(value, str | int):
            raise bad(f"{name}: must be a string.", name)
        return str(value)

    def choice(self, name: str, options: Sequence[T], default: T | None = None) -> T:
        """Return one of *options*."""
        value = self.values.get(name, default)
        found = next((each for each in options if each == value), None)
        if found is None:
            raise bad(f"{name}: must be one of {', '.join(options)}, not {value!r}.", name)
        return found

    def filter(self, name: str, options: Sequence[T]) -> T | None:
        """Return one of *options*; None, where nothing was asked for."""
        return self.choice(name, options) if name in self.values else None

    def number(self, name: str, default: float | None, *, low: float, high: float) -> float:
        """Return a number from *low* to *high*; without a default it is required."""
        value = self.values.get(name, default)
        try:
            number = None if isinstance(value, bool) or value is None else float(value)
        except (TypeError, ValueError):
            number = None
        if number is None or not low <= number <= high:
            raise bad(f"{name}: must be a number from {low:g} to {high:g}, not {value!r}.", name)
        return number

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number from *low* to *high*."""
        number = self.number(name, default, low=low, high=high)
        if number % 1:
            raise bad(f"{name}: must be a whole number, not {number!r}.", name)
        return int(number)
