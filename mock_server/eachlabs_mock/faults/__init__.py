"""Defines the faults that can be injected, and the rules that say when each one strikes."""

from eachlabs_mock.faults.armed_rule import ArmedRule, Occasion, Strike, directive_strikes
from eachlabs_mock.faults.directives import (
    CREATE_ROUTES,
    check_armable,
    may_have_directives,
    read_directive,
    read_directives,
)
from eachlabs_mock.faults.fault import Fault, FaultContext, Route
from eachlabs_mock.faults.predictions import Fail
from eachlabs_mock.faults.registry import FAULTS
from eachlabs_mock.faults.rule import Rule, RuleError, read_rule
from eachlabs_mock.faults.rule_set import ArmedCount, RuleSet
from eachlabs_mock.faults.scenario import ScenarioError, load_scenario, scenario_schema

__all__ = [
    "CREATE_ROUTES", "FAULTS", "ArmedCount", "ArmedRule", "Fail", "Fault", "FaultContext", "Occasion", "Route", "Rule",
    "RuleError", "RuleSet", "ScenarioError", "Strike", "check_armable", "directive_strikes", "load_scenario",
    "may_have_directives", "read_directive", "read_directives", "read_rule", "scenario_schema",
]  # fmt: skip
