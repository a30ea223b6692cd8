"""Checks of answers: each one matches the document, and its links can be followed.

`fuzzing` and `links` are imported where they are used: they import Schemathesis, which takes half a second, and a
list of claims does not need it.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.openapi.support import FEW, enough, times
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import BAD_SERVER, Exchange
from eachlabs_contract.spec import CREATE_OPERATION, READ_OPERATION, Level, Status, accepting_document, judging_document
from eachlabs_contract.targets import SECONDS

if TYPE_CHECKING:
    from eachlabs_contract.checks.openapi.fuzzing import Case


@check(
    "shape.documented-answers",
    "Every answer has a documented status and media type, and the documented fields and values.",
    source='page, "Response Format" and "Error Handling"',
    executions=2 * FEW + 2,
    minimum=FEW,
)
def documented_answers(session: Session) -> None:
    """Sends valid and invalid creates, and reads of running, ended and unknown predictions; checks each answer."""
    from eachlabs_contract.checks.openapi.fuzzing import complaint  # noqa: PLC0415  # see the top

    for case, exchange in _exchanges(session, judging_document(session.model)):
        expected, wrong = complaint(session, case, exchange)
        session.promise(not expected, expected or "an answer as documented", exchange, got=wrong)
        session.promise(exchange.status < BAD_SERVER, "no server error", exchange)


@check(
    "shape.exact-fields",
    "The server chooses whether its answers hold fields beyond those of the page.",
    source="the page shows the fields of each answer, and does not rule out others",
    level=Level.CHOICE,
    executions=2 * FEW + 2,
)
def exact_fields(session: Session) -> None:
    """Runs shape.documented-answers with a document that allows no further fields."""
    from eachlabs_contract.checks.openapi.fuzzing import complaint  # noqa: PLC0415  # see the top

    results = [
        (*complaint(session, case, exchange), exchange)
        for case, exchange in _exchanges(session, judging_document(session.model, exactly=True))
    ]
    if differing := [result for result in results if result[0]]:
        expected, wrong, exchange = differing[0]
        first = wrong or f"not {expected}"
        session.observe(f"{len(differing)} of {len(results)} answers have other fields; the first: {first}", exchange)
    else:
        session.observe("every answer has exactly the fields of the page", results[-1][-1])


@check(
    "shape.links",
    "A prediction can always be read by the id from its create, and by no other id.",
    source='page, "Create a Prediction": use the predictionID to poll for results',
    executions=FEW,
    minimum=FEW,
)
def links(session: Session) -> None:
    """Follows the document's links in random sequences, such as create, read, read; waits 6 s before each request."""
    from eachlabs_contract.checks.openapi.fuzzing import Fuzzer  # noqa: PLC0415  # see the top
    from eachlabs_contract.checks.openapi.links import follow_links  # noqa: PLC0415  # see the top

    fuzzer = Fuzzer(accepting_document(session.model), session.seed)
    sequences, steps = (times(session, 12), 12) if session.owner.control else (1, FEW)
    run = follow_links(session, fuzzer, sequences, steps)
    if run.failure:
        raise run.failure
    for exchange in run.good:
        session.promise(exchange.status < BAD_SERVER, "an answer as documented", exchange)
    if run.violation:
        expected, wrong, exchange = run.violation
        session.promise(not expected, expected, exchange, got=wrong)
    if session.owner.control:
        enough(run.statuses[Status.CREATED], 5, "accepted creates")
        enough(run.ended, 5, "reads of ended predictions")


def _exchanges(session: Session, document: Mapping[str, Any]) -> Iterator[tuple["Case", Exchange]]:
    """Yield cases of every kind in *document*, each with its exchange."""
    from eachlabs_contract.checks.openapi.fuzzing import BAD, GOOD, Fuzzer, send  # noqa: PLC0415  # see the top

    fuzzer = Fuzzer(document, session.seed)
    good = Fuzzer(accepting_document(session.model), session.seed)
    count = times(session, 12) if session.owner.control else FEW
    for case in [*good.random(CREATE_OPERATION, GOOD, count), *fuzzer.random(CREATE_OPERATION, BAD, count)]:
        yield case, send(session, case)
    session.fail_next()
    failing, ending = session.created(), session.created()
    known = [fuzzer.reading(prediction_id) for prediction_id in (failing, ending)]
    for case in [*fuzzer.random(READ_OPERATION, GOOD, FEW), *known]:
        yield case, send(session, case)
    session.advance(SECONDS)
    if session.owner.control is None:
        session.finish(ending)
    for case in known:
        yield case, send(session, case)


CHECKS: Final = (documented_answers, exact_fields, links)
