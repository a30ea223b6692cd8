"""Checks of failed predictions: what a read shows of them, and that no other prediction fails with them."""

from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import TERMINAL, Level, Status, page
from eachlabs_contract.targets import SECONDS, Need

ERRORS: Final = 'page, "Error Response", and the samples in "Code Examples", which wait for status error'
REPEATS: Final = 10
LATER: Final = (1, 60, 3600)


def _failed(session: Session) -> Exchange:
    """Return a read of a prediction that was told to fail, at the instant it ends."""
    session.fail_next()
    prediction_id = session.created()
    session.advance(SECONDS)
    return session.read(prediction_id)


@check(
    "lifecycle.failure-body",
    "A read of a failed prediction has status error, message and details, and no output.",
    source=ERRORS,
    needs=(Need.FAILURE,),
    executions=1,
)
def failure_body(session: Session) -> None:
    """Makes a prediction fail and reads it when it ends."""
    exchange = _failed(session)
    complaints = "; ".join(page.refusal(exchange.document).complaints)
    expected = "status error, message and details, and no output, since it was told to fail"
    session.promise(not complaints, expected, exchange, got=complaints)


@check(
    "lifecycle.failure-says-why",
    "The message and the details of a failed prediction are not empty.",
    source=f"{ERRORS}: a description, and additional details",
    level=Level.SHOULD,
    needs=(Need.FAILURE,),
    executions=1,
)
def failure_says_why(session: Session) -> None:
    """Makes a prediction fail and looks for empty texts."""
    exchange = _failed(session)
    body = page.refusal(exchange.document)
    session.promise(body.message and body.details, "a message and details that are not empty", exchange)


@check(
    "lifecycle.failure-on-time",
    "A prediction that will fail is processing until its duration is over.",
    source='page, "Get Prediction Response (Processing)"; the control plane sets the duration',
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.FAILURE),
    executions=1,
    minimum=2,
)
def failure_on_time(session: Session) -> None:
    """Makes a prediction fail and reads it at once, and a millisecond before it ends."""
    session.fail_next()
    prediction_id = session.created()
    for seconds in (0, SECONDS - 0.001):
        session.advance(seconds)
        exchange = session.read(prediction_id)
        expected = f"processing, since it takes {SECONDS} s"
        session.promise(page.prediction(exchange.document).status is Status.PROCESSING, expected, exchange)


@check(
    "lifecycle.failure-stays",
    "Every read of a failed prediction shows the same values.",
    source=f"{ERRORS}: a failed prediction has ended",
    needs=(Need.FAILURE,),
    executions=1,
    minimum=REPEATS,
)
def failure_stays(session: Session) -> None:
    """Reads a failed prediction 10 times at once, then a second, a minute and an hour later; compares the fields."""
    first = _failed(session)
    prediction_id = first.request.path.rpartition("/")[2]
    for seconds in (*(0 for _ in range(REPEATS)), *LATER):
        session.advance(seconds)
        exchange = session.read(prediction_id)
        same = exchange.status == first.status and page.facts(exchange.document) == page.facts(first.document)
        session.promise(same, "the same fields as in the first read after its end", first, exchange)


@check(
    "lifecycle.failure-alone",
    "A failed prediction does not make the predictions created before and after it fail.",
    source=ERRORS,
    needs=(Need.FAILURE,),
    executions=3,
    minimum=3,
)
def failure_alone(session: Session) -> None:
    """Makes the second of three predictions fail and reads all of them when they end."""
    before = session.created()
    session.fail_next()
    lives = [(before, Status.SUCCESS), (session.created(), Status.ERROR), (session.created(), Status.SUCCESS)]
    session.advance(SECONDS)
    for prediction_id, status in lives:
        exchange = session.read(prediction_id)
        expected = f"{status.value}, since {'only ' if status is Status.SUCCESS else ''}the second was told to fail"
        session.promise(page.prediction(exchange.document).status is status, expected, exchange)


@check(
    "lifecycle.failed-read-status",
    "The server chooses the HTTP status for reads of a failed prediction.",
    source='the page is silent: "Error Response" has no HTTP status',
    level=Level.CHOICE,
    needs=(Need.FAILURE,),
    executions=1,
)
def failed_read_status(session: Session) -> None:
    """Makes a prediction fail and reads it."""
    exchange = _failed(session)
    if page.prediction(exchange.document).status in TERMINAL:
        session.observe(f"a failed prediction is read with HTTP {exchange.status}", exchange)


CHECKS = (failure_body, failure_says_why, failure_on_time, failure_stays, failure_alone, failed_read_status)
