"""Settings as keyword arguments: Python's own values, or the texts that the flags take."""

from collections.abc import Mapping
from dataclasses import Field, replace
from difflib import get_close_matches
from typing import Any

from eachlabs_mock.settings.converters import value_of
from eachlabs_mock.settings.server import Settings, registry


def with_keywords(settings: Settings, given: Mapping[str, object]) -> Settings:
    """Return *settings* with what is *given* in place of its own.

    :raises TypeError: a name is no setting's, or a value is of no type that would do.
    :raises ValueError: a value will not do; the text says what would.
    """
    known = {each.name: each for each in registry()}
    if unknown := [name for name in given if name not in known]:
        near = get_close_matches(unknown[0], known, n=1) or sorted(known)
        raise TypeError(f"patched() has no argument or setting {unknown[0]!r}; near it: {', '.join(near)}")
    values: dict[str, Any] = {name: _value(known[name], value) for name, value in given.items()}
    return replace(settings, **values)


def _value(setting: Field[Any], given: object) -> object:
    facts = setting.metadata
    if facts["many"]:
        several = given if isinstance(given, tuple | list) else (given,)
        return tuple(value_of(setting, each) if isinstance(each, str) else each for each in several)
    if isinstance(given, str | int | float) or "choices" in facts:
        return value_of(setting, given)
    return given if isinstance(given, setting.type) else value_of(setting, given)  # type: ignore[arg-type]  # never text
