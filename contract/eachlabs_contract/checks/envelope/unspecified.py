"""Checks of how a server uses HTTP where the page is silent: redirects, types, methods, slashes and headers."""

import json
from collections.abc import Iterator
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange, Headers
from eachlabs_contract.spec import Level, page
from eachlabs_contract.targets import UNKNOWN_ID

SILENT: Final = "the page is silent"
JSON: Final = ("Content-Type", "application/json")
LARGE: Final = 1_200_000
"""Bytes: more than a create needs, and few enough for a server to read to the end before it refuses."""


def _good(session: Session) -> dict[str, object]:
    return {"model": session.model.slug, "input": session.model.plain_input()}


def _status(exchange: Exchange) -> str:
    return str(exchange.status) if exchange.answer else "not at all"


def _wrong_methods(session: Session) -> Iterator[Exchange]:
    yield from (session.call(method, "/prediction/") for method in ("GET", "PUT", "DELETE", "PATCH"))
    yield from (session.call(method, f"/prediction/{UNKNOWN_ID}") for method in ("PUT", "DELETE", "PATCH"))


def _typed(session: Session, content_type: str | None) -> Exchange:
    headers: Headers = () if content_type is None else (("Content-Type", content_type),)
    return session.post(_good(session), headers=headers)


def _edge_requests(session: Session) -> Iterator[Exchange]:
    """Yield requests at the edge of the documented routes that cost as little as possible."""
    yield session.call("POST", "/prediction", headers=(JSON,), body=b"{}")
    yield session.call("POST", "/prediction//", headers=(JSON,), body=b"{}")
    yield session.call("GET", f"/prediction/{UNKNOWN_ID}/")
    yield session.call("GET", f"/prediction//{UNKNOWN_ID}")
    yield session.call("GET", f"/prediction/{UNKNOWN_ID}?now=1")
    yield session.call("GET", "/prediction")
    yield session.call("GET", "/no-such-route")
    yield session.call("HEAD", f"/prediction/{UNKNOWN_ID}")
    yield session.call("OPTIONS", "/prediction/")
    yield session.call("GET", f"/prediction/{UNKNOWN_ID}", headers=(("Accept", "text/html"),))
    yield session.post(b"{}", headers=(("Content-Type", "text/plain"),))
    yield session.post(b"{}", headers=(("Content-Type", "application/json; charset=latin-1"),))
    yield session.post(b"{}", headers=())
    yield from _wrong_methods(session)


@check(
    "envelope.never-redirects",
    "No request near the documented routes is redirected or causes a server error.",
    source="RFC 9110, 15.4: a client may turn a redirected POST into a GET, which would lose a create",
    level=Level.SHOULD,
    minimum=15,
)
def never_redirects(session: Session) -> None:
    """Sends requests with extra or missing slashes, other methods, unknown routes, other types and a query."""
    for exchange in _edge_requests(session):
        holds = not 300 <= exchange.status < 400 and exchange.status < 500
        session.promise(holds, "no redirect and no 5xx", exchange)


@check(
    "envelope.json-charset",
    "A create whose Content-Type names the charset UTF-8 is accepted.",
    source='page, "Create a Prediction": Content-Type: application/json; RFC 9110, 8.3.1: parameters may follow',
    level=Level.SHOULD,
    executions=2,
    minimum=2,
)
def json_charset(session: Session) -> None:
    """Sends creates with `application/json; charset=utf-8` and with `Application/JSON`."""
    for content_type in ("application/json; charset=utf-8", "Application/JSON"):
        exchange = _typed(session, content_type)
        session.promise(exchange.status == 200, f"200, since {content_type} is JSON", exchange)


