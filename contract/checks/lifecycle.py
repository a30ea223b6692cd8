"""Checks of a prediction's life: what a read shows, when, and that it stays so."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
