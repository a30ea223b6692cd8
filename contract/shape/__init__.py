"""Schemathesis over the OpenAPI document: whatever it generates must be answered in the documented shape."""

from typing import Final

from contract.check import Check
from contract.shape import access, answers, creates

CHECKS: Final[tuple[Check, ...]] = (*creates.CHECKS, *answers.CHECKS, *access.CHECKS)
