"""Checks of the limits: 100 requests a minute and 10 predictions in flight, per key."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
