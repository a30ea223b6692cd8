"""Checks of Retry-After: what a 429 advises, and that who waits as it says is served."""

from email.utils import parsedate_to_datetime
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.limits.unspecified import HALF, MOST, passing
from eachlabs_contract.checks.session import RESENT, WINDOW_SECONDS, Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import IN_FLIGHT, REQUESTS_PER_MINUTE, Level
from eachlabs_contract.targets import CAP, LIMITS, RATE, UNKNOWN_ID, Need
from eachlabs_contract.verdict import InconclusiveError

KEPT: Final = "RFC 9110, 10.2.3: what Retry-After means; the page does not name the header"
"""Seconds."""


def _retry_after(exchange: Exchange) -> str | None:
    return exchange.answer.header("Retry-After") if exchange.answer else None


def _refused(session: Session, most: int = MOST) -> Exchange:
    """Create until that is refused, and return the refusal that names the longest wait: others may be at a whim."""
    for _ in range(most):
        if (exchange := session.insist(session.create)).status == 429:
            return max([exchange, *(session.create() for _ in range(RESENT))], key=_named)
    raise InconclusiveError(f"{most} creates pass, which another claim is about")


def _named(exchange: Exchange) -> int:
    """Return the seconds that a refusal names."""
    told = _retry_after(exchange) or ""
    return int(told) if told.isdecimal() else 0


def _well_formed(text: str) -> bool:
    try:
        return text.isdecimal() or bool(parsedate_to_datetime(text))
    except ValueError:
        return False


def _waits_as_told(session: Session) -> None:
    refused = _refused(session)
    told = _retry_after(refused) or ""
    if not told.isdecimal():
        raise InconclusiveError("no Retry-After in seconds is sent")
    session.advance(int(told))
    exchange = session.insist(session.create)
    session.promise(
        exchange.status == 200, f"200, since the {told} s that Retry-After named are over", refused, exchange
    )


@check(
    "limits.retry-after-form",
    "Retry-After, where it is sent, is a whole number of seconds or an HTTP date.",
    source=KEPT,
    level=Level.SHOULD,
    needs=(Need.LIMITS,),
    settings=LIMITS,
)
def retry_after_form(session: Session) -> None:
    """Looks at the header of a refusal by the cap, and of one by the rate limit."""
    at_cap = _refused(session)
    session.begin()
    passing(session, lambda: session.read(UNKNOWN_ID))
    for exchange in (at_cap, session.create()):
        told = _retry_after(exchange)
        if told is not None:
            session.promise(_well_formed(told), f"a whole number of seconds instead of {told!r}", exchange)
    if not session.conclusive:
        raise InconclusiveError("no Retry-After is sent")


@check(
    "limits.retry-after-window",
    "Who waits as Retry-After says after a refusal by the rate limit is served.",
    source=KEPT,
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def retry_after_window(session: Session) -> None:
    """Uses up a minute in two halves, 20.3 s apart, waits for exactly the seconds named and asks again."""
    for _ in range(HALF):
        session.create()
    session.advance(20.3)
    _waits_as_told(session)


@check(
    "limits.retry-after-slot",
    "Who waits as Retry-After says after a refusal by the cap is served.",
    source=KEPT,
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def retry_after_slot(session: Session) -> None:
    """Fills the cap in two halves, 5.2 s apart, waits for exactly the seconds named and asks again."""
    for _ in range(5):
        session.create()
    session.advance(5.2)
    _waits_as_told(session)


@check(
    "limits.retry-after-both",
    "Who waits as Retry-After says is served where both limits apply.",
    source=KEPT,
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=LIMITS,
)
def retry_after_both(session: Session) -> None:
    """Fills the cap, uses up the minute with reads, is refused, waits for exactly the seconds named and asks again."""
    prediction_id = _fill(session)
    passing(session, lambda: session.read(prediction_id))
    _waits_as_told(session)


@check(
    "limits.retry-after-later",
    "Whether Retry-After names the later instant where the other limit will refuse for longer.",
    source="the page does not name the header, and its two limits need not know of each other",
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=LIMITS,
    minimum=2,
)
def retry_after_later(session: Session) -> None:
    """Is refused by the rate limit just after filling the cap, and by the cap with the last request of a minute.

    Waits for exactly the seconds named and asks again.
    """
    for limit, be_refused in (("the rate limit", _with_the_slots_filled_last), ("the cap", _with_the_last_of_a_minute)):
        session.begin()
        refused = be_refused(session)
        told = _retry_after(refused) or ""
        session.advance(int(told) if told.isdecimal() else 0)
        served = session.insist(session.create).status == 200
        after = f"{told} s, as {limit} says," if told.isdecimal() else f"no time, since {limit} names none,"
        session.observe(f"who waits {after} is {'served' if served else 'refused'}", refused)


def _with_the_slots_filled_last(session: Session) -> Exchange:
    prediction_id = session.created()
    _read(session, prediction_id, REQUESTS_PER_MINUTE - IN_FLIGHT - 1)
    session.advance(WINDOW_SECONDS - 10)
    _fill(session)
    return _refused(session)


def _with_the_last_of_a_minute(session: Session) -> Exchange:
    prediction_id = _fill(session)
    _read(session, prediction_id, REQUESTS_PER_MINUTE - IN_FLIGHT - 1)
    return session.create()  # once: were it asked for again, the refusal would be the rate limit's


def _fill(session: Session) -> str:
    """Create as many predictions as may be in flight and return the id of the first."""
    prediction_id = session.created()
    for _ in range(IN_FLIGHT - 1):
        session.insist(session.create)
    return prediction_id


def _read(session: Session, prediction_id: str, times: int) -> None:
    for _ in range(times):
        session.insist(lambda: session.read(prediction_id))


@check(
    "limits.retry-after",
    "Whether a 429 names a Retry-After.",
    source="the page does not name the header",
    level=Level.CHOICE,
    needs=(Need.LIMITS,),
    settings=CAP,
)
def retry_after(session: Session) -> None:
    """Fills the cap and looks at the headers of the refusal."""
    exchange = _refused(session)
    told = _retry_after(exchange)
    session.observe("no Retry-After is sent" if told is None else f"Retry-After: {told}", exchange)


CHECKS = (
    retry_after_form,
    retry_after_window,
    retry_after_slot,
    retry_after_both,
    retry_after_later,
    retry_after,
)
