"""A trial: what goes wrong while a user's program runs, what is expected of it, and what a slip would cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.spec import Level

REAL: Final = 1.0
"""Speed of a world's clock at which `Retry-After` and the pace of polls are what a program takes them for."""

QUICK: Final = 5.0
"""Speed at which a trial that is not about waiting goes by."""

CALM: Final[Mapping[str, object]] = MappingProxyType({"duration": 2.5, "rate_limit": "off", "max_in_flight": "off"})
"""Settings of a world unless a trial says otherwise: no limits, since a 429 would be another trial."""


class Group(StrEnum):
    """What a trial is about."""

    FLOW = "flow"
    LIMITS = "limits"
    ERRORS = "errors"
    TRANSPORT = "transport"
    WEBHOOKS = "webhooks"
    HYGIENE = "hygiene"


class Cost(StrEnum):
    """What it costs to fall short of an expectation."""

    MONEY = "money lost"
    HANG = "a hang"
    WORK = "the work itself"
    NEITHER = "neither money nor a hang"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that is expected of a program.

    :param sentence: what, in a sentence that could be false.
    :param judge: what happened instead; empty: it was as expected. Pure.
    """

    sentence: str
    judge: Callable[[Observation], str]
    cost: Cost = Cost.NEITHER


def applies_always(_calm: Observation) -> str:
    """Return why a trial says nothing about a program: nothing."""
    return ""


@dataclass(frozen=True, slots=True)
class Trial:
    """Something that goes wrong, and what is expected then.

    :param id: `group.name`, in lower case with hyphens; it never changes its meaning.
    :param story: what happens, for people, in present tense.
    :param expectations: beside the one of all trials, that a program ends by itself.
    :param rules: of the emulator, armed before the program starts: the flat JSON of `PUT /__mock/faults`.
    :param settings: of the emulator's world, beside those that are `CALM`.
    :param speed: clock seconds that pass in a real one.
    :param irrelevance: why it says nothing about a program that behaves so where nothing goes wrong; empty: it does.
    :param opens_late: whether nobody listens at the address when the program first calls.
    :param inevitable: executions that it costs whatever the program does.
    """

    id: str
    title: str
    story: str
    expectations: tuple[Expectation, ...]
    level: Level = Level.MUST
    rules: tuple[Mapping[str, object], ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    speed: float = QUICK
    irrelevance: Callable[[Observation], str] = applies_always
    opens_late: bool = False
    inevitable: int = 0

    @property
    def group(self) -> Group:
        """What it is about: the first part of its id."""
        return Group(self.id.partition(".")[0])

    @property
    def world(self) -> dict[str, object]:
        """The settings of the world it takes place in."""
        return {**CALM, **self.settings}
