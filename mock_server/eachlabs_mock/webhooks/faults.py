"""What becomes of a webhook that falls due: what goes out in its place, and when. Nothing is sent here."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import NoReturn

from eachlabs_mock.core import ApiError, Instant, Message
from eachlabs_mock.emulator import PendingAttempt, World
from eachlabs_mock.faults import FAULTS, FaultContext, Occasion


def settled(
    due: PendingAttempt, letter: Message, world: World, now: Instant, others: Sequence[PendingAttempt]
) -> tuple[PendingAttempt, Instant | None]:
    """Return *due* with what goes out for it, and the instant until which a fault postpones it; None: it goes out now.

    :param letter: the webhook as it should be.
    :param others: what has fallen due with it, and goes out after it.
    """
    if due.letters is not None:
        return due, None
    if not world.rules:
        return replace(due, letters=(letter,)), None
    prediction, next_at = due.prediction, _next_at(world, now, others)
    strikes = world.rules.strikes(Occasion("webhook", now, lambda: prediction.model, prediction.id))
    letters: tuple[Message, ...] = (letter,)
    for each in reversed(strikes):
        context = FaultContext(now, each.chance, _no_answer)
        letters = tuple(chain.from_iterable(each.fault.replace_webhook(one, context) for one in letters))
    postponed = [at for each in strikes if (at := each.fault.postpone_webhook(now, next_at)) is not None]
    faults = tuple(each.fault.name for each in strikes)
    return replace(due, letters=letters, faults=faults), max(postponed, default=None)


def _next_at(world: World, now: Instant, others: Sequence[PendingAttempt]) -> Instant | None:
    """Return when the next webhook goes out that one due *now* can be put behind; None where none can.

    That is also where another one waits for this one already: two that waited for each other would keep their order.
    """
    coming = [*((now, each) for each in others), *world.outbox.pending()]
    if any(FAULTS[name].waits_for_next for _, attempt in coming for name in attempt.faults):
        return None
    return min((at for at, _ in coming), default=None)


def _no_answer(error: ApiError) -> NoReturn:
    raise error  # a webhook has no answer that a fault could refuse
