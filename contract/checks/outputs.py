"""Checks of output files: type, size, quality, and what a seed fixes."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
