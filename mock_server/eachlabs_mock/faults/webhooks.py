"""Faults of webhooks: they get lost, come late, in another order, in other words, or from somebody else. Pure."""

from dataclasses import dataclass
from typing import ClassVar

from eachlabs_mock.core import Instant, Message, millis
from eachlabs_mock.faults.bodies import edited
from eachlabs_mock.faults.fault import Fault, Route, Scene, parameter

_APART = 250
"""Milliseconds of the world's clock: on one that runs, time enough for the one that goes first to be there first."""

OTHER_WORDS = {"succeeded": "completed", "failed": "error", "success": "COMPLETED", "error": "FAILED"}
"""Words for how a prediction ends, and others that mean the same and that no profile has there."""


@dataclass(frozen=True, slots=True)
class WebhookFault(Fault):
    """A fault of a webhook."""

    routes: ClassVar[frozenset[Route]] = frozenset({"webhook"})
    usual: ClassVar[frozenset[Route]] = frozenset({"webhook"})


@dataclass(frozen=True, slots=True)
class Drop(WebhookFault):
    """It gets lost on its way."""

    name = "drop"

    def letters(self, letter: Message, scene: Scene) -> tuple[Message, ...]:  # noqa: ARG002  # nothing is drawn
        return ()


@dataclass(frozen=True, slots=True)
class Late(WebhookFault):
    """It goes out later than it should."""

    name = "late"

    seconds: float = parameter(30.0, "Seconds of the world's clock.", type="number", minimum=0.001, maximum=86_400)

    def postponed(self, now: Instant, next_at: Instant | None) -> Instant | None:  # noqa: ARG002  # whatever comes next
        return now + max(1, millis(self.seconds))


@dataclass(frozen=True, slots=True)
class Reorder(WebhookFault):
    """It goes out just after the next one of its world; at once, where none is to come."""

    name = "reorder"

    def postponed(self, now: Instant, next_at: Instant | None) -> Instant | None:
        return None if next_at is None else max(now, next_at) + _APART


@dataclass(frozen=True, slots=True)
class ForgedId(WebhookFault):
    """Another one goes out before it, about a prediction that nobody has created."""

    name = "forged_id"

    def letters(self, letter: Message, scene: Scene) -> tuple[Message, ...]:
        made_up = scene.chance.uuid("forged")
        return edited(letter, lambda fields: {**fields, "exec_id": made_up}), letter


@dataclass(frozen=True, slots=True)
class WrongVocabulary(WebhookFault):
    """Its status is said in other words than those documented."""

    name = "wrong_vocabulary"

    def letters(self, letter: Message, scene: Scene) -> tuple[Message, ...]:  # noqa: ARG002  # nothing is drawn
        return (
            edited(letter, lambda fields: {**fields, "status": OTHER_WORDS.get(str(fields.get("status")), "done")}),
        )


FAULTS = (Drop, Late, Reorder, ForgedId, WrongVocabulary)
