"""Declares the settings of servers and worlds, and reads them from text, JSON and keywords."""

from eachlabs_mock.settings.converters import Convert, value_of
from eachlabs_mock.settings.server import ENVIRONMENT_PREFIX, Settings, flag, registry, variable, with_keywords
from eachlabs_mock.settings.world import SettingError, as_json, changed, own_settings

__all__ = [
    "ENVIRONMENT_PREFIX", "Convert", "SettingError", "Settings", "as_json", "changed", "flag", "own_settings",
    "registry", "value_of", "variable", "with_keywords",
]  # fmt: skip
