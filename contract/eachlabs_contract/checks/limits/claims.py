"""Checks of the rate limit, 100 requests a minute for each key; other modules have the rest of the group."""

from collections.abc import Callable
from itertools import cycle
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.limits import retry_after, slots, unspecified
from eachlabs_contract.checks.limits.unspecified import passing
from eachlabs_contract.checks.session import WINDOW_SECONDS, Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import REQUESTS_PER_MINUTE, page
from eachlabs_contract.targets import RATE, Caller, Need, monotonic
from eachlabs_contract.verdict import InconclusiveError

PAGE: Final = 'page, "Rate Limits": maximum 100 requests per minute per API key'

Ask = Callable[[], Exchange]


def _pass(session: Session, ask: Ask, count: int, why: str) -> None:
    for number in range(1, count + 1):
        exchange = session.insist(ask)
        session.promise(exchange.status == 200, f"200 for request {number} of {count}, since {why}", exchange)


def _refused(session: Session, ask: Ask, why: str = "100 requests have passed in this minute") -> Exchange:
    exchange = ask()
    session.promise(exchange.status == 429, f"429, since {why}", exchange)
    return exchange


def _reading(session: Session, caller: Caller | None = None) -> Ask:
    """Return a function that reads a prediction whose create no longer counts."""
    prediction_id = session.created(caller=caller)
    session.advance(2 * WINDOW_SECONDS)
    return lambda: session.read(prediction_id, caller=caller)


def _open_after(session: Session, ask: Ask, step: float, within: float) -> None:
    """Advance the clock by *step* seconds at a time until a request passes."""
    for _ in range(round(within / step)):
        session.advance(step)
        if session.insist(ask).status != 429:
            return
    raise InconclusiveError(f"a window that was used up does not open within {within:g} s")


@check(
    "limits.creates",
    "100 creates pass in a minute, and the 101st is answered 429.",
    source=PAGE,
    needs=(Need.LIMITS,),
    settings=RATE,
)
def creates(session: Session) -> None:
    """Sends 100 creates at one instant without a cap on predictions in flight, then one more."""
    _pass(session, session.create, REQUESTS_PER_MINUTE, "100 requests may pass in a minute")
    _refused(session, session.create)


