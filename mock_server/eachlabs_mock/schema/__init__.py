"""Validates JSON against a JSON Schema, and suggests legal values."""

from eachlabs_mock.schema.coercion import Schema, coerced
from eachlabs_mock.schema.suggestions import accepts, near_names, shown
from eachlabs_mock.schema.validation import Validator, Violation, compiled, unknown_fields, violations

__all__ = [
    "Schema",
    "Validator",
    "Violation",
    "accepts",
    "coerced",
    "compiled",
    "near_names",
    "shown",
    "unknown_fields",
    "violations",
]
