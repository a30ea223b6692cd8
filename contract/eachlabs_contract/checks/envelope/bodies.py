"""Checks of the body of a create: JSON, an object, with a model and an input."""

import json
from collections.abc import Iterator
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level

BAD: Final = 'page, "Error Handling": 400, a bad request'
REQUEST: Final = 'page, "Create a Prediction", Request Body'
DEEP: Final = 100_000

NO_JSON: Final = (
    ("an opening brace", b"{"),
    ("a word", b"prompt"),
    ("single quotes", b"{'model': 'x', 'input': {}}"),
    ("a form", b"model=x&input=y"),
    ("markup", b"<model>x</model>"),
    ("blanks", b" \r\n\t"),
)
NO_OBJECT: Final = (b"[]", b"[1]", b"1", b"1.5", b'"text"', b"true", b"false", b"null", b"[{}]", b'""', b"0")
NO_TEXT: Final[tuple[object, ...]] = (None, 1, 0, 1.5, True, False, [], ["text"], {})
NO_MAPPING: Final[tuple[object, ...]] = (None, "text", "", "{}", 1, 0, True, False, [], [{}])
NO_URL: Final = ("not an address", "/hook", "example.com/hook", "ftp://127.0.0.1/hook")
NO_HOST: Final = ("http:///hook", "http://127.0.0.1:port/hook", "http://127.0.0.1:99999/hook", "http://[::1/hook")
NO_ADDRESS: Final[tuple[object, ...]] = (1, 0, True, False, [], {}, *NO_URL, *NO_HOST)


def _good(session: Session) -> dict[str, object]:
    return {"model": session.model.slug, "input": session.model.plain_input()}


def _bytes(document: object, *, ascii_only: bool = False, indent: int | None = None) -> bytes:
    return json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()


def _bad(session: Session, exchange: Exchange, why: str) -> None:
    session.promise(exchange.status == 400, f"400, since {why}", exchange)


