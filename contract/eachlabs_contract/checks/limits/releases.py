"""Checks of when a slot is free again: at the instant its own prediction ends, however it ends and whoever asks."""

from typing import Final

from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.limits.support import PAGE, fill, refused, running
from eachlabs_contract.checks.session import TICK, Session
from eachlabs_contract.spec import IN_FLIGHT
from eachlabs_contract.targets import CAP, SECONDS, Need


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
            session.fail_next(IN_FLIGHT)
        first, *_ = fill(session, "no more than 10 are in flight")
        for seconds in (SECONDS - TICK, TICK, TICK):
            session.advance(seconds)
            _agree(session, first)


def _agree(session: Session, prediction_id: str) -> None:
    exchange = session.insist(session.create)  # refused at a whim, it would pass at the next
    runs = running(session, prediction_id)
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
        fill(session, "all before have ended")
        refused(session, "10 are in flight")
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
        session.fail_next(IN_FLIGHT)
        fill(session, "all before have failed")
        refused(session, "10 are in flight")
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
    fill(session, "none is in flight", 4)
    session.advance(10)
    fill(session, "4 are in flight", 6)

    for seconds, ended in ((SECONDS - 10, 4), (10, 6)):
        session.advance(seconds)
        fill(session, f"{ended} of 10 have just ended", ended)
        refused(session, "10 are in flight")


CHECKS: Final[tuple[Check, ...]] = (slot_instant, slots_return, slots_return_failed, slots_one_by_one)
