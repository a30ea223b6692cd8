"""Checks of what a 429 advises, and of what the page leaves open about the limits."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

from contract.check import check
from contract.claim import Level
from contract.history import Exchange
from contract.session import InconclusiveError, Session
from contract.targets.control import CAP, LIMITS, RATE
from contract.targets.target import Need, stranger

KEPT: Final = "RFC 9110, 10.2.3: what Retry-After means; the page does not name the header"
SILENT: Final = 'the page is silent: "Rate Limits" names a number and a minute'
SLIDING: Final = "sliding"
HALF: Final = 50
MOST: Final = 250
"""Requests after which a limit is taken not to be there."""


def passing(session: Session, ask: Callable[[], Exchange], most: int = MOST) -> int:
    """Return how many of at most *most* requests pass before one is refused."""
    return next((number for number in range(most) if session.insist(ask).status == 429), most)


def _retry_after(exchange: Exchange) -> str | None:
    return exchange.answer.header("Retry-After") if exchange.answer else None


def _refused(session: Session, most: int = MOST) -> Exchange:
    """Create until that is refused, and return the refusal."""
    for _ in range(most):
        if (exchange := session.insist(session.create)).status == 429:
            return exchange
    raise InconclusiveError(f"{most} creates pass, which another claim is about")


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


def kind_of_window(session: Session) -> str:
    """Find out whether the minute slides; see the check `window_kind` for how. It takes three minutes of a world."""
    prediction_id = session.created()
    session.advance(120)
    passing(session, lambda: session.read(prediction_id))
    session.advance(59.9)
    if session.read(prediction_id).status != 429:
        return "fixed: minutes are those of the calendar"
    session.advance(120)
    for seconds in (30, 30.1):
        for _ in range(HALF):
            session.read(prediction_id)
        session.advance(seconds)
    passed = passing(session, lambda: session.read(prediction_id))
    return SLIDING if passed < HALF + HALF / 2 else "fixed: a minute begins with its first request"


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
    passing(session, lambda: session.read("00000000-0000-4000-8000-000000000000"))
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
    prediction_id = session.created()
    for _ in range(9):
        session.create()
    passing(session, lambda: session.read(prediction_id))
    _waits_as_told(session)


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


@check(
    "limits.window-kind",
    "Whether the minute slides or is fixed.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def window_kind(session: Session) -> None:
    """Uses up a minute and asks 59.9 s later.

    Where that is refused: sends 50 requests, 50 half a minute later, and counts what passes 60.1 s after the first.
    """
    session.observe(kind_of_window(session))


@check(
    "limits.count-refused",
    "Whether requests that the rate limit refused count.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def count_refused(session: Session) -> None:
    """Uses up a minute, is refused 50 times half a minute later; counts what passes 60.1 s after the first."""
    prediction_id = session.created()
    session.advance(120)
    passing(session, lambda: session.read(prediction_id))
    session.advance(30)
    refused = sum(session.read(prediction_id).status == 429 for _ in range(HALF))
    session.advance(30.1)

    passed = passing(session, lambda: session.read(prediction_id))
    if not refused:
        return session.observe("it cannot be told, since minutes are those of the calendar")
    return session.observe(
        "they do not count" if passed >= 100 else f"they count: after {refused} of them, {passed} pass"
    )


@check(
    "limits.count-bad",
    "Whether requests answered 400 and 404 count.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.LIMITS,),
    settings=RATE,
)
def count_bad(session: Session) -> None:
    """Sends 50 bad requests of either kind, then counts how many good ones pass."""
    bad: dict[str, Callable[[], Exchange]] = {
        "bad creates": lambda: session.post([]),
        "reads of an unknown id": lambda: session.read("00000000-0000-4000-8000-000000000000"),
    }
    for name, ask in bad.items():
        session.begin()
        for _ in range(HALF):
            ask()
        passed = passing(session, session.create)
        session.observe(f"{name} {'count' if passed <= HALF else 'do not count'}")


@check(
    "limits.count-unauthorized",
    "Whether requests with a bad key are limited.",
    source=SILENT,
    level=Level.CHOICE,
    needs=(Need.LIMITS, Need.BAD_KEY),
    settings=RATE,
)
def count_unauthorized(session: Session) -> None:
    """Sends 101 requests with a key that is refused."""
    caller = stranger(session.target.bad_key or "")
    passed = passing(session, lambda: session.read("00000000-0000-4000-8000-000000000000", caller=caller))
    session.observe("they are not limited" if passed == MOST else f"they are limited after {passed}")


CHECKS = (
    retry_after_form,
    retry_after_window,
    retry_after_slot,
    retry_after_both,
    retry_after,
    window_kind,
    count_refused,
    count_bad,
    count_unauthorized,
)
