"""Checks of predictions that fail: what a read shows of them, and that nothing else fails with them."""

from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import TERMINAL, Level, Status, page
from eachlabs_contract.targets import SECONDS, Need

ERRORS: Final = 'page, "Error Response", and the samples of "Code Examples", which wait for status error'
REPEATS: Final = 10
LATER: Final = (1, 60, 3600)


def _failed(session: Session) -> Exchange:
    """Return a read of a prediction that was told to fail, at the instant it is due."""
    session.fail_next()
    prediction_id = session.created()
    session.advance(SECONDS)
    return session.read(prediction_id)


@check(
    "lifecycle.failure-body",
    "A prediction that failed is read as status error with message and details, and without an output.",
    source=ERRORS,
    needs=(Need.FAILURE,),
    executions=1,
)
def failure_body(session: Session) -> None:
    """Has a prediction fail and reads it when it is due."""
    exchange = _failed(session)
    complaints = "; ".join(page.refusal(exchange.document).complaints)
    expected = "status error, message and details, and no output, since it was told to fail"
    session.promise(not complaints, expected, exchange, got=complaints)


@check(
    "lifecycle.failure-says-why",
    "A prediction that failed says something in message and in details.",
    source=f"{ERRORS}: a description, and additional details",
    level=Level.SHOULD,
    needs=(Need.FAILURE,),
    executions=1,
)
def failure_says_why(session: Session) -> None:
    """Has a prediction fail and looks for empty texts."""
    exchange = _failed(session)
    seen = page.refusal(exchange.document)
    session.promise(seen.message and seen.details, "texts that say what went wrong", exchange)


@check(
    "lifecycle.failure-on-time",
    "A prediction that will fail is processing until then.",
    source='page, "Get Prediction Response (Processing)"; how long it takes, the control plane was told',
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.FAILURE),
    executions=1,
    minimum=2,
)
def failure_on_time(session: Session) -> None:
    """Has a prediction fail and reads it at once, and a millisecond before it is due."""
    session.fail_next()
    prediction_id = session.created()
    for seconds in (0, SECONDS - 0.001):
        session.advance(seconds)
        exchange = session.read(prediction_id)
        expected = f"processing, since it takes {SECONDS} s"
        session.promise(page.prediction(exchange.document).status is Status.PROCESSING, expected, exchange)


@check(
    "lifecycle.failure-stays",
    "A prediction that failed stays so, with the same texts.",
    source=f"{ERRORS}: an end",
    needs=(Need.FAILURE,),
    executions=1,
    minimum=REPEATS,
)
def failure_stays(session: Session) -> None:
    """Reads a failed prediction ten times at once, then after a second, a minute and an hour; compares the fields."""
    first = _failed(session)
    prediction_id = first.request.path.rpartition("/")[2]
    for seconds in (*(0 for _ in range(REPEATS)), *LATER):
        session.advance(seconds)
        exchange = session.read(prediction_id)
        same = exchange.status == first.status and page.facts(exchange.document) == page.facts(first.document)
        session.promise(same, "the same as in the first read after its end", first, exchange)


@check(
    "lifecycle.failure-alone",
    "When one prediction fails, those created before and after it do not.",
    source=ERRORS,
    needs=(Need.FAILURE,),
    executions=3,
    minimum=3,
)
def failure_alone(session: Session) -> None:
    """Has the second of three fail and reads all of them when they are due."""
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
    "With which HTTP status a failed prediction is read.",
    source='the page is silent: "Error Response" has no HTTP status',
    level=Level.CHOICE,
    needs=(Need.FAILURE,),
    executions=1,
)
def failed_read_status(session: Session) -> None:
    """Has a prediction fail and reads it."""
    exchange = _failed(session)
    if page.prediction(exchange.document).status in TERMINAL:
        session.observe(f"a failed prediction is read with HTTP {exchange.status}", exchange)


CHECKS = (failure_body, failure_says_why, failure_on_time, failure_stays, failure_alone, failed_read_status)
