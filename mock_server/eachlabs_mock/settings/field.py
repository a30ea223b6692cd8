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
    group: Group,
    default: str,
    text: str,
    convert: to.Convert = str,
    metavar: str = "",
    *,
    many: bool = False,
    **metadata: Any,  # noqa: ANN401  # they differ in type
) -> Any:  # noqa: ANN401  # the field's annotation tells
    """Declare a setting as a dataclass field.

    :param default: the default as a user types it; ignored for a repeatable setting, whose default is ().
    :param text: the help.
    :param convert: turns a text into a value; raises a ValueError that says what is legal.
    :param metavar: stands for the value in the help.
    :param many: whether the setting is repeatable.
    :param metadata: `choices`, `newcomer` (shown in the short help).
    """
    facts = {"default": default, "help": text, "group": group, "convert": convert, "metavar": metavar, "many": many}
    return field(default=() if many else convert(default), metadata={**facts, **metadata})
