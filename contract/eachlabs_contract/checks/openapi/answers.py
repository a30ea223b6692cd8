"""Checks of what comes out: every answer is as the document has it, and its links lead on.

`fuzzing` and `links` are imported where they are used: they import Schemathesis, which takes half a second and which a
list of claims does not need.
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
    "Every answer has a documented status and media type, and the documented fields with their literal values.",
    source='page, "Response Format" and "Error Handling"',
    executions=2 * FEW + 2,
    minimum=FEW,
)
def documented_answers(session: Session) -> None:
    """Sends good and bad creates, and reads of running, ended and unknown predictions; judges each answer."""
    from eachlabs_contract.checks.openapi.fuzzing import complaint  # noqa: PLC0415  # see the top

    for case, exchange in _exchanged(session, judging_document(session.model)):
        expected, wrong = complaint(session, case, exchange)
        session.promise(not expected, expected or "an answer as documented", exchange, got=wrong)
        session.promise(exchange.status < BAD_SERVER, "no server error", exchange)


@check(
    "shape.exact-fields",
    "Whether answers hold fields beyond those of the page is the server's choice.",
    source="the page shows the fields of each answer, and does not say that there are no others",
    level=Level.CHOICE,
    executions=2 * FEW + 2,
)
def exact_fields(session: Session) -> None:
    """Does as shape.documented-answers does, with every object of the document closed."""
    from eachlabs_contract.checks.openapi.fuzzing import complaint  # noqa: PLC0415  # see the top

    found = [
        (*complaint(session, case, exchange), exchange)
        for case, exchange in _exchanged(session, judging_document(session.model, exactly=True))
    ]
    if differing := [each for each in found if each[0]]:
        expected, wrong, exchange = differing[0]
        first = wrong or f"not {expected}"
        session.observe(f"{len(differing)} of {len(found)} answers have other fields; the first: {first}", exchange)
    else:
        session.observe("every answer has exactly the fields of the page", found[-1][-1])


@check(
    "shape.links",
    "A prediction can be read by the id that its create told, and only so, as often as one likes and whatever happens.",
    source='page, "Create a Prediction": use the predictionID to poll for results',
    executions=FEW,
    minimum=FEW,
)
def links(session: Session) -> None:
    """Follows the document's links in random sequences: create, read, read again; six seconds before each request."""
    from eachlabs_contract.checks.openapi.fuzzing import Fuzzer  # noqa: PLC0415  # see the top
    from eachlabs_contract.checks.openapi.links import walk  # noqa: PLC0415  # see the top

    fuzzer = Fuzzer(accepting_document(session.model), session.seed)
    sequences, steps = (times(session, 12), 12) if session.owner.control else (1, FEW)
    learnt = walk(session, fuzzer, sequences, steps)
    if learnt.mishap:
        raise learnt.mishap
    for exchange in learnt.good:
        session.promise(exchange.status < BAD_SERVER, "an answer as documented", exchange)
    if learnt.violation:
        expected, wrong, exchange = learnt.violation
        session.promise(not expected, expected, exchange, got=wrong)
    if session.owner.control:
        enough(learnt.seen[Status.CREATED], 5, "accepted creates")
        enough(learnt.ended, 5, "reads of predictions that had ended")


def _exchanged(session: Session, described: Mapping[str, Any]) -> Iterator[tuple["Case", Exchange]]:
    """Yield cases of every kind that the document knows, each with what came of it."""
    from eachlabs_contract.checks.openapi.fuzzing import BAD, GOOD, Fuzzer, send  # noqa: PLC0415  # see the top

    fuzzer = Fuzzer(described, session.seed)
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
