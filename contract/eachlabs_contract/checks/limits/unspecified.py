"""Checks of what the page leaves open about the limits; `retry_after` checks the header of a 429."""

from collections.abc import Callable
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level
from eachlabs_contract.targets import RATE, UNKNOWN_ID, Need, stranger

SILENT: Final = 'the page is silent: "Rate Limits" names a number and a minute'
SLIDING: Final = "sliding"
HALF: Final = 50
MOST: Final = 250
"""Requests that must pass to show that there is no limit."""


def passing(session: Session, ask: Callable[[], Exchange], most: int = MOST) -> int:
    """Return how many requests pass before one is refused, at most *most*."""
    return next((number for number in range(most) if session.insist(ask).status == 429), most)


def kind_of_window(session: Session) -> str:
    """Return whether the minute slides, tested as in the check `window_kind`. It takes three minutes of a world."""
    prediction_id = session.created()
    session.advance(120)
    passing(session, lambda: session.read(prediction_id))
    session.advance(59.9)
    if session.read(prediction_id).status != 429:
        return "fixed: calendar minutes"
    session.advance(120)
    for seconds in (30, 30.1):
        for _ in range(HALF):
            session.read(prediction_id)
        session.advance(seconds)
    passed = passing(session, lambda: session.read(prediction_id))
    return SLIDING if passed < HALF + HALF / 2 else "fixed: a minute begins with its first request"


@check(
    "limits.window-kind",
    "The server chooses whether the minute slides or is fixed.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def window_kind(session: Session) -> None:
    """Uses up a minute and sends a request 59.9 s later.

    If it is refused, sends 50 requests and 50 half a minute later, and counts what passes 60.1 s after the first.
    """
    session.observe(kind_of_window(session))


@check(
    "limits.count-refused",
    "The server chooses whether requests refused by the rate limit count.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def count_refused(session: Session) -> None:
    """Uses up a minute, gets 50 refusals half a minute later, and counts what passes 60.1 s after the first request."""
    prediction_id = session.created()
    session.advance(120)
    passing(session, lambda: session.read(prediction_id))
    session.advance(30)
    refused = sum(session.read(prediction_id).status == 429 for _ in range(HALF))
    session.advance(30.1)

    passed = passing(session, lambda: session.read(prediction_id))
    if not refused:
        return session.observe("unknown, since the server counts in calendar minutes")
    return session.observe(
        "they do not count" if passed >= 100 else f"they count: {passed} requests pass after {refused} refusals"
    )


@check(
    "limits.count-bad",
    "The server chooses whether requests answered 400 or 404 count.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.LIMITS,),
    settings=RATE,
)
def count_bad(session: Session) -> None:
    """Sends 50 invalid creates, then counts how many valid ones pass; the same with 50 reads of an unknown id."""
    bad: dict[str, Callable[[], Exchange]] = {
        "invalid creates": lambda: session.post([]),
        "reads of an unknown id": lambda: session.read(UNKNOWN_ID),
    }
    for name, ask in bad.items():
        session.begin()
        for _ in range(HALF):
            ask()
        passed = passing(session, session.create)
        session.observe(f"{name} {'count' if passed <= HALF else 'do not count'}")


@check(
    "limits.count-unauthorized",
    "The server chooses whether requests with an invalid key are limited.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.LIMITS, Need.BAD_KEY),
    settings=RATE,
)
def count_unauthorized(session: Session) -> None:
    """Sends up to 250 requests with an invalid key and counts those before the first 429."""
    caller = stranger(session.target.bad_key or "")
    passed = passing(session, lambda: session.read(UNKNOWN_ID, caller=caller))
    session.observe("they are not limited" if passed == MOST else f"they are limited after {passed} requests")


CHECKS = (window_kind, count_refused, count_bad, count_unauthorized)
