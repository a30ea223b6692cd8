"""Applies faults to a webhook that is due: which messages are sent instead, and when. Sends nothing itself."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import NoReturn

from eachlabs_mock.core import ApiError, Instant, Message
from eachlabs_mock.emulator import PendingAttempt, World
from eachlabs_mock.faults import FAULTS, FaultContext, Occasion


def apply_faults(
    attempt: PendingAttempt, message: Message, world: World, now: Instant, others: Sequence[PendingAttempt]
) -> tuple[PendingAttempt, Instant | None]:
    """Return *attempt* with the messages to send, and the instant to which a fault postpones it; None: send it now.

    :param message: the webhook without faults.
    :param others: attempts due at the same time that go out after it.
    """
    if attempt.messages is not None:
        return attempt, None
    if not world.rules:
        return replace(attempt, messages=(message,)), None
    prediction, next_at = attempt.prediction, _next_at(world, now, others)
    strikes = world.rules.commit(Occasion("webhook", now, lambda: prediction.model, prediction.id))
    messages: tuple[Message, ...] = (message,)
    for strike in reversed(strikes):
        context = FaultContext(now, strike.chance, _raise)
        messages = tuple(chain.from_iterable(strike.fault.replace_webhook(message, context) for message in messages))
    postponed = [at for strike in strikes if (at := strike.fault.postpone_webhook(now, next_at)) is not None]
    faults = tuple(strike.fault.name for strike in strikes)
    return replace(attempt, messages=messages, faults=faults), max(postponed, default=None)


def _next_at(world: World, now: Instant, others: Sequence[PendingAttempt]) -> Instant | None:
    """Return when the next webhook of *world* goes out; None if there is none, or if one waits for its next one.

    Two webhooks that waited for each other would keep their order.
    """
    coming = [*((now, other) for other in others), *world.outbox.pending()]
    if any(FAULTS[name].waits_for_next for _, attempt in coming for name in attempt.faults):
        return None
    return min((at for at, _ in coming), default=None)


def _raise(error: ApiError) -> NoReturn:
    raise error  # a webhook has no reply that a fault could replace with a refusal
