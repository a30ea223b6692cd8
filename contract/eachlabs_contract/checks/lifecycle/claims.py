"""Checks of what a read shows, and that it stays the same; `timing` and `failures` have the rest of the group."""

from collections.abc import Iterator
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.lifecycle import failures, timing
from eachlabs_contract.checks.lifecycle.support import READS, TAKES, ended, status_in, succeeded
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import TERMINAL, Level, Status, page
from eachlabs_contract.targets import SECONDS, Need

REPEATS: Final = 20
LATER: Final = (0.001, 1, 60, 3600)
"""Seconds between two late reads."""


def _again(session: Session, prediction_id: str) -> Iterator[Exchange]:
    """Read an ended prediction many times at once, then at growing intervals."""
    for _ in range(REPEATS):
        yield session.read(prediction_id)
    for seconds in LATER:
        session.advance(seconds)
        yield session.read(prediction_id)


@check(
    "lifecycle.vocabulary",
    "The status in a read is processing, success or error.",
    source=READS,
    executions=1,
    minimum=2,
)
def vocabulary(session: Session) -> None:
    """Reads a prediction just after its create, and after its end."""
    prediction_id = session.created()
    for exchange in (session.read(prediction_id), ended(session, prediction_id)):
        session.promise(status_in(exchange), "status processing, success or error", exchange)


@check(
    "lifecycle.processing-body",
    "A read of a running prediction has status, predictionID and message, as documented.",
    source='page, "Get Prediction Response (Processing)"',
    executions=1,
)
def processing_body(session: Session) -> None:
    """Reads a prediction just after its create; one that has already ended is not judged."""
    prediction_id = session.created()
    exchange = session.read(prediction_id)
    body = page.prediction(exchange.document)
    if body.status not in TERMINAL:
        holds = exchange.status == 200 and not body.complaints and body.prediction_id == prediction_id
        expected = f"200 with status processing, predictionID {prediction_id} and its message"
        session.promise(holds, expected, exchange, got="; ".join(body.complaints))


@check(
    "lifecycle.success-body",
    "A read of a successful prediction has status, predictionID, output and metrics, as documented.",
    source='page, "Get Prediction Response (Success)"',
    executions=1,
)
def success_body(session: Session) -> None:
    """Reads a prediction after its end; a failed one is not judged."""
    prediction_id = session.created()
    exchange = succeeded(session, prediction_id)
    body = page.prediction(exchange.document)
    holds = exchange.status == 200 and not body.complaints and body.status is Status.SUCCESS
    expected = f"200 with status success, predictionID {prediction_id}, an output, and predict_time in metrics"
    session.promise(holds and body.prediction_id == prediction_id, expected, exchange, got="; ".join(body.complaints))


@check(
    "lifecycle.one-address",
    "The output of a model that makes one file is one URL, not a list.",
    source='page, "Get Prediction Response (Success)", and "Code Examples", Go: Output string',
    executions=1,
    applies=lambda model: "num_images" not in model.parameters,
)
def one_address(session: Session) -> None:
    """Reads a prediction after its end."""
    exchange = succeeded(session, session.created())
    output = page.prediction(exchange.document).output
    session.promise(isinstance(output, str), "one URL as `output`", exchange)


@check(
    "lifecycle.outputs-differ",
    "Two predictions with different prompts have different outputs.",
    source=READS,
    parameters=("prompt",),
    executions=2,
)
def outputs_differ(session: Session) -> None:
    """Creates two predictions with different prompts and compares the URLs of their outputs."""
    ids = [session.created(prompt=prompt) for prompt in ("A lighthouse made of paper", "A harbour made of glass")]
    ends = [succeeded(session, prediction_id) for prediction_id in ids]
    first, second = (page.prediction(read.document).output for read in ends)
    session.promise(first and second and first != second, f"an output other than {first}", *ends)


@check(
    "lifecycle.predict-time",
    "predict_time is in seconds, above 0 and at most the time that has passed.",
    source=f'page, "Get Prediction Response (Success)"; {TAKES}',
    level=Level.SHOULD,
    needs=(Need.CLOCK,),
    executions=1,
)
def predict_time(session: Session) -> None:
    """Reads a prediction that takes 17 s, after its end."""
    exchange = succeeded(session, session.created())
    seconds = page.prediction(exchange.document).predict_time
    holds = seconds is not None and 0 < seconds <= SECONDS  # a server may leave out the time in its queue
    expected = f"predict_time above 0 and at most {SECONDS}, since {SECONDS} s have passed"
    session.promise(holds, expected, exchange, got=f"predict_time {seconds}")


@check(
    "lifecycle.ended-stays",
    "Every read of an ended prediction shows the same values.",
    source=f"{READS}: poll until the result is ready",
    executions=1,
    minimum=REPEATS,
)
def ended_stays(session: Session) -> None:
    """Reads an ended prediction 20 times at once, then a second, a minute and an hour later; compares the fields."""
    prediction_id = session.created()
    first = ended(session, prediction_id)
    facts = page.facts(first.document)
    for exchange in _again(session, prediction_id):
        same = exchange.status == first.status and page.facts(exchange.document) == facts
        session.promise(same, "the same fields as in the first read after its end", first, exchange)


@check(
    "lifecycle.bytes-stay",
    "Every read of an ended prediction has the same body, byte for byte.",
    source=f"{READS}: an ended prediction does not change",
    level=Level.SHOULD,
    executions=1,
    minimum=REPEATS,
)
def bytes_stay(session: Session) -> None:
    """Reads as lifecycle.ended-stays does, and compares the bodies."""
    prediction_id = session.created()
    first = ended(session, prediction_id)
    for exchange in _again(session, prediction_id):
        same = exchange.answer and first.answer and exchange.answer.body == first.answer.body
        session.promise(same, "the same bytes as in the first read after its end", first, exchange)


CHECKS = (
    vocabulary, processing_body, success_body, one_address, outputs_differ, predict_time, ended_stays, bytes_stay,
    *timing.CHECKS, *failures.CHECKS,
)  # fmt: skip
