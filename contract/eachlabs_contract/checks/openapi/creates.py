"""Checks of creates that Schemathesis makes from the schema: valid ones are accepted, and invalid ones refused.

`fuzzing` is imported where it is used: it imports Schemathesis, which takes half a second, and a list of claims does
not need it.
"""

import json
from typing import TYPE_CHECKING, Any, Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.openapi.support import FEW, some, times
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import BAD_REQUEST, OK
from eachlabs_contract.spec import (
    CREATE_OPERATION,
    Model,
    accepting_document,
    create_validator,
    judging_document,
    refusing_document,
)

if TYPE_CHECKING:
    from eachlabs_contract.checks.openapi.fuzzing import Case

NOT_FOUND: Final = 404


@check(
    "shape.valid-data-accepted",
    "Every create that matches the documented schema is accepted.",
    source='page, "Create a Prediction" and "Input Parameters"',
    executions=FEW,
    minimum=FEW,
)
def valid_data_accepted(session: Session) -> None:
    """Sends valid creates that Schemathesis derives from each keyword of the schema, and random ones; expects 200."""
    from eachlabs_contract.checks.openapi.fuzzing import GOOD, Fuzzer, send  # noqa: PLC0415  # see the top

    document = accepting_document(session.model)
    good = create_validator(document)
    cases = Fuzzer(document, session.seed).of(CREATE_OPERATION, GOOD, times(session, 60))
    for case in cases:
        _write_integers(case, session.model)
    for case in some(session, [case for case in cases if good.is_valid(case.body)], least=40):
        exchange = send(session, case)
        expected = f"200, since this create matches the schema of {session.model.slug}"
        session.promise(exchange.status == OK, expected, exchange)


@check(
    "shape.invalid-data-refused",
    "Every create that violates the documented schema is answered 400.",
    source='page, "Input Parameters", and "Error Handling": 400, invalid input parameters',
    executions=FEW,
    minimum=FEW,
)
def invalid_data_refused(session: Session) -> None:
    """Sends invalid creates that Schemathesis derives from each keyword of the schema, and random ones; expects 400.

    If the model itself is wrong, 404 is accepted too.
    """
    from eachlabs_contract.checks.openapi.fuzzing import BAD, Fuzzer, send  # noqa: PLC0415  # see the top

    lawful = create_validator(refusing_document(session.model))
    cases = Fuzzer(judging_document(session.model), session.seed).of(CREATE_OPERATION, BAD, times(session, 60))
    faults = [(case, wrong) for case in cases if (wrong := _wrong(lawful, case))]
    for case, wrong in some(session, faults, least=60):
        exchange = send(session, case)
        foreign = isinstance(case.body, dict) and case.body.get("model") != session.model.slug
        allowed = {BAD_REQUEST, NOT_FOUND} if foreign else {BAD_REQUEST}
        expected = f"{' or '.join(map(str, sorted(allowed)))}, since {wrong}"
        session.promise(exchange.status in allowed, expected, exchange)


def _write_integers(case: "Case", model: Model) -> None:
    # JSON Schema counts 28.0 as an integer; a server may disagree.
    body: Any = case.body
    values = body["input"]
    for name, value in values.items():
        if model.parameters[name].get("type") == "integer" and isinstance(value, float):
            values[name] = int(value)


def _wrong(lawful: Any, case: "Case") -> str:  # noqa: ANN401  # a validator without published types
    """Return what is wrong with *case*, in words; empty where some server may accept it."""
    try:
        body = json.loads(case.body if isinstance(case.body, bytes) else json.dumps(case.body))
    except TypeError:  # no body at all
        return ""
    except ValueError:
        return "the body is not JSON"
    error = next(lawful.iter_errors(body), None)
    return f"{'.'.join(map(str, error.instance_path)) or 'the body'}: {error.message}" if error else ""


CHECKS: Final = (valid_data_accepted, invalid_data_refused)
