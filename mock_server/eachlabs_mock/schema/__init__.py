"""Validates JSON against a JSON Schema, and suggests legal values."""

from eachlabs_mock.schema.coercion import INTEGERS, Schema, coerced
from eachlabs_mock.schema.suggestions import accepts, json_type, near_names, shown
from eachlabs_mock.schema.validation import Validator, Violation, compiled, unknown_fields, violations

__all__ = [
    "INTEGERS", "Schema", "Validator", "Violation", "accepts", "coerced", "compiled", "json_type", "near_names",
    "shown", "unknown_fields", "violations",
]  # fmt: skip
