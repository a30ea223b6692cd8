"""The commands of eachlabs-contract."""

from eachlabs_contract.cli.group import main

__all__ = ["main"]
