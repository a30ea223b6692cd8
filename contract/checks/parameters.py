"""Checks of a model's parameters: bounds, types, options, defaults."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
