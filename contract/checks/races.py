"""Checks of the limits and ids under simultaneous requests."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
