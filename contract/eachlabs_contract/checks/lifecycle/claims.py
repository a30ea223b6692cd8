"""Checks of a prediction's life: what a read shows, and that it stays so; `timing` and `failures` have the rest."""

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
"""Seconds from one late read to the next."""


def _again(session: Session, prediction_id: str) -> Iterator[Exchange]:
    """Read an ended prediction over and over, then once in a while."""
    for _ in range(REPEATS):
        yield session.read(prediction_id)
    for seconds in LATER:
        session.advance(seconds)
        yield session.read(prediction_id)


@check("lifecycle.vocabulary", "A read says processing, success or error.", source=READS, executions=1, minimum=2)
def vocabulary(session: Session) -> None:
    """Reads a prediction just created, and when it has ended."""
    prediction_id = session.created()
    for exchange in (session.read(prediction_id), ended(session, prediction_id)):
        session.promise(status_in(exchange), "status processing, success or error", exchange)


@check(
    "lifecycle.processing-body",
    "While it runs, a read has status, predictionID and message, as documented.",
    source='page, "Get Prediction Response (Processing)"',
    executions=1,
)
def processing_body(session: Session) -> None:
    """Reads a prediction just created; one that has ended by then says nothing about this."""
    prediction_id = session.created()
    exchange = session.read(prediction_id)
    seen = page.prediction(exchange.document)
    if seen.status not in TERMINAL:
        holds = exchange.status == 200 and not seen.complaints and seen.prediction_id == prediction_id
        expected = f"200 with status processing, predictionID {prediction_id} and its message"
        session.promise(holds, expected, exchange, got="; ".join(seen.complaints))


@check(
    "lifecycle.success-body",
    "After success, a read has status, predictionID, output and metrics, as documented.",
    source='page, "Get Prediction Response (Success)"',
    executions=1,
)
def success_body(session: Session) -> None:
    """Reads a prediction when it has ended; one that failed says nothing about this."""
    prediction_id = session.created()
    exchange = succeeded(session, prediction_id)
    seen = page.prediction(exchange.document)
    holds = exchange.status == 200 and not seen.complaints and seen.status is Status.SUCCESS
    expected = f"200 with status success, predictionID {prediction_id}, an output, and predict_time in metrics"
    session.promise(holds and seen.prediction_id == prediction_id, expected, exchange, got="; ".join(seen.complaints))


@check(
    "lifecycle.one-address",
    "The output of a model that makes one file is its address as a text, not a list.",
    source='page, "Get Prediction Response (Success)", and "Code Examples", Go: Output string',
    executions=1,
    applies=lambda model: "num_images" not in model.parameters,
)
def one_address(session: Session) -> None:
    """Reads a prediction when it has ended."""
    exchange = succeeded(session, session.created())
    output = page.prediction(exchange.document).output
    session.promise(isinstance(output, str), "one address as `output`", exchange)


@check(
    "lifecycle.outputs-differ",
    "Two predictions with different prompts have different outputs.",
    source=READS,
    parameters=("prompt",),
    executions=2,
)
def outputs_differ(session: Session) -> None:
    """Creates two with different prompts and compares the addresses of their outputs."""
    ids = [session.created(prompt=prompt) for prompt in ("A lighthouse made of paper", "A harbour made of glass")]
    ends = [succeeded(session, prediction_id) for prediction_id in ids]
    first, second = (page.prediction(each.document).output for each in ends)
    session.promise(first and second and first != second, f"another output than {first}", *ends)


@check(
    "lifecycle.predict-time",
    "predict_time is in seconds, more than none and no more than have passed.",
    source=f'page, "Get Prediction Response (Success)"; {TAKES}',
    level=Level.SHOULD,
    needs=(Need.CLOCK,),
    executions=1,
)
def predict_time(session: Session) -> None:
    """Reads a prediction that was told to take 17 s."""
    exchange = succeeded(session, session.created())
    seconds = page.prediction(exchange.document).predict_time
    holds = seconds is not None and 0 < seconds <= SECONDS  # less than all of it, where a server leaves out its queue
    expected = f"predict_time of at most {SECONDS}, since {SECONDS} s have passed"
    session.promise(holds, expected, exchange, got=f"predict_time {seconds}")


@check(
    "lifecycle.ended-stays",
    "What a read says of an ended prediction, every later read says again.",
    source=f"{READS}: poll until the result is ready",
    executions=1,
    minimum=REPEATS,
)
def ended_stays(session: Session) -> None:
    """Reads an ended prediction twenty times at once, then after a second, a minute and an hour; compares fields."""
    prediction_id = session.created()
    first = ended(session, prediction_id)
    facts = page.facts(first.document)
    for exchange in _again(session, prediction_id):
        same = exchange.status == first.status and page.facts(exchange.document) == facts
        session.promise(same, "the same as in the first read after its end", first, exchange)


@check(
    "lifecycle.bytes-stay",
    "The answer to a read of an ended prediction does not change in a single byte.",
    source=f"{READS}: what has ended does not change",
    level=Level.SHOULD,
    executions=1,
    minimum=REPEATS,
)
def bytes_stay(session: Session) -> None:
    """Reads as for lifecycle.ended-stays and compares the bodies."""
    prediction_id = session.created()
    first = ended(session, prediction_id)
    for exchange in _again(session, prediction_id):
        same = exchange.answer and first.answer and exchange.answer.body == first.answer.body
        session.promise(same, "the same bytes as in the first read after its end", first, exchange)


CHECKS = (
    vocabulary,
    processing_body,
    success_body,
    one_address,
    outputs_differ,
    predict_time,
    ended_stays,
    bytes_stay,
    *timing.CHECKS,
    *failures.CHECKS,
)
