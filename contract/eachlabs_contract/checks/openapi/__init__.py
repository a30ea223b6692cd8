"""Schemathesis over the OpenAPI document: whatever it generates must be answered in the documented shape."""

from typing import Final

from eachlabs_contract.checks.check import Check
from eachlabs_contract.checks.openapi import access, answers, creates

CHECKS: Final[tuple[Check, ...]] = (*creates.CHECKS, *answers.CHECKS, *access.CHECKS)
