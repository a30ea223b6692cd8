"""Uses Schemathesis: makes cases from a document, and says what is wrong with an answer.

It is slow to import, so only the checks that use it import it. It sends nothing itself: every request goes through a
session, so that each exchange is recorded and all targets are reached in the same way.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from schemathesis.core.failures import Failure
from schemathesis.core.result import Ok
from schemathesis.errors import FailureGroup
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, CoveragePhaseData
from schemathesis.openapi.checks import JsonSchemaError, MissingContentType, UndefinedContentType, UndefinedStatusCode

from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Answer, Exchange, Request
from eachlabs_contract.spec import READ_OPERATION, page
from eachlabs_contract.targets import Caller
from eachlabs_contract.verdict import InconclusiveError

GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
Case = schemathesis.Case[Any]

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


class Fuzzer:
    """Makes cases from one document.

    :param seed: the same seed gives the same cases.
    """

    def __init__(self, document: Mapping[str, Any], seed: int) -> None:
        config = schemathesis.Config.from_dict(
            {
                # Literals in an application's source are not available for every target.
                "analysis": {"constants": {"enabled": False}},
                "generation": {"with-security-parameters": False, "allow-x00": False},
            }
        )
        self.schema = schemathesis.openapi.from_dict(dict(document), config=config)
        operations = [result.ok() for result in self.schema.get_all_operations() if isinstance(result, Ok)]
        self._operations = {operation.definition.raw["operationId"]: operation for operation in operations}
        self._seed = seed

    def of(self, operation: str, mode: GenerationMode, count: int) -> list[Case]:
        """Return the systematic cases of an operation and *count* random ones, without repetitions."""
        cases = [*self.systematic(operation, mode), *self.random(operation, mode, count)]
        return list({repr((case.path_parameters, case.query, case.body)): case for case in cases}.values())

    def systematic(self, operation: str, mode: GenerationMode) -> Iterator[Case]:
        """Yield the cases that Schemathesis derives from each keyword of a request's schema."""
        generation = self.schema.config.generation
        for case in self.schema.iter_coverage_cases(
            self._operations[operation], generation_modes=[mode], generation_config=generation
        ):
            phase = case.meta and case.meta.phase.data
            if not isinstance(phase, CoveragePhaseData) or phase.scenario not in REQUEST_SHAPE_PROBES:
                yield case

    def random(self, operation: str, mode: GenerationMode, count: int) -> list[Case]:
        """Return *count* random cases."""
        drawn: list[Case] = []

        # All are drawn before the first is sent: a server's answers must not influence its requests.
        @hypothesis.seed(self._seed)
        @hypothesis.settings(
            max_examples=count,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(self._operations[operation].as_strategy(generation_mode=mode))
        def draw(case: Case) -> None:
            drawn.append(case)

        draw()
        return drawn

    def reading(self, prediction_id: str) -> Case:
        """Return the read of one prediction."""
        return self._operations[READ_OPERATION].Case(path_parameters={"predictionID": prediction_id})


def send(session: Session, case: Case, caller: Caller | None = None) -> Exchange:
    """Send *case* and return the exchange.

    :raises InconclusiveError: no answer came, after several tries.
    """
    prepared = _prepared(session, case)
    sender = caller or session.owner
    content = [("Content-Type", prepared.headers["Content-Type"])] if "Content-Type" in prepared.headers else []
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
    request = Request(str(prepared.method), prepared.path_url, (*sender.headers, *content), body)
    exchange = session.send(request, sender)
    if exchange.answer is None:
        raise InconclusiveError(f"no answer came: {exchange.failure}")
    return exchange


def response(session: Session, case: Case, answer: Answer) -> schemathesis.Response:
    """Return *answer* to *case* as a Schemathesis response."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name.lower(), []).append(value)
    return schemathesis.Response(answer.status, headers, answer.body, _prepared(session, case), 0.0, verify=False)


def complaint(session: Session, case: Case, exchange: Exchange) -> tuple[str, str]:
    """Return what was expected of the answer to *case*, and what is wrong; both are empty where nothing is wrong.

    The second is also empty where the answer itself shows what is wrong.
    """
    if exchange.answer is None:
        return "an answer", ""
    try:
        case.validate_response(response(session, case, exchange.answer), checks=CHECKS)
    except FailureGroup as group:
        descriptions = [_words(failure, exchange) for failure in group.exceptions]
        expected, wrong = ("; ".join(dict.fromkeys(filter(None, texts))) for texts in zip(*descriptions, strict=True))
        return expected, wrong
    return "", ""


def _prepared(session: Session, case: Case) -> requests.PreparedRequest:
    base = session.target.transport.root + session.target.prefix
    return requests.Request(**case.as_transport_kwargs(base_url=base)).prepare()


def _read(exchange: Exchange) -> page.Body:
    if exchange.status != 200:  # HTTP
        return page.refusal(exchange.document)
    return (page.created if exchange.request.method == "POST" else page.prediction)(exchange.document)


def _words(failure: Failure, exchange: Exchange) -> tuple[str, str]:
    """Return what was expected, and what is wrong where the answer does not show it."""
    match failure:
        case UndefinedStatusCode(defined_status_codes=documented):
            return f"one of the documented statuses, {', '.join(documented)}", ""
        case UndefinedContentType(defined_content_types=media_types) | MissingContentType(media_types=media_types):
            return f"Content-Type: {' or '.join(media_types)}", ""
        case JsonSchemaError(instance_path=path, validation_message=message):
            where = "".join(f"/{key}" for key in path) or "the body"
            # The reader of the page's bodies names the field; a validator of several schemas cannot.
            wrong = "; ".join(_read(exchange).complaints) or f"{where}: {message}"
            return "a body as documented", wrong
        case _:
            return f"a body as documented ({failure.title})", ""
