"""Checks of what goes in: creates that Schemathesis makes of the schema are taken, those that it breaks are refused.

`fuzzing` is imported where it is used: it imports Schemathesis, which takes half a second and which a list of claims
does not need.
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
    "Every create that fits the documented schema is accepted.",
    source='page, "Create a Prediction" and "Input Parameters"',
    executions=FEW,
    minimum=FEW,
)
def valid_data_accepted(session: Session) -> None:
    """Sends the creates that Schemathesis derives from each keyword of the schema, and random ones; takes 200 only."""
    from eachlabs_contract.checks.openapi.fuzzing import GOOD, Fuzzer, send  # noqa: PLC0415  # see the top

    described = accepting_document(session.model)
    good = create_validator(described)
    cases = Fuzzer(described, session.seed).of(CREATE_OPERATION, GOOD, times(session, 60))
    for case in cases:
        _write_integers_so(case, session.model)
    for case in some(session, [each for each in cases if good.is_valid(each.body)], least=40):
        exchange = send(session, case)
        expected = f"200, since this create fits the schema of {session.model.slug}"
        session.promise(exchange.status == OK, expected, exchange)


@check(
    "shape.invalid-data-refused",
    "Every create that breaks the documented schema is refused, with 400 and nothing else.",
    source='page, "Input Parameters", and "Error Handling": 400, invalid input parameters',
    executions=FEW,
    minimum=FEW,
)
def invalid_data_refused(session: Session) -> None:
    """Sends creates that Schemathesis breaks on purpose, keyword by keyword and at random; takes 400 only.

    Where the model itself is wrong 404 will do.
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


def _write_integers_so(case: "Case", model: Model) -> None:
    # 28.0 is an integer to JSON Schema; a server whose language disagrees is not wrong.
    body: Any = case.body
    given = body["input"]
    for name, value in given.items():
        if model.parameters[name].get("type") == "integer" and isinstance(value, float):
            given[name] = int(value)


def _wrong(lawful: Any, case: "Case") -> str:  # noqa: ANN401  # a validator, whose module says nothing of types
    """Return what is wrong with *case*, in words; empty: nothing that every server must mind."""
    try:
        body = json.loads(case.body if isinstance(case.body, bytes) else json.dumps(case.body))
    except TypeError:  # no body at all
        return ""
    except ValueError:
        return "the body is no JSON"
    error = next(lawful.iter_errors(body), None)
    return f"{'.'.join(map(str, error.instance_path)) or 'the body'}: {error.message}" if error else ""


CHECKS: Final = (valid_data_accepted, invalid_data_refused)
