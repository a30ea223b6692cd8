"""The checks of the group `lifecycle`."""

from eachlabs_contract.checks.lifecycle.claims import CHECKS

__all__ = ["CHECKS"]
