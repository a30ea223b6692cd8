"""Random lives of predictions against a reference model: a Hypothesis state machine."""

from typing import Final

from contract.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