@check(
    "envelope.accept",
    "Answers are JSON, whatever the Accept header asks for.",
    source='page, "Response Format" and "Error Response"',
    level=Level.SHOULD,
    executions=1,
    minimum=2,
)
def accept(session: Session) -> None:
    """Sends a valid and an invalid create with Accept: text/html, as a browser does."""
    headers = (JSON, ("Accept", "text/html,*/*;q=0.1"))
    valid, invalid = (session.post(body, headers=headers) for body in (_good(session), {}))
    for exchange, read in ((valid, page.created), (invalid, page.refusal)):
        complaints = read(exchange.document).complaints
        session.promise(not complaints, "the documented JSON", exchange, got="; ".join(complaints))


@check(
    "envelope.slashes",
    "The server chooses whether trailing slashes matter.",
    source=SILENT,
    level=Level.CHOICE,
    executions=2,
)
def slashes(session: Session) -> None:
    """Sends a create without the trailing slash, and a read with one."""
    prediction_id = session.created()
    create = session.call("POST", "/prediction", headers=(JSON,), body=json.dumps(_good(session)).encode())
    read = session.read(f"{prediction_id}/")
    session.observe(f"a POST without the slash is answered {_status(create)}, a read with one {_status(read)}", read)


@check("envelope.wrong-method", "The server chooses how it answers a wrong method.", source=SILENT, level=Level.CHOICE)
def wrong_method(session: Session) -> None:
    """Sends GET, PUT, DELETE and PATCH to routes that do not have them."""
    for exchange in _wrong_methods(session):
        session.observe(f"{exchange.request.method} is answered {_status(exchange)}", exchange)


@check(
    "envelope.large-body",
    "The server chooses how it answers a body over 1 MB.",
    source=SILENT,
    level=Level.CHOICE,
    executions=1,
)
def large_body(session: Session) -> None:
    """Sends a create with an extra field of 1.2 million letters."""
    exchange = session.post({**_good(session), "note": "a" * LARGE})
    session.observe(f"a body of {LARGE:,} bytes is answered {_status(exchange)}", exchange)


@check(
    "envelope.wrong-type",
    "The server chooses which other Content-Types of a create it accepts.",
    source="the page names application/json and is silent about others",
    level=Level.CHOICE,
    executions=3,
)
def wrong_type(session: Session) -> None:
    """Sends a valid body as plain text, as a form, and without a Content-Type."""
    for content_type in ("text/plain", "application/x-www-form-urlencoded", None):
        exchange = _typed(session, content_type)
        session.observe(f"{content_type or 'no type'} is answered {_status(exchange)}", exchange)


@check(
    "envelope.request-id",
    "The server chooses whether its answers carry X-Request-Id.",
    source=SILENT,
    level=Level.CHOICE,
)
def request_id(session: Session) -> None:
    """Reads an unknown prediction twice, once with an X-Request-Id of its own."""
    plain, named = (
        session.call("GET", f"/prediction/{UNKNOWN_ID}", headers=headers)
        for headers in ((), (("X-Request-Id", "abc"),))
    )
    ids = [read.answer.header("X-Request-Id") if read.answer else None for read in (plain, named)]
    echoed = ", and echo the caller's" if ids[1] == "abc" else ""
    session.observe(f"answers carry X-Request-Id{echoed}" if ids[0] else "answers carry no X-Request-Id", plain, named)


@check(
    "envelope.extra-fields",
    "The server chooses which undocumented fields its answers have.",
    source=SILENT,
    level=Level.CHOICE,
    executions=1,
)
def extra_fields(session: Session) -> None:
    """Lists the undocumented fields of a create, of reads of a running and an ended prediction, and of a refusal."""
    create = session.create()
    prediction_id = page.created(create.document).prediction_id
    reads = session.read(prediction_id), session.finish(prediction_id)
    refusal = page.refusal(session.read(UNKNOWN_ID).document)
    bodies = (page.created(create.document), *(page.prediction(read.document) for read in reads), refusal)
    extra = sorted({name for body in bodies for name in body.extra})
    session.observe(f"undocumented fields: {', '.join(extra) or 'none'}", create)


CHECKS = (
    never_redirects, json_charset, accept, slashes, wrong_method, large_body, wrong_type, request_id, extra_fields,
)  # fmt: skip
