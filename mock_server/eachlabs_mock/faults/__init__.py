"""What can go wrong, and when: faults are small frozen values, rules say when they strike."""

from eachlabs_mock.faults.armed_rule import ArmedRule, Occasion, Strike, at_once
from eachlabs_mock.faults.directives import OF_A_CREATE, asked_in, asked_in_prompt, check_armable, may_ask
from eachlabs_mock.faults.fault import Fault, Route, Scene
from eachlabs_mock.faults.predictions import Fail
from eachlabs_mock.faults.rule import Rule, RuleError, read_rule
from eachlabs_mock.faults.rule_set import ArmedCount, RuleSet
from eachlabs_mock.faults.scenario import ScenarioError, load_scenario, scenario_schema
from eachlabs_mock.faults.webhooks import Reorder

__all__ = [
    "OF_A_CREATE",
    "ArmedCount",
    "ArmedRule",
    "Fail",
    "Fault",
    "Occasion",
    "Reorder",
    "Route",
    "Rule",
    "RuleError",
    "RuleSet",
    "ScenarioError",
    "Scene",
    "Strike",
    "asked_in",
    "asked_in_prompt",
    "at_once",
    "check_armable",
    "load_scenario",
    "may_ask",
    "read_rule",
    "scenario_schema",
]
