"""Scenarios: files of fault rules and settings for every world of a run."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eachlabs_mock.faults.directives import check_armable
from eachlabs_mock.faults.fault import Fault
from eachlabs_mock.faults.registry import FAULTS, description
from eachlabs_mock.faults.rule import Rule, RuleError, read_rule, rule_schema
from eachlabs_mock.resources import shipped
from eachlabs_mock.schema import near_names
from eachlabs_mock.settings import SettingError, Settings, changed, own_settings

_KINDS: Mapping[str, tuple[type, str]] = MappingProxyType(
    {
        "description": (str, "a string"),
        "settings": (dict, "a table, written [settings]"),
        "rules": (list, "tables, each written [[rules]]"),
    }
)


class ScenarioError(ValueError):
    """An invalid scenario. The text names the file and the place in it, and says what is legal."""

    def __init__(self, file: Path | str, where: str, text: str) -> None:
        super().__init__(f"{file}: {where}: {text}" if where else f"{file}: {text}")


@dataclass(frozen=True)
class Scenario:
    """The contents of a scenario file.

    :param settings: settings of worlds that differ from the server's, as JSON or as the texts of flags.
    """

    description: str = ""
    settings: Mapping[str, Any] | None = None
    rules: tuple[Rule, ...] = ()

    def applied(self, settings: Settings) -> Settings:
        """Return *settings* with those of the scenario.

        :raises SettingError: a setting of the scenario is not legal.
        :raises RuleError: a server with *settings* cannot inject the fault of a rule.
        """
        check_armable(self.rules, settings)
        return changed(settings, self.settings or {})


def shipped_scenarios() -> dict[str, Path]:
    """Return the files of the built-in scenarios, by name."""
    return {file.stem: file for file in sorted(shipped("scenarios").glob("*.toml"))}


def scenario_file(name_or_file: str) -> Path:
    """Return the file of a scenario.

    :param name_or_file: the name of a built-in scenario, or a path.
    :raises ScenarioError: there is no such scenario or file.
    """
    known = shipped_scenarios()
    if name_or_file in known:
        return known[name_or_file]
    if Path(name_or_file).is_file():
        return Path(name_or_file)
    near = near_names(name_or_file, known)
    advice = f"did you mean {' or '.join(near)}? " if near else ""
    raise ScenarioError(
        name_or_file, "", f"no such file or built-in scenario; {advice}the built-in scenarios are: {', '.join(known)}"
    )


def load_scenario(name_or_file: str, settings: Settings | None = None) -> Scenario:
    """Return the scenario with that name or in that file; an empty one for an empty text.

    :param settings: those of the server; None: a server with ``--wire-faults``.
    :raises ScenarioError: there is no such scenario, it is invalid, or the server cannot inject its faults.
    """
    if not name_or_file:
        return Scenario()
    file = scenario_file(name_or_file)
    scenario = _read(file)
    try:
        scenario.applied(settings or replace(Settings(), wire_faults=True))
    except SettingError as error:
        raise ScenarioError(file, f"settings.{error.field}", str(error)) from None
    except RuleError as error:
        raise ScenarioError(file, "rules", str(error)) from None
    return scenario


def _read(file: Path) -> Scenario:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ScenarioError(file, "", f"cannot read the file: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested too deep
        raise ScenarioError(file, "", f"not valid TOML: {error}") from None
    for key in document:
        if key not in _KINDS:
            raise ScenarioError(file, key, f"unknown key; the keys are: {', '.join(_KINDS)}")
    for key, (kind, legal) in _KINDS.items():
        if not isinstance(document.get(key, kind()), kind):
            raise ScenarioError(file, key, f"must be {legal}")
    rules = tuple(_rule(file, number, rule) for number, rule in enumerate(document.get("rules", ()), 1))
    return Scenario(document.get("description", ""), document.get("settings", {}), rules)


def _rule(file: Path, number: int, document: object) -> Rule:
    try:
        return read_rule(document)
    except RuleError as error:
        raise ScenarioError(file, f"rule {number}, {error.field}", str(error)) from None


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors; the emulator checks more than it says."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of eachlabs-mock",
        "type": "object",
        "properties": {
            "description": {"type": "string", "description": "One line on what the scenario tests."},
            "settings": {"type": "object", "propertyNames": {"enum": list(own_settings())}},
            "rules": {"type": "array", "items": {"oneOf": [_table_schema(kind) for kind in FAULTS.values()]}},
        },
        "additionalProperties": False,
    }


def _table_schema(kind: type[Fault]) -> dict[str, Any]:
    keys = rule_schema(kind.name)
    fault = {"const": kind.name, "description": description(kind)}
    return {
        "type": "object",
        "properties": {"fault": fault, **keys["properties"]},
        "required": ["fault"],
        "additionalProperties": False,
    }
