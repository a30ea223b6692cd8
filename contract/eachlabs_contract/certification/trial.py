"""A trial runs a user's program with a fault; it states the expectations and the cost of missing them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.spec import Level

REAL: Final = 1.0
"""Clock speed of trials that measure waits: `Retry-After` and the pace of polls are in real seconds."""

QUICK: Final = 5.0
"""Clock speed of all other trials."""

DEFAULTS: Final[Mapping[str, object]] = MappingProxyType({"duration": 2.5, "rate_limit": "off", "max_in_flight": "off"})
"""Settings of a world unless a trial overrides them; without limits, so that no 429 disturbs the trial."""


class Group(StrEnum):
    """The subject of a trial."""

    FLOW = "flow"
    LIMITS = "limits"
    ERRORS = "errors"
    TRANSPORT = "transport"
    WEBHOOKS = "webhooks"
    HYGIENE = "hygiene"


class Cost(StrEnum):
    """The cost of an unmet expectation."""

    MONEY = "money lost"
    HANG = "a hang"
    WORK = "the work itself"
    NEITHER = "neither money nor a hang"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation on a program.

    :param sentence: the expectation in a sentence that is true or false.
    :param judge: returns the actual behaviour, or empty if the expectation was met. Pure.
    """

    sentence: str
    judge: Callable[[Observation], str]
    cost: Cost = Cost.NEITHER


def applies_always(_baseline: Observation) -> str:
    """Return no reason: the trial applies to every program."""
    return ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault and the expectations on a program that meets it.

    :param id: `group.name`, in lower case with hyphens; its meaning never changes.
    :param story: what happens, for people, in the present tense.
    :param expectations: in addition to the common one, that the program ends.
    :param rules: fault rules of the emulator: the flat JSON of `PUT /__mock/faults`.
    :param settings: of the emulator's world, in addition to `DEFAULTS`.
    :param speed: clock seconds for each real second.
    :param irrelevance: returns why the trial does not apply to a program with this baseline; empty if it applies.
    :param opens_late: whether the first connection is refused.
    :param inevitable: number of executions that the trial wastes for any program.
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
        """The first part of the id."""
        return Group(self.id.partition(".")[0])

    @property
    def world(self) -> dict[str, object]:
        """All settings of the trial's world."""
        return {**DEFAULTS, **self.settings}
