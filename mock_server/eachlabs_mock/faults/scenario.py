"""Scenarios: named files that say what goes wrong in every world of a run, and how worlds are set for it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eachlabs_mock.faults.directives import check_armable
from eachlabs_mock.faults.fault import Fault
from eachlabs_mock.faults.registry import FAULTS, meaning
from eachlabs_mock.faults.rule import Rule, RuleError, keys_of, read_rule
from eachlabs_mock.resources import shipped
from eachlabs_mock.schema import near_names
from eachlabs_mock.settings import SettingError, Settings, changed, own_settings

_KINDS: Mapping[str, tuple[type, str]] = MappingProxyType(
    {
        "description": (str, "a text"),
        "settings": (dict, "a table, written [settings]"),
        "rules": (list, "tables, each written [[rules]]"),
    }
)


class ScenarioError(ValueError):
    """A scenario that will not do; the text says which file, where in it, and what would be right."""

    def __init__(self, file: Path | str, where: str, text: str) -> None:
        super().__init__(f"{file}: {where}: {text}" if where else f"{file}: {text}")


@dataclass(frozen=True)
class Scenario:
    """What goes wrong in a run.

    :param settings: how worlds are set otherwise than the server's flags say, in the words of the flags.
    """

    description: str = ""
    settings: Mapping[str, Any] | None = None
    rules: tuple[Rule, ...] = ()

    def applied(self, settings: Settings) -> Settings:
        """Return *settings* as worlds have them in this scenario.

        :raises SettingError: one will not do.
        :raises RuleError: a rule is about what a server with these settings cannot do.
        """
        check_armable(self.rules, settings)
        return changed(settings, self.settings or {})


def shipped_scenarios() -> dict[str, Path]:
    """Return the files of the scenarios that come with the emulator, by name."""
    return {each.stem: each for each in sorted(shipped("scenarios").glob("*.toml"))}


def named(name_or_file: str) -> Path:
    """Return the file of the scenario that is meant: a shipped one's name, or a path.

    :raises ScenarioError: there is none.
    """
    known = shipped_scenarios()
    if name_or_file in known:
        return known[name_or_file]
    if Path(name_or_file).is_file():
        return Path(name_or_file)
    near = near_names(name_or_file, known)
    advice = f"did you mean {' or '.join(near)}? " if near else ""
    raise ScenarioError(name_or_file, "", f"no such file, and no scenario; {advice}shipped are: {', '.join(known)}")


def load_scenario(name_or_file: str, settings: Settings | None = None) -> Scenario:
    """Return the scenario of that name or file, which a server with *settings* can play; empty: nothing goes wrong.

    :param settings: None: those of a server that can play everything.
    :raises ScenarioError: it is none, or cannot be played.
    """
    if not name_or_file:
        return Scenario()
    file = named(name_or_file)
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
        raise ScenarioError(file, "", f"it cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # no TOML, or no UTF-8, or nested without end
        raise ScenarioError(file, "", f"this is not TOML: {error}") from None
    for key in document:
        if key not in _KINDS:
            raise ScenarioError(file, key, f"no such key is known; known are: {', '.join(_KINDS)}")
    for key, (kind, wanted) in _KINDS.items():
        if not isinstance(document.get(key, kind()), kind):
            raise ScenarioError(file, key, f"must be {wanted}")
    rules = tuple(_rule(file, number, each) for number, each in enumerate(document.get("rules", ()), 1))
    return Scenario(document.get("description", ""), document.get("settings", {}), rules)


def _rule(file: Path, number: int, document: object) -> Rule:
    try:
        return read_rule(document)
    except RuleError as error:
        raise ScenarioError(file, f"rule {number}, {error.field}", str(error)) from None


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, for editors; the emulator's own checks say more."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of eachlabs-mock",
        "type": "object",
        "properties": {
            "description": {"type": "string", "description": "What it rehearses."},
            "settings": {"type": "object", "propertyNames": {"enum": list(own_settings())}},
            "rules": {"type": "array", "items": {"oneOf": [_rule_schema(each) for each in FAULTS.values()]}},
        },
        "additionalProperties": False,
    }


def _rule_schema(kind: type[Fault]) -> dict[str, Any]:
    keys = keys_of(kind.name)
    fault = {"const": kind.name, "description": meaning(kind)}
    return {
        "type": "object",
        "properties": {"fault": fault, **keys["properties"]},
        "required": ["fault"],
        "additionalProperties": False,
    }
