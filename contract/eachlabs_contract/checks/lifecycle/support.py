"""Waits for the end of a prediction: moves the clock where it can, else reads until the end."""

from typing import Final

from eachlabs_contract.checks.session import PATIENCE_SECONDS, Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Status, page
from eachlabs_contract.targets import SECONDS, monotonic, pause
from eachlabs_contract.verdict import InconclusiveError

READS: Final = 'page, "Get Prediction Result" and "Response Format"'
TAKES: Final = "the control plane sets the duration of a prediction; the page's average is 17 s"


def status_in(exchange: Exchange) -> Status | None:
    """Return the status that a read shows; None where it shows no documented one."""
    return page.prediction(exchange.document).status


def ended(session: Session, prediction_id: str) -> Exchange:
    """Return a read of a prediction at the instant it ends; with a real clock, the first that is not processing.

    The read may show anything: unlike `Session.finish`, this is for claims about the end itself.
    """
    session.advance(SECONDS)
    began = monotonic()
    while status_in(exchange := session.read(prediction_id)) is Status.PROCESSING:
        if session.owner.control or monotonic() - began > PATIENCE_SECONDS:
            break
        pause(1)
    return exchange


def succeeded(session: Session, prediction_id: str) -> Exchange:
    """Return the same read as `ended`, of a prediction that succeeded.

    :raises InconclusiveError: it failed, as any prediction may.
    """
    exchange = ended(session, prediction_id)
    if status_in(exchange) is Status.ERROR:
        raise InconclusiveError("the prediction failed, as any prediction may")
    return exchange
