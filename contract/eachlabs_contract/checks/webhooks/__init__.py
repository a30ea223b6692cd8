"""The checks of the group `webhooks`."""

from eachlabs_contract.checks.webhooks.claims import CHECKS

__all__ = ["CHECKS"]
