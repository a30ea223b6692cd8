"""The checks of the group `outputs`."""

from eachlabs_contract.checks.outputs.claims import CHECKS

__all__ = ["CHECKS"]
