"""The checks of the group `parameters`."""

from eachlabs_contract.checks.parameters.claims import CHECKS

__all__ = ["CHECKS"]
