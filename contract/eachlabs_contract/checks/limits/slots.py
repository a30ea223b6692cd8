"""Checks of the cap of 10 predictions in flight for each key; `releases` checks when a slot becomes free."""

from collections.abc import Iterator
from functools import partial

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.limits import releases
from eachlabs_contract.checks.limits.support import PAGE, fill, must_be_accepted, refused, running
from eachlabs_contract.checks.session import TICK, Session
from eachlabs_contract.spec import IN_FLIGHT, page
from eachlabs_contract.targets import CAP, SECONDS, Need
from eachlabs_contract.verdict import InconclusiveError


@check(
    "limits.slots",
    "10 predictions may be in flight, and an 11th create is answered 429.",
    source=PAGE,
    needs=(Need.LIMITS,),
    settings=CAP,
)
def slots(session: Session) -> None:
    """Creates 10 predictions and one more, without a rate limit; checks the refusal field by field."""
    fill(session, "at most 10 predictions are in flight")

    exchange = refused(session, "10 predictions are in flight")
    complaints = "; ".join(page.refusal(exchange.document).complaints)
    session.promise(not complaints, "the documented error body: status, message, details", exchange, got=complaints)


@check(
    "limits.slots-bound",
    "At most 10 predictions are in flight at once.",
    source=PAGE,
    executions=IN_FLIGHT + 1,
    settings=CAP,
)
def slots_bound(session: Session) -> None:
    """Creates up to 11 predictions as fast as it can; if all are accepted, they must not all be running."""
    ids = []
    for _ in range(IN_FLIGHT + 1):
        exchange = session.create()
        if exchange.status != 200:
            return session.promise(exchange.status == 429, "200, or 429 once 10 predictions are in flight", exchange)
        ids.append(page.created(exchange.document).prediction_id)
    if not all(running(session, prediction_id) for prediction_id in reversed(ids)):
        raise InconclusiveError("predictions end too soon for 11 to be in flight at once")
    return session.promise(False, "429 for the 11th create, since 10 predictions were and are in flight", exchange)


@check(
    "limits.slots-while-running",
    "A prediction keeps its slot until it ends, whether it is read or not.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_while_running(session: Session) -> None:
    """Fills the cap; at several ages up to the last millisecond, an 11th create is refused before and after reads."""
    ids = fill(session, "at most 10 predictions are in flight")

    for seconds in (0, SECONDS / 2, SECONDS / 2 - 1, 1 - TICK):
        session.advance(seconds)
        refused(session, "10 predictions are in flight")
        if not all(running(session, prediction_id) for prediction_id in ids):
            raise InconclusiveError("a prediction ended early; another claim covers that")
        refused(session, "10 predictions are in flight, and a read changes nothing")


@check(
    "limits.slots-after-refusals",
    "An invalid create takes no slot.",
    source='page, "Rate Limits" and "Error Handling"',
    needs=(Need.LIMITS,),
    settings=CAP,
)
def slots_after_refusals(session: Session) -> None:
    """Sends invalid creates of many kinds, more than there are slots; then 10 valid ones must pass."""
    bad = tuple(_bad_creates(session))

    for document in bad * 3:
        exchange = session.insist(partial(session.post, document))
        if exchange.status == 200:
            raise InconclusiveError("an invalid create was accepted; another claim covers that")
    fill(session, f"the {3 * len(bad)} refused creates take no slot")


@check(
    "limits.slots-after-cap",
    "A create that the cap refused takes no slot, now or later.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_after_cap(session: Session) -> None:
    """Fills the cap, gets 12 refusals, and lets all predictions end; then 10 creates pass at one instant."""
    fill(session, "at most 10 predictions are in flight")
    for _ in range(IN_FLIGHT + 2):
        refused(session, "10 predictions are in flight")
    session.advance(SECONDS)

    fill(session, "a refused create is not in flight")


@check(
    "limits.slots-second-caller",
    "Each key has its own cap of 10 predictions in flight.",
    source=PAGE,
    needs=(Need.LIMITS, Need.SECOND_KEY),
    settings=CAP,
)
def slots_second_caller(session: Session) -> None:
    """Fills the cap of one key; another key gets 10 predictions, and its 11th is refused. Then the reverse."""
    for used_up, caller in ((session.owner, session.second), (session.second, session.owner)):
        session.begin()
        fill(session, "at most 10 predictions are in flight", caller=used_up)

        fill(session, "the 10 predictions in flight belong to another key", caller=caller)
        refused(session, "10 predictions of this key are in flight", caller)


@check(
    "limits.slots-with-webhooks",
    "A prediction with a webhook takes and frees a slot like any other.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS, Need.RECEIVER),
    settings=CAP,
)
def slots_with_webhooks(session: Session) -> None:
    """Fills the cap with predictions that have a webhook, half of them with a receiver that answers 500; two rounds."""
    for _ in range(2):
        for number in range(1, IN_FLIGHT + 1):
            hook = session.hook(204 if number % 2 else 500)
            expected = f"200 for create {number} of 10 with a webhook, since all earlier predictions have ended"
            must_be_accepted(session, expected, None, hook)
        refused(session, "10 predictions are in flight")
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
    slots, slots_bound, slots_while_running, slots_after_refusals, slots_after_cap, slots_second_caller,
    slots_with_webhooks, *releases.CHECKS,
)  # fmt: skip
