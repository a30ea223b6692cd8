"""Fills the cap on predictions in flight, the first step of its checks."""

from typing import Final

from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import IN_FLIGHT, TERMINAL, page
from eachlabs_contract.targets import Caller

PAGE: Final = 'page, "Rate Limits": maximum 10 concurrent predictions per API key'


def fill(session: Session, why: str, count: int = IN_FLIGHT, caller: Caller | None = None) -> tuple[str, ...]:
    """Create *count* predictions, which must all be accepted, and return their ids."""
    return tuple(
        must_be_accepted(session, f"200 for create {n} of {count}, since {why}", caller) for n in range(1, count + 1)
    )


def must_be_accepted(
    session: Session, expected: str, caller: Caller | None = None, webhook_url: str | None = None
) -> str:
    """Create one prediction, which must be accepted as *expected* says, and return its id."""
    exchange = session.insist(lambda: session.create(caller=caller, webhook_url=webhook_url))
    session.promise(exchange.status == 200, expected, exchange)
    return page.created(exchange.document).prediction_id


def refused(session: Session, why: str, caller: Caller | None = None) -> Exchange:
    """Send a valid create, which must be refused because of *why*, and return the exchange."""
    exchange = session.create(caller=caller)
    session.promise(exchange.status == 429, f"429, since {why}", exchange)
    return exchange


def running(session: Session, prediction_id: str) -> bool:
    """Say whether a read shows that the prediction has not ended."""
    return page.prediction(session.insist(lambda: session.read(prediction_id)).document).status not in TERMINAL
