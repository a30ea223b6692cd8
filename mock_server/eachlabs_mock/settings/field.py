"""Declares one setting: a dataclass field that knows its default as typed, its help and how a text becomes a value."""

from dataclasses import field
from typing import Any, Literal, get_args

from eachlabs_mock.settings import converters as to

Group = Literal[
    "Server",
    "Access",
    "Time and chance",
    "Limits",
    "Models and money",
    "Webhooks",
    "Faults",
    "Input",
    "Outputs",
    "Memory",
]
GROUPS: tuple[Group, ...] = get_args(Group)
"""The groups of the help, in its order."""


def setting(
    default: str,
    text: str,
    *,
    group: Group,
    convert: to.Convert = str,
    many: bool = False,
    **metadata: Any,  # noqa: ANN401  # they differ in type
) -> Any:  # noqa: ANN401  # the field's annotation tells
    """Declare a field.

    :param default: as a user would type it; nothing, for one that may be given many times.
    :param text: its help.
    :param convert: makes the value of a text, or raises a ValueError that says what would be right.
    :param metadata: `metavar` in the help, `choices`, `newcomer` (in the short help).
    """
    facts = {"default": default, "help": text, "group": group, "convert": convert, "many": many, **metadata}
    return field(default=() if many else convert(default), metadata=facts)
