"""Declares a setting as a dataclass field with its help, its default as text and its conversion."""

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
"""The groups of settings, in the order of the help."""


def setting(
    default: str,
    text: str,
    *,
    group: Group,
    convert: to.Convert = str,
    many: bool = False,
    **metadata: Any,  # noqa: ANN401  # they differ in type
) -> Any:  # noqa: ANN401  # the field's annotation tells
    """Declare a setting as a dataclass field.

    :param default: the default as a user types it; ignored for a repeatable setting, whose default is ().
    :param text: the help.
    :param convert: turns a text into a value; raises a ValueError that says what is legal.
    :param many: whether the setting is repeatable.
    :param metadata: `metavar` in the help, `choices`, `newcomer` (shown in the short help).
    """
    facts = {"default": default, "help": text, "group": group, "convert": convert, "many": many, **metadata}
    return field(default=() if many else convert(default), metadata=facts)
