"""Tests claims against a target and returns a finding for each."""

from eachlabs_contract.runner.catalogue import UnknownNameError, find_test, select_tests
from eachlabs_contract.runner.example import example_exchange
from eachlabs_contract.runner.runner import Runner, check

__all__ = ["Runner", "UnknownNameError", "check", "example_exchange", "find_test", "select_tests"]