@check(
    "limits.reads",
    "Reads count as requests: 100 pass in a minute, and the 101st is answered 429.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def reads(session: Session) -> None:
    """Reads a prediction that ended minutes ago 100 times at one instant, then once more."""
    ask = _reading(session)

    _pass(session, ask, REQUESTS_PER_MINUTE, "100 requests may pass in a minute")
    _refused(session, ask)


@check(
    "limits.mixed",
    "Creates and reads share one limit of 100 requests a minute.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def mixed(session: Session) -> None:
    """Sends creates and reads in turn, 100 requests at one instant; then one of each must be refused."""
    asks = (session.create, _reading(session))
    turns = cycle(asks)

    def ask_in_turn() -> Exchange:
        return next(turns)()

    _pass(session, ask_in_turn, REQUESTS_PER_MINUTE, "100 requests may pass in a minute, creates and reads together")
    for ask in asks:
        _refused(session, ask)


@check(
    "limits.refusal",
    "A refusal by the rate limit has the documented error body.",
    source='page, "Error Response" and "Error Handling": 429',
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def refusal(session: Session) -> None:
    """Uses up the requests of a minute and checks the refusal of a read and of a create, field by field."""
    ask = _reading(session)
    passing(session, ask)

    for exchange in (ask(), session.create()):
        complaints = "; ".join(page.refusal(exchange.document).complaints)
        expected = "429 and the documented error body (status, message, details), since 100 requests have passed"
        holds = exchange.status == 429 and not complaints
        session.promise(holds, expected, exchange, got=f"{exchange.status}: {complaints or 'an error body'}")


@check(
    "limits.second-caller",
    "Each key has its own rate limit.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS, Need.SECOND_KEY),
    settings=RATE,
)
def second_caller(session: Session) -> None:
    """Uses up one key's minute; 100 requests of another key pass and its 101st is refused. Then the reverse."""
    mine, other = _reading(session), _reading(session, session.second)
    for used_up, ask in ((mine, other), (other, mine)):
        session.advance(2 * WINDOW_SECONDS)
        passing(session, used_up)

        _pass(session, ask, REQUESTS_PER_MINUTE, "only another key has used up its minute")
        _refused(session, ask)


@check(
    "limits.window-ends",
    "A minute after 100 requests, another 100 pass.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def window_ends(session: Session) -> None:
    """Uses up a minute at one instant, then sends 100 more requests 60.1 s later; three minutes in a row."""
    ask = _reading(session)
    for _ in range(3):
        passing(session, ask)
        session.advance(WINDOW_SECONDS + 0.1)

        _pass(session, ask, REQUESTS_PER_MINUTE, "the earlier requests are over a minute old")
        _refused(session, ask)


@check(
    "limits.window-moves",
    "A request counts for at most a minute, whatever requests follow.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def window_moves(session: Session) -> None:
    """Sends 50 requests at one instant and 50 half a minute later; 60.1 s after the first 50, at least 50 pass."""
    ask = _reading(session)
    _halves(session, ask)

    _pass(session, ask, REQUESTS_PER_MINUTE // 2, "50 requests are over a minute old")


@check(
    "limits.window-lasts",
    "A key that has used its 100 requests is refused until the minute is over.",
    source=PAGE,
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def window_lasts(session: Session) -> None:
    """Uses up a window at one instant and sends a request 59.9 s later.

    A server that accepts it may count in calendar minutes. Then the check finds the end of such a minute, in steps
    of a second and then in finer ones, and the next minute must last 60 s.
    """
    ask = _reading(session)
    passing(session, ask)
    session.advance(WINDOW_SECONDS - 0.1)
    if ask().status == 429:
        return session.promise(True, "429, since the 100 requests are younger than a minute")
    passing(session, ask)
    for step in (1.0, 0.05):
        _open_after(session, ask, step, WINDOW_SECONDS + 1)
        passing(session, ask)
        session.advance(WINDOW_SECONDS - step)  # the minute began less than a step ago
        _refused(session, ask, "this minute is under 60 s old, and 100 requests have passed in it")
    return None


@check(
    "limits.window-bound",
    "At most 200 requests pass within any minute, whether the window slides or is fixed.",
    source=PAGE,
    executions=1,
    settings=RATE,
)
def window_bound(session: Session) -> None:
    """Creates a prediction and reads it 200 times within a minute: two fixed minutes let 200 pass where they meet."""
    began = monotonic()
    prediction_id = session.created()

    passed = passing(session, lambda: session.read(prediction_id), 2 * REQUESTS_PER_MINUTE)
    if monotonic() - began >= WINDOW_SECONDS:
        raise InconclusiveError("200 requests took over a minute")
    session.promise(passed < 2 * REQUESTS_PER_MINUTE, "429 at the latest for request 201 within a minute")


def _halves(session: Session, ask: Ask) -> None:
    """Send 50 requests, and 50 more half a minute later; return 60.1 s after the first."""
    _pass(session, ask, REQUESTS_PER_MINUTE // 2, "fewer than 100 requests have passed")
    session.advance(WINDOW_SECONDS / 2 + 0.3)
    _pass(session, ask, REQUESTS_PER_MINUTE // 2, "fewer than 100 requests have passed")
    session.advance(WINDOW_SECONDS / 2 - 0.2)


CHECKS = (
    creates, reads, mixed, refusal, second_caller, window_ends, window_moves, window_lasts, window_bound, *slots.CHECKS,
    *retry_after.CHECKS, *unspecified.CHECKS,
)  # fmt: skip
