"""Checks of access: keys, methods, and the routes that the page does not name.

`fuzzing` is imported where it is used: it imports Schemathesis, which takes half a second, and a list of claims does
not need it.
"""

from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import CREATE_OPERATION, READ_OPERATION, Level, accepting_document, published_document
from eachlabs_contract.targets import NOBODY, UNKNOWN_ID, Need, stranger

UNAUTHORIZED: Final = 401
NO_SUCH_METHOD: Final = frozenset({400, 404, 405, 501})
UNKNOWN: Final = f"/prediction/{UNKNOWN_ID}"


@check(
    "shape.keys",
    "Every request without a valid key is answered 401.",
    source='page, "Authentication", and "Error Handling": 401, invalid API key',
    needs=(Need.BAD_KEY,),
    minimum=20,
)
def keys(session: Session) -> None:
    """Sends valid and invalid creates, and reads, without a key and with one that must be refused."""
    from eachlabs_contract.checks.openapi.fuzzing import BAD, GOOD, Fuzzer, send  # noqa: PLC0415  # see the top

    fuzzer = Fuzzer(accepting_document(session.model), session.seed)
    cases = [case for mode in (GOOD, BAD) for case in fuzzer.random(CREATE_OPERATION, mode, 12)]
    cases += fuzzer.random(READ_OPERATION, GOOD, 6)
    refused = stranger(session.target.bad_key or "")
    for case in cases:
        for caller, fault in ((NOBODY, "no key was sent"), (refused, "the key is invalid")):
            exchange = send(session, case, caller)
            session.promise(exchange.status == UNAUTHORIZED, f"401, since {fault}", exchange)


@check(
    "shape.methods",
    "A method that a route does not support is refused.",
    source="HTTP: RFC 9110, 15.5.6; the page names POST for creates and GET for reads",
    level=Level.SHOULD,
    minimum=4,
)
def methods(session: Session) -> None:
    """Sends PUT, PATCH and DELETE to both routes, and POST to that of a read; accepts 405, 404, 400 and 501."""
    requests = [(method, path) for method in ("PUT", "PATCH", "DELETE") for path in ("/prediction/", UNKNOWN)]
    for method, path in [*requests, ("POST", UNKNOWN)]:
        exchange = session.call(method, path)
        expected = f"405 or 404, since {path} does not support {method}"
        session.promise(exchange.status in NO_SUCH_METHOD, expected, exchange)


@check(
    "shape.other-routes",
    "The server chooses how it answers on routes that the page does not name.",
    source="the page names only the routes of predictions",
    level=Level.CHOICE,
)
def other_routes(session: Session) -> None:
    """Requests the models, one model, the documentation and the OpenAPI document without a key."""
    from eachlabs_contract.checks.openapi.fuzzing import GOOD, Fuzzer, complaint, send  # noqa: PLC0415  # see the top

    published = published_document()
    fuzzer = Fuzzer({**published, "servers": [], "security": []}, session.seed)
    for name in ("listModels", "getModel", "readDocs", "readContract"):
        case = next(fuzzer.systematic(name, GOOD))
        exchange = send(session, case, NOBODY)
        expected, _ = complaint(session, case, exchange)
        as_documented = "unlike the emulator's document" if expected else "as in the emulator's document"
        session.observe(f"{case.method} {case.formatted_path} is answered {exchange.status}, {as_documented}", exchange)


CHECKS: Final = (keys, methods, other_routes)
