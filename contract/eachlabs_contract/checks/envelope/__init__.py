"""The checks of the group `envelope`."""

from eachlabs_contract.checks.envelope.claims import CHECKS

__all__ = ["CHECKS"]
