"""What a world's owner may change of its settings, and how: in JSON, in the words of the flags."""

from collections.abc import Mapping
from dataclasses import Field, replace
from typing import Any

from mock_server.clock import MILLIS
from mock_server.conversions import value_of
from mock_server.limits import Rate
from mock_server.planner import Progress
from mock_server.settings import Settings, registry


class SettingError(ValueError):
    """A change of settings that will not do; the text says why, *field* which."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def own_settings() -> dict[str, Field[Any]]:
    """Return the settings that each world has for itself, by name."""
    return {each.name: each for each in registry() if each.metadata.get("per_world")}


def as_json(name: str, settings: Settings) -> object:
    """Return the value of a setting as JSON can say it, in the words of its flag."""
    value = getattr(settings, name)
    match value:
        case None:
            return {"seed": "random", "duration": "realistic"}.get(name, "off")
        case Rate():
            return f"{value.limit}/{value.period / MILLIS:.15g}"
        case Progress():
            return f"reads:{value.reads}" if value.kind == "reads" else value.kind
        case _:
            return value


def changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Return *settings* with *changes*, each a JSON value or the text of its flag.

    :raises SettingError: a key is unknown or not a world's own, or a value will not do.
    """
    known = own_settings()
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise SettingError(name, f"{name!r} is no setting of a world; those are: {', '.join(known)}")
        try:
            values[name] = value_of(known[name], value)
        except ValueError as error:
            raise SettingError(name, str(error)) from None
    return replace(settings, **values)
