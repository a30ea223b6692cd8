"""Checks of who asks, how, and for what: keys, methods, and the routes that the page does not name.

`fuzzing` is imported where it is used: it imports Schemathesis, which takes half a second and which a list of claims
does not need.
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
    "Whatever is asked, without a good key the answer is 401.",
    source='page, "Authentication", and "Error Handling": 401, invalid API key',
    needs=(Need.BAD_KEY,),
    minimum=20,
)
def keys(session: Session) -> None:
    """Sends good and bad creates and reads of good and bad ids, without a key and with one that must be refused."""
    from eachlabs_contract.checks.openapi.fuzzing import BAD, GOOD, Fuzzer, send  # noqa: PLC0415  # see the top

    fuzzer = Fuzzer(accepting_document(session.model), session.seed)
    asked = [case for mode in (GOOD, BAD) for case in fuzzer.random(CREATE_OPERATION, mode, 12)]
    asked += fuzzer.random(READ_OPERATION, GOOD, 6)
    refused = stranger(session.target.bad_key or "")
    for case in asked:
        for caller, fault in ((NOBODY, "no key was sent"), (refused, "the key is not a good one")):
            exchange = send(session, case, caller)
            session.promise(exchange.status == UNAUTHORIZED, f"401, since {fault}", exchange)


@check(
    "shape.methods",
    "A method that a route does not have is refused.",
    source="HTTP: RFC 9110, 15.5.6; the page has POST for creates and GET for reads",
    level=Level.SHOULD,
    minimum=4,
)
def methods(session: Session) -> None:
    """Sends PUT, PATCH and DELETE to both routes, and POST to that of a read; takes 405 and 404, and 501."""
    asked = [(method, path) for method in ("PUT", "PATCH", "DELETE") for path in ("/prediction/", UNKNOWN)]
    for method, path in [*asked, ("POST", UNKNOWN)]:
        exchange = session.call(method, path)
        expected = f"405 or 404, since {path} does not answer {method}"
        session.promise(exchange.status in NO_SUCH_METHOD, expected, exchange)


@check(
    "shape.other-routes",
    "What a server answers on the routes that the page does not name is its own choice.",
    source="the page names none but those of predictions",
    level=Level.CHOICE,
)
def other_routes(session: Session) -> None:
    """Asks for the models, one model, the documentation and the OpenAPI document, all without a key."""
    from eachlabs_contract.checks.openapi.fuzzing import GOOD, Fuzzer, complaint, send  # noqa: PLC0415  # see the top

    published = published_document()
    fuzzer = Fuzzer({**published, "servers": [], "security": []}, session.seed)
    for name in ("listModels", "getModel", "readDocs", "readContract"):
        case = next(fuzzer.systematic(name, GOOD))
        exchange = send(session, case, NOBODY)
        expected, _ = complaint(session, case, exchange)
        as_documented = "otherwise" if expected else "as the emulator's document has it"
        session.observe(f"{case.method} {case.formatted_path} is answered {exchange.status}, {as_documented}", exchange)


CHECKS: Final = (keys, methods, other_routes)
