"""Checks of what a server does where the page is silent about HTTP, and of the one thing that it must not do there."""

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
"""Bytes: more than a create can need, and little enough to be read to the end by a server that refuses it."""


def _good(session: Session) -> dict[str, object]:
    return {"model": session.model.slug, "input": session.model.plain_input()}


def _told(exchange: Exchange) -> str:
    return str(exchange.status) if exchange.answer else "not at all"


def _wrong_methods(session: Session) -> Iterator[Exchange]:
    yield from (session.call(method, "/prediction/") for method in ("GET", "PUT", "DELETE", "PATCH"))
    yield from (session.call(method, f"/prediction/{UNKNOWN_ID}") for method in ("PUT", "DELETE", "PATCH"))


def _typed(session: Session, content_type: str | None) -> Exchange:
    headers: Headers = () if content_type is None else (("Content-Type", content_type),)
    return session.post(_good(session), headers=headers)


def _side_roads(session: Session) -> Iterator[Exchange]:
    """Go through everything at the edge of the documented routes, paying for as little as can be."""
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
    "No request for a prediction is redirected, and none beside the documented routes is a failure of the server.",
    source="RFC 9110, 15.4: a client may turn a redirected POST into a GET, so that a create would be lost",
    level=Level.SHOULD,
    minimum=15,
)
def never_redirects(session: Session) -> None:
    """Sends requests with slashes more and less, other methods, unknown routes, other types and a query."""
    for exchange in _side_roads(session):
        holds = not 300 <= exchange.status < 400 and exchange.status < 500
        session.promise(holds, "an answer or a refusal, and neither a redirect nor a 5xx", exchange)


@check(
    "envelope.json-charset",
    "A create whose Content-Type names UTF-8 is as good as one that names no charset.",
    source='page, "Create a Prediction": Content-Type: application/json; RFC 9110, 8.3.1 lets parameters follow',
    level=Level.SHOULD,
    executions=2,
    minimum=2,
)
def json_charset(session: Session) -> None:
    """Creates with `application/json; charset=utf-8`, and with the type in capitals."""
    for said in ("application/json; charset=utf-8", "Application/JSON"):
        exchange = _typed(session, said)
        session.promise(exchange.status == 200, f"200, since {said} is JSON", exchange)


@check(
    "envelope.accept",
    "Answers are JSON whatever the request would rather have.",
    source='page, "Response Format" and "Error Response"',
    level=Level.SHOULD,
    executions=1,
    minimum=2,
)
def accept(session: Session) -> None:
    """Creates, and has a create refused, as a browser would: with Accept: text/html."""
    headers = (JSON, ("Accept", "text/html,*/*;q=0.1"))
    taken, refused = (session.post(body, headers=headers) for body in (_good(session), {}))
    for exchange, read in ((taken, page.created), (refused, page.refusal)):
        complaints = read(exchange.document).complaints
        session.promise(not complaints, "the documented JSON", exchange, got="; ".join(complaints))


@check("envelope.slashes", "Whether slashes at the end matter.", source=SILENT, level=Level.CHOICE, executions=2)
def slashes(session: Session) -> None:
    """Creates without the last slash, and reads with one."""
    prediction_id = session.created()
    create = session.call("POST", "/prediction", headers=(JSON,), body=json.dumps(_good(session)).encode())
    read = session.read(f"{prediction_id}/")
    session.observe(f"a POST without the slash is answered {_told(create)}, a read with one {_told(read)}", read)


@check("envelope.wrong-method", "How a wrong method is answered.", source=SILENT, level=Level.CHOICE)
def wrong_method(session: Session) -> None:
    """Sends GET, PUT, DELETE and PATCH where they mean nothing."""
    for exchange in _wrong_methods(session):
        session.observe(f"{exchange.request.method} is answered {_told(exchange)}", exchange)


@check(
    "envelope.large-body", "How a body over a megabyte is answered.", source=SILENT, level=Level.CHOICE, executions=1
)
def large_body(session: Session) -> None:
    """Sends a create with a prompt of 1.2 million letters."""
    exchange = session.post({**_good(session), "note": "a" * LARGE})
    session.observe(f"a body of {LARGE:,} bytes is answered {_told(exchange)}", exchange)


@check(
    "envelope.wrong-type",
    "Which Content-Types a create may have.",
    source="the page names application/json and is silent about others",
    level=Level.CHOICE,
    executions=3,
)
def wrong_type(session: Session) -> None:
    """Sends a good body as plain text, as a form, and as nothing in particular."""
    for said in ("text/plain", "application/x-www-form-urlencoded", None):
        exchange = _typed(session, said)
        session.observe(f"{said or 'no type'} is answered {_told(exchange)}", exchange)


@check("envelope.request-id", "Whether answers carry X-Request-Id.", source=SILENT, level=Level.CHOICE)
def request_id(session: Session) -> None:
    """Reads an unknown prediction twice, once with an X-Request-Id of its own."""
    plain, named = (
        session.call("GET", f"/prediction/{UNKNOWN_ID}", headers=headers)
        for headers in ((), (("X-Request-Id", "abc"),))
    )
    ids = [each.answer.header("X-Request-Id") if each.answer else None for each in (plain, named)]
    echoed = ", and echo the caller's" if ids[1] == "abc" else ""
    session.observe(f"answers carry X-Request-Id{echoed}" if ids[0] else "answers carry no X-Request-Id", plain, named)


@check(
    "envelope.extra-fields",
    "Which fields answers have beside the documented ones.",
    source=SILENT,
    level=Level.CHOICE,
    executions=1,
)
def extra_fields(session: Session) -> None:
    """Creates, reads while it runs and at its end, and has a read refused; lists what the page does not name."""
    create = session.create()
    prediction_id = page.created(create.document).prediction_id
    reads = session.read(prediction_id), session.finish(prediction_id)
    refusal = page.refusal(session.read(UNKNOWN_ID).document)
    every = (page.created(create.document), *(page.prediction(each.document) for each in reads), refusal)
    extra = sorted({name for seen in every for name in seen.extra})
    session.observe(
        f"beside the documented fields there are {', '.join(extra)}" if extra else "none beside the documented ones",
        create,
    )


CHECKS = (
    never_redirects,
    json_charset,
    accept,
    slashes,
    wrong_method,
    large_body,
    wrong_type,
    request_id,
    extra_fields,
)