def _malformed(good: bytes) -> Iterator[tuple[str, bytes]]:
    yield from NO_JSON
    yield "a body that breaks off in the middle", good[: len(good) // 2]
    yield "a body without its last brace", good[:-1]
    yield "a body with one brace too many", good + b"}"
    yield "two bodies", good + good
    yield "a comma after the last field", good[:-1] + b",}"
    yield "a comment", b"/* create */" + good
    yield "bytes that are not UTF-8", good[:-1] + b', "note": "\xff\xfe\xc3"}'


def _odd(good: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield bodies that some JSON readers accept and others refuse."""

    def beside(value: bytes) -> bytes:
        return good[:-1] + b', "note": ' + value + b"}"

    yield "a byte order mark", b"\xef\xbb\xbf" + good
    yield "UTF-16", good.decode().encode("utf-16")
    yield "NaN", beside(b"NaN")
    yield "Infinity", beside(b"-Infinity")
    yield "a number with 400 digits", beside(b"9" * 400)
    yield "a number with 10,000 digits", beside(b"9" * 10_000)
    yield "1e400", beside(b"1e400")
    yield "half a surrogate pair", beside(b'"\\ud83d"')
    yield "an escaped NUL", beside(b'"a\\u0000b"')
    yield "a duplicate field", good[:-1] + b', "model": ' + json.dumps(json.loads(good)["model"]).encode() + b"}"
    yield "65 nested lists", beside(b"[" * 65 + b"]" * 65)
    yield f"{DEEP:,} nested lists", beside(b"[" * DEEP + b"]" * DEEP)
    yield f"{DEEP:,} lists without an end", b"[" * DEEP
    yield f"{DEEP:,} nested objects", b'{"a":' * DEEP + b"1" + b"}" * DEEP


@check("envelope.malformed-json", "A body that is not JSON is answered 400.", source=BAD, minimum=10)
def malformed_json(session: Session) -> None:
    """Sends words, forms, and a valid body with a part cut off, doubled or inserted."""
    for label, body in _malformed(_bytes(_good(session))):
        _bad(session, session.post(body), f"{label} is not JSON")


@check("envelope.empty-body", "A create without a body is answered 400.", source=BAD)
def empty_body(session: Session) -> None:
    """Sends a create with an empty body."""
    _bad(session, session.post(b""), "the body is empty")


@check("envelope.no-object", "A JSON body that is not an object is answered 400.", source=BAD, minimum=len(NO_OBJECT))
def no_object(session: Session) -> None:
    """Sends lists, numbers, strings, booleans and null."""
    for body in NO_OBJECT:
        _bad(session, session.post(body), f"{body.decode()} is not an object")


@check(
    "envelope.odd-json",
    "Unusual JSON is accepted or refused, and never causes a server error.",
    source='page, "Error Handling": 400, a bad request; 500, a server error',
    level=Level.SHOULD,
    executions=11,
    minimum=14,
)
def odd_json(session: Session) -> None:
    """Sends a byte order mark, UTF-16, NaN, huge numbers, half a surrogate pair, duplicate fields and deep nesting."""
    for label, body in _odd(_bytes(_good(session))):
        exchange = session.post(body)
        expected = f"400, or 200 where the server can read it: {label}"
        session.promise(exchange.status in {200, 400, 413}, expected, exchange)


@check(
    "envelope.odd-json-taken",
    "The server chooses which unusual JSON it accepts.",
    source="the page is silent; RFC 8259 leaves some of it open",
    level=Level.CHOICE,
    executions=11,
)
def odd_json_taken(session: Session) -> None:
    """Sends the bodies of envelope.odd-json and reports which ones are accepted."""
    for label, body in _odd(_bytes(_good(session))):
        exchange = session.post(body)
        if exchange.status == 200:
            session.observe(f"{label} is accepted", exchange)
    session.observe("the rest is refused")


@check(
    "envelope.json-spellings",
    "A valid create is accepted however its JSON is written.",
    source=f"{REQUEST}; RFC 8259: whitespace, escapes and the order of fields have no meaning",
    executions=4,
    minimum=4,
)
def json_spellings(session: Session) -> None:
    """Sends a valid body with its fields reversed, indented, with escapes, and with whitespace around it."""
    good = _good(session)
    spellings = (
        ("its fields in another order", _bytes(dict(reversed(good.items())))),
        ("indentation", _bytes(good, indent=4)),
        ("escaped letters", _bytes(good).replace(b'"model"', b'"\\u006dodel"')),
        ("whitespace around it", b"\r\n\t " + _bytes(good) + b" \n"),
    )
    for how, body in spellings:
        exchange = session.post(body)
        session.promise(exchange.status == 200, f"200, since a valid create with {how} is the same create", exchange)


@check(
    "envelope.model-field",
    "A create whose model is missing or not a string is answered 400.",
    source=REQUEST,
    minimum=2,
)
def model_field(session: Session) -> None:
    """Leaves `model` out, and replaces it by null, numbers, booleans, lists and objects."""
    good = _good(session)
    _bad(session, session.post({"input": good["input"]}), "`model` is missing")
    for value in NO_TEXT:
        _bad(session, session.post({**good, "model": value}), f"`model` must be a string, not {json.dumps(value)}")


@check(
    "envelope.input-field",
    "A create whose input is missing or not an object is answered 400.",
    source=REQUEST,
    minimum=2,
)
def input_field(session: Session) -> None:
    """Leaves `input` out, and replaces it by null, strings, numbers, booleans and lists."""
    good = _good(session)
    if session.model.required:
        _bad(session, session.post({"model": good["model"]}), "`input` is missing")
    for value in NO_MAPPING:
        _bad(session, session.post({**good, "input": value}), f"`input` must be an object, not {json.dumps(value)}")


@check("envelope.unknown-model", "A create with an unknown model is refused.", source=f"{REQUEST}; {BAD}", minimum=4)
def unknown_model(session: Session) -> None:
    """Names unknown models: an invented one, a slug with a suffix, a slug without its last letter, and an empty one."""
    slug = session.model.slug
    for model in ("no-such-model", f"{slug}-no-such", slug[:-1], ""):
        exchange = session.post({**_good(session), "model": model})
        session.promise(exchange.status in {400, 404}, f"404 or 400, since there is no model {model!r}", exchange)


@check(
    "envelope.unknown-model-status",
    "The server chooses 400 or 404 for an unknown model.",
    source='the page is silent: "Error Handling" names 400 only',
    level=Level.CHOICE,
)
def unknown_model_status(session: Session) -> None:
    """Names an unknown model."""
    exchange = session.post({**_good(session), "model": "no-such-model"})
    session.observe(f"an unknown model is answered {exchange.status}", exchange)


@check(
    "envelope.webhook-url",
    "A create whose webhook_url is not an absolute URL is answered 400.",
    source='page, "Webhooks (Optional)": a webhook URL',
    level=Level.SHOULD,
    minimum=len(NO_ADDRESS),
)
def webhook_url(session: Session) -> None:
    """Sends numbers, lists, words, a relative path, and URLs without a host or with an impossible port."""
    for value in NO_ADDRESS:
        exchange = session.post({**_good(session), "webhook_url": value})
        _bad(session, exchange, f"`webhook_url` must be an absolute URL, not {json.dumps(value)}")


@check(
    "envelope.unknown-fields",
    "The server chooses whether it ignores fields other than model, input and webhook_url.",
    source=f"the page is silent: {REQUEST} names three fields",
    level=Level.CHOICE,
    executions=2,
)
def unknown_fields(session: Session) -> None:
    """Sends a valid create with an unknown field, and one whose webhook_url is null."""
    extra, null = (session.post({**_good(session), **field}) for field in ({"note": 1}, {"webhook_url": None}))
    session.observe(f"an unknown field is answered {extra.status}, webhook_url null {null.status}", extra, null)


CHECKS = (
    malformed_json, empty_body, no_object, odd_json, odd_json_taken, json_spellings, model_field, input_field,
    unknown_model, unknown_model_status, webhook_url, unknown_fields,
)  # fmt: skip
