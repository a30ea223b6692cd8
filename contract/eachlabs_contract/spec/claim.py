"""A claim: one sentence about what a server owes its callers, where that is written, and how firmly."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How firmly a claim binds.

    MUST stands on the model page. SHOULD follows from it, or from what the service is known to do, and another reading
    is hard to defend. CHOICE is where the page is silent: what a server does there is reported, and never held against
    it.
    """

    MUST = "MUST"
    SHOULD = "SHOULD"
    CHOICE = "CHOICE"


class Group(StrEnum):
    """What a claim is about."""

    PARAMETERS = "parameters"
    ENVELOPE = "envelope"
    LIFECYCLE = "lifecycle"
    LIMITS = "limits"
    WEBHOOKS = "webhooks"
    OUTPUTS = "outputs"
    RACES = "races"
    LIVES = "lives"
    SHAPE = "shape"
    LAWS = "laws"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a server owes.

    :param id: `group.name`, the name in lower case with hyphens; it never changes its meaning.
    :param sentence: the promise, in one sentence that could be false.
    :param source: where it is written: 'page, "Rate Limits"', for instance, or why it is expected where it is not.
    """

    id: str
    sentence: str
    source: str
    level: Level

    @property
    def group(self) -> Group:
        """What it is about: the first part of its id."""
        return Group(self.id.partition(".")[0])
