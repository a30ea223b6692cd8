"""Checks: each one sends requests to a target and tests one claim. One package for each group."""

from typing import Final

from eachlabs_contract.checks import openapi, races, stateful
from eachlabs_contract.checks.check import Check
from eachlabs_contract.checks.envelope.claims import CHECKS as ENVELOPE
from eachlabs_contract.checks.lifecycle.claims import CHECKS as LIFECYCLE
from eachlabs_contract.checks.limits.claims import CHECKS as LIMITS
from eachlabs_contract.checks.outputs.claims import CHECKS as OUTPUTS
from eachlabs_contract.checks.parameters.claims import CHECKS as PARAMETERS
from eachlabs_contract.checks.session import Session
from eachlabs_contract.checks.webhooks.claims import CHECKS as WEBHOOKS

__all__ = ["CHECKS", "Check", "Session"]

CHECKS: Final[tuple[Check, ...]] = (
    *(*PARAMETERS, *ENVELOPE, *LIFECYCLE, *LIMITS, *WEBHOOKS, *OUTPUTS),
    *(*races.CHECKS, *stateful.CHECKS, *openapi.CHECKS),
)
