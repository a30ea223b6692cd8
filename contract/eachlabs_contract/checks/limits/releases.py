"""Checks of when a slot becomes free: at the instant its own prediction ends, in success or failure, read or not."""

from typing import Final

from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.limits.support import PAGE, fill, refused, running
from eachlabs_contract.checks.session import TICK, Session
from eachlabs_contract.spec import IN_FLIGHT
from eachlabs_contract.targets import CAP, SECONDS, Need


@check(
    "limits.slot-instant",
    "A slot becomes free exactly when its prediction ends.",
    source=PAGE,
    needs=(Need.CLOCK, Need.FAILURE, Need.LIMITS),
    settings=CAP,
)
def slot_instant(session: Session) -> None:
    """Fills the cap with predictions that succeed, then with ones that fail.

    One millisecond before the end, at the end and one millisecond after it, sends a create and then a read. The create
    must be refused exactly when the read shows a running prediction.
    """
    for failing in (False, True):
        session.begin()
        if failing:
            session.fail_next(IN_FLIGHT)
        first, *_ = fill(session, "at most 10 predictions are in flight")
        for seconds in (SECONDS - TICK, TICK, TICK):
            session.advance(seconds)
            _agree(session, first)


def _agree(session: Session, prediction_id: str) -> None:
    exchange = session.insist(session.create)  # a random refusal goes away
    runs = running(session, prediction_id)
    why = "429, since 10 predictions are in flight now" if runs else "200, since a read shows that one has ended"
    session.promise(exchange.status == (429 if runs else 200), why, session.events[-1], exchange)


@check(
    "limits.slots-return",
    "Slots become free when predictions succeed, even without a read.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_return(session: Session) -> None:
    """Fills the cap and lets all predictions end without a read; three rounds, each with a refused 11th create."""
    for _ in range(3):
        fill(session, "all earlier predictions have ended")
        refused(session, "10 predictions are in flight")
        session.advance(SECONDS)


@check(
    "limits.slots-return-failed",
    "Slots become free when predictions fail.",
    source=PAGE,
    needs=(Need.CLOCK, Need.FAILURE, Need.LIMITS),
    settings=CAP,
)
def slots_return_failed(session: Session) -> None:
    """Fills the cap with predictions that fail and lets them end without a read; three rounds."""
    for _ in range(3):
        session.fail_next(IN_FLIGHT)
        fill(session, "all earlier predictions have failed")
        refused(session, "10 predictions are in flight")
        session.advance(SECONDS)


@check(
    "limits.slots-one-by-one",
    "Each slot becomes free when its own prediction ends, not when another one does.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def slots_one_by_one(session: Session) -> None:
    """Creates 4 predictions and 6 more ten seconds later; 4 creates pass when the 4 end, and 6 when the 6 end."""
    fill(session, "no prediction is in flight", 4)
    session.advance(10)
    fill(session, "4 predictions are in flight", 6)

    for seconds, ended in ((SECONDS - 10, 4), (10, 6)):
        session.advance(seconds)
        fill(session, f"{ended} of 10 predictions have just ended", ended)
        refused(session, "10 predictions are in flight")


CHECKS: Final[tuple[Check, ...]] = (slot_instant, slots_return, slots_return_failed, slots_one_by_one)
