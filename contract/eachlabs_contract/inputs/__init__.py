"""Valid and invalid inputs of a model, generated from its JSON Schema."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eachlabs_contract.inputs.boundary_table import Row, rows
from eachlabs_contract.inputs.parameter_cases import Rule

if TYPE_CHECKING:
    from eachlabs_contract.inputs.strategies import InvalidInput, UnknownSchemaError, invalid_inputs, valid_inputs

__all__ = ["InvalidInput", "Row", "Rule", "UnknownSchemaError", "invalid_inputs", "rows", "valid_inputs"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any exported name
    """Import the strategies at their first use, since Hypothesis is slow to import."""
    if name in __all__:
        return getattr(import_module("eachlabs_contract.inputs.strategies"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
