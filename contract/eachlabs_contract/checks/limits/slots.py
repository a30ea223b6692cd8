"""Checks of the cap: 10 predictions in flight for each key; `releases` has those of when a slot is free again."""

from collections.abc import Iterator
from functools import partial

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.limits import releases
from eachlabs_contract.checks.limits.support import PAGE, fill, must_be_taken, refused, running
from eachlabs_contract.checks.session import TICK, Session
from eachlabs_contract.spec import IN_FLIGHT, page
from eachlabs_contract.targets import CAP, SECONDS, Need
from eachlabs_contract.verdict import InconclusiveError


@check(
    "limits.slots",
    "10 predictions may be in flight, an 11th create is 429.",
    source=PAGE,
    needs=(Need.LIMITS,),
    settings=CAP,
)
def slots(session: Session) -> None:
    """Creates 10 predictions, then more, with no limit on requests; reads the refusal field by field."""
    fill(session, "no more than 10 are in flight")

    exchange = refused(session, "10 are in flight")
    complaints = "; ".join(page.refusal(exchange.document).complaints)
    session.promise(not complaints, "the page's error body: status, message and details", exchange, got=complaints)


@check(
    "limits.slots-bound",
    "Eleven predictions are never in flight at once.",
    source=PAGE,
    executions=IN_FLIGHT + 1,
    settings=CAP,
)
def slots_bound(session: Session) -> None:
    """Creates up to 11 predictions as fast as it can; where all are taken, they must not all be running."""
    ids = []
    for _ in range(IN_FLIGHT + 1):
        exchange = session.create()
        if exchange.status != 200:
            return session.promise(exchange.status == 429, "200, or 429 where 10 are in flight", exchange)
        ids.append(page.created(exchange.document).prediction_id)
    if not all(running(session, each) for each in reversed(ids)):
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
    ids = fill(session, "no more than 10 are in flight")

    for seconds in (0, SECONDS / 2, SECONDS / 2 - 1, 1 - TICK):
        session.advance(seconds)
        refused(session, "10 are in flight")
        if not all(running(session, each) for each in ids):
            raise InconclusiveError("a prediction ends before its time, which another claim is about")
        refused(session, "10 are in flight, and a read changes nothing")


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
    fill(session, f"{3 * len(bad)} refused creates have taken no slot")


@check(
    "limits.slots-after-cap",
    "A create that the cap has refused takes no slot, now or later.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_after_cap(session: Session) -> None:
    """Fills the cap, is refused 12 times, lets all end: 10 creates pass again, in the same instant."""
    fill(session, "no more than 10 are in flight")
    for _ in range(IN_FLIGHT + 2):
        refused(session, "10 are in flight")
    session.advance(SECONDS)

    fill(session, "what was refused was never in flight")


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
        fill(session, "no more than 10 are in flight", caller=used_up)

        fill(session, "the 10 in flight are another key's", caller=caller)
        refused(session, "10 of this key are in flight", caller)


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
        for number in range(1, IN_FLIGHT + 1):
            hook = session.hook(204 if number % 2 else 500)
            must_be_taken(
                session, f"200 for create {number} of 10 with a webhook, since all before have ended", None, hook
            )
        refused(session, "10 are in flight")
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
    slots_after_refusals,
    slots_after_cap,
    slots_second_caller,
    slots_with_webhooks,
    *releases.CHECKS,
)
