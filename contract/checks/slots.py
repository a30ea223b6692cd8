"""Checks of the cap: 10 predictions in flight for each key, and when a slot is free again."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from contract.check import check
from contract.dialects import page
from contract.history import Exchange
from contract.lifecycle import TERMINAL
from contract.session import InconclusiveError, Session
from contract.targets.control import CAP, SECONDS
from contract.targets.target import Caller, Need

SLOTS: Final = 10
TICK: Final = 0.001
"""Seconds: the finest that a clock can be moved by."""

PAGE: Final = 'page, "Rate Limits": maximum 10 concurrent predictions per API key'


def _fill(session: Session, why: str, count: int = SLOTS, caller: Caller | None = None) -> tuple[str, ...]:
    """Create *count* predictions, each of which must be taken, and return their ids."""
    return tuple(_taken(session, f"200 for create {n} of {count}, since {why}", caller) for n in range(1, count + 1))


def _taken(session: Session, expected: str, caller: Caller | None = None, webhook_url: str | None = None) -> str:
    exchange = session.insist(lambda: session.create(caller=caller, webhook_url=webhook_url))
    session.promise(exchange.status == 200, expected, exchange)
    return page.created(exchange.document).prediction_id


def _refused(session: Session, why: str, caller: Caller | None = None) -> Exchange:
    exchange = session.create(caller=caller)
    session.promise(exchange.status == 429, f"429, since {why}", exchange)
    return exchange


def _running(session: Session, prediction_id: str) -> bool:
    return page.prediction(session.insist(lambda: session.read(prediction_id)).document).status not in TERMINAL


@check(
    "limits.slots",
    "10 predictions may be in flight, an 11th create is 429.",
    source=PAGE,
    needs=(Need.LIMITS,),
    settings=CAP,
)
def slots(session: Session) -> None:
    """Creates 10 predictions, then more, with no limit on requests; reads the refusal field by field."""
    _fill(session, "no more than 10 are in flight")

    exchange = _refused(session, "10 are in flight")
    complaints = page.refusal(exchange.document).complaints
    session.promise(not complaints, f"the page's error body: {'; '.join(complaints)}", exchange)


@check(
    "limits.slots-bound",
    "Eleven predictions are never in flight at once.",
    source=PAGE,
    executions=SLOTS + 1,
    settings=CAP,
)
def slots_bound(session: Session) -> None:
    """Creates up to 11 predictions as fast as it can; where all are taken, they must not all be running."""
    ids = []
    for _ in range(SLOTS + 1):
        exchange = session.create()
        if exchange.status != 200:
            return session.promise(exchange.status == 429, "200, or 429 where 10 are in flight", exchange)
        ids.append(page.created(exchange.document).prediction_id)
    if not all(_running(session, each) for each in reversed(ids)):
        raise InconclusiveError("predictions end too soon for 11 to be in flight at once")
    return session.promise(False, "429 for the 11th create, since 10 predictions were and are in flight", exchange)


@check(
    "limits.slots-while-running",
    "A slot is taken for as long as its prediction runs, read or not.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_while_running(session: Session) -> None:
    """Fills the cap; at several ages up to the last millisecond reads all ten, and an 11th create must be refused."""
    ids = _fill(session, "no more than 10 are in flight")

    for seconds in (0, SECONDS / 2, SECONDS / 2 - 1, 1 - TICK):
        session.advance(seconds)
        _refused(session, "10 are in flight")
        if not all(_running(session, each) for each in ids):
            raise InconclusiveError("a prediction ends before its time, which another claim is about")
        _refused(session, "10 are in flight, and a read changes nothing")


@check(
    "limits.slot-instant",
    "A slot is free from the very instant at which its prediction ends, and not before.",
    source=PAGE,
    needs=(Need.CLOCK, Need.FAILURE, Need.LIMITS),
    settings=CAP,
)
def slot_instant(session: Session) -> None:
    """Fills the cap, with predictions that succeed and with ones that fail.

    A millisecond before the end, at it, and a millisecond after: first a create, then a read. The create must be
    refused exactly where the read shows a prediction that runs.
    """
    for failing in (False, True):
        session.begin()
        if failing:
            session.fail_next(SLOTS)
        first, *_ = _fill(session, "no more than 10 are in flight")
        for seconds in (SECONDS - TICK, TICK, TICK):
            session.advance(seconds)
            _agree(session, first)


def _agree(session: Session, prediction_id: str) -> None:
    exchange = session.create()
    runs = _running(session, prediction_id)
    why = "429, since at this very instant 10 are in flight" if runs else "200, since a read shows that one has ended"
    session.promise(exchange.status == (429 if runs else 200), why, session.events[-1], exchange)


@check(
    "limits.slots-return",
    "Slots are free again once predictions have succeeded, though nobody asked for them.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_return(session: Session) -> None:
    """Fills the cap and lets all end without a single read; three rounds, each with an 11th that is refused."""
    for _ in range(3):
        _fill(session, "all before have ended")
        _refused(session, "10 are in flight")
        session.advance(SECONDS)


@check(
    "limits.slots-return-failed",
    "Slots are free again once predictions have failed.",
    source=PAGE,
    needs=(Need.CLOCK, Need.FAILURE, Need.LIMITS),
    settings=CAP,
)
def slots_return_failed(session: Session) -> None:
    """Fills the cap with predictions that fail and lets them end without a single read; three rounds."""
    for _ in range(3):
        session.fail_next(SLOTS)
        _fill(session, "all before have failed")
        _refused(session, "10 are in flight")
        session.advance(SECONDS)


@check(
    "limits.slots-one-by-one",
    "Each slot is free again when its own prediction ends, not when another does.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_one_by_one(session: Session) -> None:
    """Creates 4 predictions, 6 more ten seconds later; when the 4 end, 4 creates pass, and when the 6 end, 6."""
    _fill(session, "none is in flight", 4)
    session.advance(10)
    _fill(session, "4 are in flight", 6)

    for seconds, ended in ((SECONDS - 10, 4), (10, 6)):
        session.advance(seconds)
        _fill(session, f"{ended} of 10 have just ended", ended)
        _refused(session, "10 are in flight")


@check(
    "limits.slots-after-refusals",
    "A create that is refused takes no slot.",
    source='page, "Rate Limits" and "Error Handling"',
    needs=(Need.LIMITS,),
    settings=CAP,
)
def slots_after_refusals(session: Session) -> None:
    """Sends bad creates of many kinds, more than there are slots; then 10 good ones pass."""
    bad = tuple(_bad_creates(session))

    for document in bad * 3:
        exchange = session.insist(partial(session.post, document))
        if exchange.status == 200:
            raise InconclusiveError("a bad create is taken, which another claim is about")
    _fill(session, f"{3 * len(bad)} refused creates have taken no slot")


@check(
    "limits.slots-after-cap",
    "A create that the cap has refused takes no slot, now or later.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_after_cap(session: Session) -> None:
    """Fills the cap, is refused 12 times, lets all end: 10 creates pass again, in the same instant."""
    _fill(session, "no more than 10 are in flight")
    for _ in range(SLOTS + 2):
        _refused(session, "10 are in flight")
    session.advance(SECONDS)

    _fill(session, "what was refused was never in flight")


@check(
    "limits.slots-second-caller",
    "The cap is each key's own.",
    source=PAGE,
    needs=(Need.LIMITS, Need.SECOND_KEY),
    settings=CAP,
)
def slots_second_caller(session: Session) -> None:
    """Fills the cap of one key; another gets 10 predictions and is refused its 11th. Then the other way round."""
    for used_up, caller in ((session.owner, session.second), (session.second, session.owner)):
        session.begin()
        _fill(session, "no more than 10 are in flight", caller=used_up)

        _fill(session, "the 10 in flight are another key's", caller=caller)
        _refused(session, "10 of this key are in flight", caller)


@check(
    "limits.slots-with-webhooks",
    "A prediction with a webhook takes a slot and frees it like any other.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS, Need.RECEIVER),
    settings=CAP,
)
def slots_with_webhooks(session: Session) -> None:
    """Fills the cap with predictions that want a webhook, half of them at an address that answers 500; two rounds."""
    for _ in range(2):
        for number in range(1, SLOTS + 1):
            hook = session.hook(204 if number % 2 else 500)
            _taken(session, f"200 for create {number} of 10 with a webhook, since all before have ended", None, hook)
        _refused(session, "10 are in flight")
        session.advance(SECONDS)


def _bad_creates(session: Session) -> Iterator[object]:
    good = {"model": session.model.slug, "input": session.model.plain_input()}
    yield b"{"
    yield []
    yield {"model": session.model.slug}
    yield {"input": session.model.plain_input()}
    yield {**good, "input": []}
    yield {**good, "model": "no-such-model"}
    for name in session.model.required:
        yield {**good, "input": {**session.model.plain_input(), name: None}}


CHECKS = (
    slots,
    slots_bound,
    slots_while_running,
    slot_instant,
    slots_return,
    slots_return_failed,
    slots_one_by_one,
    slots_after_refusals,
    slots_after_cap,
    slots_second_caller,
    slots_with_webhooks,
)
