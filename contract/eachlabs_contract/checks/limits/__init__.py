"""The checks of the group `limits`."""

from eachlabs_contract.checks.limits.claims import CHECKS

__all__ = ["CHECKS"]
