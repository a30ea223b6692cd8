"""Checks of webhooks: what is sent, when, how often, and to whom."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
