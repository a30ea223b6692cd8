"""Checks of Retry-After in a 429: its form, and that a create passes after the time that it names."""

from email.utils import parsedate_to_datetime
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.limits.unspecified import HALF, MOST, passing
from eachlabs_contract.checks.session import RESENT, WINDOW_SECONDS, Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import IN_FLIGHT, REQUESTS_PER_MINUTE, Level
from eachlabs_contract.targets import CAP, LIMITS, RATE, UNKNOWN_ID, Need
from eachlabs_contract.verdict import InconclusiveError

SOURCE: Final = "RFC 9110, 10.2.3: the meaning of Retry-After; the page does not name the header"


def _retry_after(exchange: Exchange) -> str | None:
    return exchange.answer.header("Retry-After") if exchange.answer else None


def _refused(session: Session, most: int = MOST) -> Exchange:
    """Send creates until one is refused, and return the refusal that names the longest wait: others may be random."""
    for _ in range(most):
        if (exchange := session.insist(session.create)).status == 429:
            return max([exchange, *(session.create() for _ in range(RESENT))], key=_named)
    raise InconclusiveError(f"{most} creates pass; another claim covers that")


def _named(exchange: Exchange) -> int:
    """Return the seconds that a refusal names; 0 where it names none."""
    delay = _retry_after(exchange) or ""
    return int(delay) if delay.isdecimal() else 0


def _well_formed(text: str) -> bool:
    try:
        return text.isdecimal() or bool(parsedate_to_datetime(text))
    except ValueError:
        return False


def _create_after_wait(session: Session) -> None:
    refused = _refused(session)
    delay = _retry_after(refused) or ""
    if not delay.isdecimal():
        raise InconclusiveError("the server sends no Retry-After in seconds")
    session.advance(int(delay))
    exchange = session.insist(session.create)
    session.promise(exchange.status == 200, f"200, since the {delay} s of Retry-After are over", refused, exchange)


@check(
    "limits.retry-after-form",
    "Retry-After, if sent, is a whole number of seconds or an HTTP date.",
    source=SOURCE,
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
        delay = _retry_after(exchange)
        if delay is not None:
            session.promise(_well_formed(delay), f"a whole number of seconds or an HTTP date, not {delay!r}", exchange)
    if not session.conclusive:
        raise InconclusiveError("the server sends no Retry-After")


@check(
    "limits.retry-after-window",
    "After a refusal by the rate limit, a create passes once the time in Retry-After is over.",
    source=SOURCE,
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def retry_after_window(session: Session) -> None:
    """Uses up a minute in two halves 20.3 s apart, waits exactly as long as Retry-After says, and sends a create."""
    for _ in range(HALF):
        session.create()
    session.advance(20.3)
    _create_after_wait(session)


@check(
    "limits.retry-after-slot",
    "After a refusal by the cap, a create passes once the time in Retry-After is over.",
    source=SOURCE,
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def retry_after_slot(session: Session) -> None:
    """Fills the cap in two halves 5.2 s apart, waits exactly as long as Retry-After says, and sends a create."""
    for _ in range(5):
        session.create()
    session.advance(5.2)
    _create_after_wait(session)


@check(
    "limits.retry-after-both",
    "When both limits apply, a create passes once the time in Retry-After is over.",
    source=SOURCE,
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=LIMITS,
)
def retry_after_both(session: Session) -> None:
    """Fills the cap, uses up the minute with reads, waits exactly as long as Retry-After says, and sends a create."""
    prediction_id = _fill(session)
    passing(session, lambda: session.read(prediction_id))
    _create_after_wait(session)


@check(
    "limits.retry-after-later",
    "The server chooses whether Retry-After takes the other limit into account.",
    source="the page does not name the header, and does not connect its two limits",
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=LIMITS,
    minimum=2,
)
def retry_after_later(session: Session) -> None:
    """Gets a refusal by the rate limit just after filling the cap, and one by the cap with a minute's last request.

    After each, waits exactly as long as Retry-After says, and sends a create.
    """
    for limit, be_refused in (("the rate limit", _with_the_slots_filled_last), ("the cap", _with_the_last_of_a_minute)):
        session.begin()
        refused = be_refused(session)
        delay = _retry_after(refused) or ""
        session.advance(int(delay) if delay.isdecimal() else 0)
        passes = session.insist(session.create).status == 200
        when = f"{delay} s after a refusal by {limit}" if delay.isdecimal() else f"at once: {limit} names no wait"
        session.observe(f"a create {'passes' if passes else 'is refused'} {when}", refused)


def _with_the_slots_filled_last(session: Session) -> Exchange:
    prediction_id = session.created()
    _read(session, prediction_id, REQUESTS_PER_MINUTE - IN_FLIGHT - 1)
    session.advance(WINDOW_SECONDS - 10)
    _fill(session)
    return _refused(session)


def _with_the_last_of_a_minute(session: Session) -> Exchange:
    prediction_id = _fill(session)
    _read(session, prediction_id, REQUESTS_PER_MINUTE - IN_FLIGHT - 1)
    return session.create()  # only once: the rate limit would refuse a retry


def _fill(session: Session) -> str:
    """Create 10 predictions and return the id of the first."""
    prediction_id = session.created()
    for _ in range(IN_FLIGHT - 1):
        session.insist(session.create)
    return prediction_id


def _read(session: Session, prediction_id: str, times: int) -> None:
    for _ in range(times):
        session.insist(lambda: session.read(prediction_id))


@check(
    "limits.retry-after",
    "The server chooses whether a 429 carries Retry-After.",
    source="the page does not name the header",
    level=Level.CHOICE,
    needs=(Need.LIMITS,),
    settings=CAP,
)
def retry_after(session: Session) -> None:
    """Fills the cap and looks at the headers of the refusal."""
    exchange = _refused(session)
    delay = _retry_after(exchange)
    session.observe("no Retry-After is sent" if delay is None else f"Retry-After: {delay}", exchange)


CHECKS = (retry_after_form, retry_after_window, retry_after_slot, retry_after_both, retry_after_later, retry_after)
