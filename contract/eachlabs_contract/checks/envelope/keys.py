"""Checks of API keys: which keys are accepted, and for which predictions."""

import json
from collections.abc import Iterator
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level
from eachlabs_contract.targets import NOBODY, UNKNOWN_ID, Caller, Need, stranger
from eachlabs_contract.verdict import InconclusiveError

PAGE: Final = 'page, "Authentication" and "Error Handling": 401, an invalid API key'


def _good(session: Session) -> dict[str, object]:
    return {"model": session.model.slug, "input": session.model.plain_input()}


def _calls(session: Session, caller: Caller) -> Iterator[Exchange]:
    yield session.post(_good(session), caller=caller)
    yield session.read(UNKNOWN_ID, caller=caller)


def _with_key(session: Session, key: str) -> Caller:
    """Return a caller that sends *key* in the same header as the owner."""
    return stranger(key, header=session.owner.headers[0][0])


def _bad(session: Session) -> Caller:
    if session.target.bad_key is None:
        raise InconclusiveError("no invalid key is known")
    return _with_key(session, session.target.bad_key)


def _unauthorized(session: Session, exchange: Exchange, why: str) -> None:
    session.promise(exchange.status == 401, f"401, since {why}", exchange)


@check("envelope.missing-key", "A request without a key is answered 401.", source=PAGE, minimum=2)
def missing_key(session: Session) -> None:
    """Sends a create and a read without any key."""
    for exchange in _calls(session, NOBODY):
        _unauthorized(session, exchange, "no key was sent")


@check("envelope.empty-key", "A request with an empty key is answered 401.", source=PAGE, minimum=2)
def empty_key(session: Session) -> None:
    """Sends a create and a read with an empty key header."""
    for exchange in _calls(session, _with_key(session, "")):
        _unauthorized(session, exchange, "the key is empty")


@check(
    "envelope.bad-key", "A request with an invalid key is answered 401.", source=PAGE, needs=(Need.BAD_KEY,), minimum=2
)
def bad_key(session: Session) -> None:
    """Sends a create and a read with a key that is known to be invalid."""
    for exchange in _calls(session, _bad(session)):
        _unauthorized(session, exchange, "the key is invalid")


@check(
    "envelope.key-guards-predictions",
    "An existing prediction cannot be read without a valid key.",
    source=PAGE,
    executions=1,
    minimum=2,
)
def key_guards_predictions(session: Session) -> None:
    """Creates a prediction and reads it without a key and with an invalid one, while it runs and after its end."""
    callers = [NOBODY, *([_bad(session)] if session.target.bad_key else [])]
    prediction_id = session.created()

    for _ in range(2):
        for caller in callers:
            exchange = session.read(prediction_id, caller=caller)
            _unauthorized(session, exchange, "no valid key was sent, though the prediction exists")
        session.finish(prediction_id)


@check(
    "envelope.key-before-body",
    "A request without a valid key is answered 401, even if its body is invalid too.",
    source=f"{PAGE}; another answer would reveal what the server knows",
    level=Level.SHOULD,
    minimum=6,
)
def key_before_body(session: Session) -> None:
    """Sends creates with an invalid input, an unknown model or no JSON, without a key and with an invalid one."""
    good = _good(session)
    bodies = (
        ("the input is empty", json.dumps({**good, "input": {}}).encode()),
        ("the input is a list", json.dumps({**good, "input": []}).encode()),
        ("the model is unknown", json.dumps({**good, "model": "no-such-model"}).encode()),
        ("the body is a list", b"[]"),
        ("the body is not JSON", b"{"),
        ("the body is empty", b""),
    )
    for caller in [NOBODY, *([_bad(session)] if session.target.bad_key else [])]:
        for fault, body in bodies:
            _unauthorized(session, session.post(body, caller=caller), f"no valid key was sent, although {fault} too")


@check(
    "envelope.other-key",
    "A prediction can only be read with the key that created it.",
    source='page, "Authentication": a key stands for one customer, whose results are private',
    level=Level.SHOULD,
    needs=(Need.SECOND_KEY,),
    executions=1,
    minimum=2,
)
def other_key(session: Session) -> None:
    """Creates a prediction and reads it with a second key, while it runs and after its end."""
    prediction_id = session.created()

    for _ in range(2):
        exchange = session.read(prediction_id, caller=session.second)
        expected = "404 or 400, since another key created the prediction"
        session.promise(exchange.status in {400, 403, 404}, expected, exchange)
        session.finish(prediction_id)


@check(
    "envelope.header-case",
    "The name of the key header is case-insensitive.",
    source="RFC 9110, 5.1: field names are case-insensitive",
    level=Level.SHOULD,
    minimum=2,
)
def header_case(session: Session) -> None:
    """Reads an unknown prediction with the header name in lower and in upper case: 404 or 400, and not 401."""
    for spell in (str.lower, str.upper):
        headers = tuple((spell(name), value) for name, value in session.owner.headers)
        exchange = session.read(UNKNOWN_ID, caller=Caller("owner", headers, session.owner.control))
        session.promise(exchange.status in {400, 404}, "404 or 400, since the key is valid", exchange)


@check(
    "envelope.bearer",
    "The server chooses whether it accepts a key in the Authorization header.",
    source='the page is silent: "Authentication" names X-API-Key',
    level=Level.CHOICE,
)
def bearer(session: Session) -> None:
    """Reads an unknown prediction with the key as a bearer token."""
    headers = (("Authorization", f"Bearer {session.owner.headers[0][1]}"),)
    exchange = session.read(UNKNOWN_ID, caller=Caller("owner", headers, session.owner.control))
    session.observe(f"a bearer token is {'refused' if exchange.status == 401 else 'accepted'}", exchange)


CHECKS = (missing_key, empty_key, bad_key, key_guards_predictions, key_before_body, other_key, header_case, bearer)
