"""Checks of the group `shape`: Schemathesis sends requests made from the OpenAPI document and checks the answers."""

from typing import Final

from eachlabs_contract.checks.check import Check
from eachlabs_contract.checks.openapi import access, answers, creates

CHECKS: Final[tuple[Check, ...]] = (*creates.CHECKS, *answers.CHECKS, *access.CHECKS)
