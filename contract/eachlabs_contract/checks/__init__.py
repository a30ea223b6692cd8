"""Checks put claims to the test: one drives a target, and promises what must come of that; a package per group."""

from typing import Final

from eachlabs_contract.checks import (
    envelope,
    lifecycle,
    limits,
    openapi,
    outputs,
    parameters,
    races,
    stateful,
    webhooks,
)
from eachlabs_contract.checks.check import Check
from eachlabs_contract.checks.session import Session

__all__ = ["CHECKS", "Check", "Session"]

CHECKS: Final[tuple[Check, ...]] = (
    *parameters.CHECKS,
    *envelope.CHECKS,
    *lifecycle.CHECKS,
    *limits.CHECKS,
    *webhooks.CHECKS,
    *outputs.CHECKS,
    *races.CHECKS,
    *stateful.CHECKS,
    *openapi.CHECKS,
)
