"""Reads settings from keyword arguments: Python values, or the texts that the flags take."""

from collections.abc import Mapping
from dataclasses import Field, replace
from difflib import get_close_matches
from typing import Any

from eachlabs_mock.settings.converters import value_of
from eachlabs_mock.settings.server import Settings, registry


def with_keywords(settings: Settings, keywords: Mapping[str, object]) -> Settings:
    """Return *settings* changed by *keywords*.

    :raises TypeError: a name is not a setting, or a value has a type that the setting does not accept.
    :raises ValueError: a value is not legal; the text names a legal one.
    """
    known = {field.name: field for field in registry()}
    if unknown := [name for name in keywords if name not in known]:
        near = get_close_matches(unknown[0], known, n=1) or sorted(known)
        raise TypeError(f"unknown setting {unknown[0]!r}; did you mean {' or '.join(near)}?")
    values: dict[str, Any] = {name: _value(known[name], value) for name, value in keywords.items()}
    return replace(settings, **values)


def _value(setting: Field[Any], value: object) -> object:
    facts = setting.metadata
    if facts["many"]:
        items = value if isinstance(value, tuple | list) else (value,)
        return tuple(value_of(setting, item) if isinstance(item, str) else item for item in items)
    if isinstance(value, str | int | float) or "choices" in facts:
        return value_of(setting, value)
    return value if isinstance(value, setting.type) else value_of(setting, value)  # type: ignore[arg-type]  # never text
