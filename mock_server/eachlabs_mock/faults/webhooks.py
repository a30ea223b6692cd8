"""Faults of webhooks: lost, late, in another order, with other words, or forged. Pure."""

from dataclasses import dataclass

from eachlabs_mock.core import DAY, Instant, Message, millis
from eachlabs_mock.faults.bodies import edited
from eachlabs_mock.faults.fault import Fault, FaultContext, parameter

_APART = 250
"""Clock milliseconds between two reordered webhooks: on a real clock, enough for the first to arrive first."""

OTHER_WORDS = {"succeeded": "completed", "failed": "error", "success": "COMPLETED", "error": "FAILED"}
"""Status words, and synonyms that no profile has."""


@dataclass(frozen=True, slots=True)
class WebhookFault(Fault):
    """A fault of a webhook."""

    routes = usual = frozenset({"webhook"})


@dataclass(frozen=True, slots=True)
class Drop(WebhookFault):
    """The webhook is not sent."""

    name = "drop"

    def replace_webhook(self, message: Message, context: FaultContext) -> tuple[Message, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Late(WebhookFault):
    """The webhook is sent late."""

    name = "late"

    seconds: float = parameter(30.0, "Clock seconds of delay.", minimum=0.001, maximum=DAY)

    def postpone_webhook(self, now: Instant, next_at: Instant | None) -> Instant | None:
        return now + max(1, millis(self.seconds))


@dataclass(frozen=True, slots=True)
class Reorder(WebhookFault):
    """The webhook is sent just after the next one of its world; at once if there is no next one."""

    name = "reorder"
    waits_for_next = True

    def postpone_webhook(self, now: Instant, next_at: Instant | None) -> Instant | None:
        return None if next_at is None else max(now, next_at) + _APART


@dataclass(frozen=True, slots=True)
class ForgedId(WebhookFault):
    """A forged webhook about a prediction that does not exist is sent first."""

    name = "forged_id"

    def replace_webhook(self, message: Message, context: FaultContext) -> tuple[Message, ...]:
        forged_id = context.chance.uuid("forged")
        return edited(message, lambda fields: {**fields, "exec_id": forged_id}), message


@dataclass(frozen=True, slots=True)
class WrongVocabulary(WebhookFault):
    """The status is a synonym of the documented word."""

    name = "wrong_vocabulary"

    def replace_webhook(self, message: Message, context: FaultContext) -> tuple[Message, ...]:
        return (
            edited(message, lambda fields: {**fields, "status": OTHER_WORDS.get(str(fields.get("status")), "done")}),
        )


FAULTS = (Drop, Late, Reorder, ForgedId, WrongVocabulary)
