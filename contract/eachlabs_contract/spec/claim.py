"""A claim: one sentence about how a server must behave, its source, and how firmly it binds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How firmly a claim binds.

    MUST: the model page says it. SHOULD: it follows from the page or from what the service is known to do, and another
    reading is hard to defend. CHOICE: the page is silent; what the server does is reported and never breaks the claim.
    """

    MUST = "MUST"
    SHOULD = "SHOULD"
    CHOICE = "CHOICE"


class Group(StrEnum):
    """The subject of a claim."""

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
    """One promise of a server.

    :param id: `group.name`, the name in lower case with hyphens; its meaning never changes.
    :param sentence: the promise, in one sentence that could be false.
    :param source: where it is written, such as 'page, "Rate Limits"', or why it is expected where it is not written.
    """

    id: str
    sentence: str
    source: str
    level: Level

    @property
    def group(self) -> Group:
        """The group: the first part of the id."""
        return Group(self.id.partition(".")[0])
