"""Settings as keyword arguments: Python's own values, or the texts that the flags take."""

from collections.abc import Mapping
from dataclasses import Field, replace
from difflib import get_close_matches
from typing import Any

from mock_server.settings import Settings, registry


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
    if not setting.metadata["many"]:
        return _converted(setting, given)
    several = given if isinstance(given, tuple | list) else (given,)
    return tuple(_converted(setting, each) if isinstance(each, str) else each for each in several)


def _converted(setting: Field[Any], given: object) -> object:
    text, choices = _text(given), setting.metadata.get("choices")
    if text is None and not choices and isinstance(given, setting.type):  # type: ignore[arg-type]  # no field has a text
        return given
    if text is None or (choices and text not in choices):
        right = f"one of: {', '.join(choices)}" if choices else f"such as {setting.metadata['default']!r}"
        raise ValueError(f"{setting.name}: {given!r} will not do; right would be {right}")
    try:
        return setting.metadata["convert"](text)
    except ValueError as error:
        raise ValueError(f"{setting.name}: {error}") from None


def _text(given: object) -> str | None:
    """Return what the flag would take for *given*; None where it is already more than a text can say."""
    if isinstance(given, bool):
        return "on" if given else "off"
    return str(given) if isinstance(given, str | int | float) else None
