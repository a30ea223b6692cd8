"""Schemathesis put to use: makes cases of a document, and says what is wrong with an answer.

It is slow to import, so that only whoever fuzzes does. It sends nothing itself: every request goes out through a
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
    """Makes cases of one document.

    :param seed: with it, the same cases come again.
    """

    def __init__(self, document: Mapping[str, Any], seed: int) -> None:
        config = schemathesis.Config.from_dict(
            {
                # Literals found in an application's source are knowledge that other targets do not offer.
                "analysis": {"constants": {"enabled": False}},
                "generation": {"with-security-parameters": False, "allow-x00": False},
            }
        )
        self.schema = schemathesis.openapi.from_dict(dict(document), config=config)
        found = [each.ok() for each in self.schema.get_all_operations() if isinstance(each, Ok)]
        self._operations = {each.definition.raw["operationId"]: each for each in found}
        self._seed = seed

    def of(self, operation: str, mode: GenerationMode, count: int) -> list[Case]:
        """Return the systematic cases of an operation and so many random ones, without repetitions."""
        cases = [*self.systematic(operation, mode), *self.random(operation, mode, count)]
        return list({repr((each.path_parameters, each.query, each.body)): each for each in cases}.values())

    def systematic(self, operation: str, mode: GenerationMode) -> Iterator[Case]:
        """Yield the cases that Schemathesis derives from every keyword of a request's schema."""
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

        # They are drawn before the first is sent: what a server does must not steer what it is sent.
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
    """Send *case* and return what came of it.

    :raises InconclusiveError: no answer came, several times over.
    """
    prepared = _prepared(session, case)
    who = caller or session.owner
    content = [("Content-Type", prepared.headers["Content-Type"])] if "Content-Type" in prepared.headers else []
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
    request = Request(str(prepared.method), prepared.path_url, (*who.headers, *content), body)
    exchange = session.send(request, who)
    if exchange.answer is None:
        raise InconclusiveError(f"no answer came: {exchange.failure}")
    return exchange


def response(session: Session, case: Case, answer: Answer) -> schemathesis.Response:
    """Return *answer* to *case* as Schemathesis knows one."""
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name.lower(), []).append(value)
    return schemathesis.Response(answer.status, headers, answer.body, _prepared(session, case), 0.0, verify=False)


def complaint(session: Session, case: Case, exchange: Exchange) -> tuple[str, str]:
    """Return what should have been in the answer to *case*, and what is wrong instead; empty: nothing is.

    What is wrong is empty as well where the answer itself shows it.
    """
    if exchange.answer is None:
        return "an answer", ""
    try:
        case.validate_response(response(session, case, exchange.answer), checks=CHECKS)
    except FailureGroup as group:
        told = [_words(each, exchange) for each in group.exceptions]
        expected, wrong = ("; ".join(dict.fromkeys(filter(None, each))) for each in zip(*told, strict=True))
        return expected, wrong
    return "", ""


def _prepared(session: Session, case: Case) -> requests.PreparedRequest:
    base = session.target.transport.root + session.target.prefix
    return requests.Request(**case.as_transport_kwargs(base_url=base)).prepare()


def _read(exchange: Exchange) -> page.Seen:
    if exchange.status != 200:  # HTTP
        return page.refusal(exchange.document)
    return (page.created if exchange.request.method == "POST" else page.prediction)(exchange.document)


def _words(failure: Failure, exchange: Exchange) -> tuple[str, str]:
    """Return what should have been, and what is wrong instead where it takes words."""
    match failure:
        case UndefinedStatusCode(defined_status_codes=documented):
            return f"one of the documented statuses, {', '.join(documented)}", ""
        case UndefinedContentType(defined_content_types=media_types) | MissingContentType(media_types=media_types):
            return f"Content-Type: {' or '.join(media_types)}", ""
        case JsonSchemaError(instance_path=path, validation_message=message):
            where = "".join(f"/{each}" for each in path) or "the body"
            # The reader says in words what a validator, of one among several schemas, cannot.
            wrong = "; ".join(_read(exchange).complaints) or f"{where}: {message}"
            return "a body as documented", wrong
        case _:
            return f"a body as documented ({failure.title})", ""
