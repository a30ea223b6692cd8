"""Schemathesis over the OpenAPI document: whatever it generates must be answered in the documented shape."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
