"""Checks of API keys: who is let in, and to whose predictions."""

import json
from collections.abc import Iterator
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level
from eachlabs_contract.targets import NOBODY, UNKNOWN_ID, Caller, Need, stranger
from eachlabs_contract.verdict import InconclusiveError

PAGE: Final = 'page, "Authentication" and "Error Handling": 401 is an invalid API key'


def _good(session: Session) -> dict[str, object]:
    return {"model": session.model.slug, "input": session.model.plain_input()}


def _calls(session: Session, caller: Caller) -> Iterator[Exchange]:
    yield session.post(_good(session), caller=caller)
    yield session.read(UNKNOWN_ID, caller=caller)


def _with_key(session: Session, key: str) -> Caller:
    """Return a caller that shows *key* the way the owner shows its own."""
    return stranger(key, header=session.owner.headers[0][0])


def _bad(session: Session) -> Caller:
    if session.target.bad_key is None:
        raise InconclusiveError("no key is known that is surely refused")
    return _with_key(session, session.target.bad_key)


def _unauthorized(session: Session, exchange: Exchange, why: str) -> None:
    session.promise(exchange.status == 401, f"401, since {why}", exchange)


@check("envelope.missing-key", "A request without a key is answered 401.", source=PAGE, minimum=2)
def missing_key(session: Session) -> None:
    """Sends a create and a read without any key."""
    for exchange in _calls(session, NOBODY):
        _unauthorized(session, exchange, "no key was sent")


@check("envelope.empty-key", "An empty key is answered 401, as no key is.", source=PAGE, minimum=2)
def empty_key(session: Session) -> None:
    """Sends a create and a read with the key's header, and nothing in it."""
    for exchange in _calls(session, _with_key(session, "")):
        _unauthorized(session, exchange, "the key is empty")


@check("envelope.bad-key", "A key that is not valid is answered 401.", source=PAGE, needs=(Need.BAD_KEY,), minimum=2)
def bad_key(session: Session) -> None:
    """Sends a create and a read with a key that was named as bad."""
    for exchange in _calls(session, _bad(session)):
        _unauthorized(session, exchange, "the key is not valid")


@check(
    "envelope.key-guards-predictions",
    "A prediction that exists is read by nobody without a key.",
    source=PAGE,
    executions=1,
    minimum=2,
)
def key_guards_predictions(session: Session) -> None:
    """Creates a prediction and reads it without a key and with a bad one, while it runs and when it has ended."""
    callers = [NOBODY, *([_bad(session)] if session.target.bad_key else [])]
    prediction_id = session.created()

    for _ in range(2):
        for caller in callers:
            exchange = session.read(prediction_id, caller=caller)
            _unauthorized(session, exchange, "no valid key was sent, whatever is known of the prediction")
        session.finish(prediction_id)


@check(
    "envelope.key-before-body",
    "Without a valid key the answer is 401, whatever is wrong with the request besides.",
    source=f"{PAGE}; to say more tells a stranger what is known here",
    level=Level.SHOULD,
    minimum=6,
)
def key_before_body(session: Session) -> None:
    """Sends, without a key and with a bad one, creates with a bad input, an unknown model, and no JSON at all."""
    good = _good(session)
    bodies = (
        ("the input is empty", json.dumps({**good, "input": {}}).encode()),
        ("the input is a list", json.dumps({**good, "input": []}).encode()),
        ("the model is unknown", json.dumps({**good, "model": "no-such-model"}).encode()),
        ("the body is a list", b"[]"),
        ("the body is no JSON", b"{"),
        ("the body is empty", b""),
    )
    for caller in [NOBODY, *([_bad(session)] if session.target.bad_key else [])]:
        for fault, body in bodies:
            _unauthorized(
                session, session.post(body, caller=caller), f"no valid key was sent; that {fault} matters less"
            )


@check(
    "envelope.other-key",
    "A prediction is shown to no other key than the one that created it.",
    source="page, \"Authentication\": a key stands for a customer, and a customer's results are nobody else's",
    level=Level.SHOULD,
    needs=(Need.SECOND_KEY,),
    executions=1,
    minimum=2,
)
def other_key(session: Session) -> None:
    """Creates a prediction and reads it with a second key, while it runs and when it has ended."""
    prediction_id = session.created()

    for _ in range(2):
        exchange = session.read(prediction_id, caller=session.second)
        expected = "404 (400 would do), since another key created the prediction"
        session.promise(exchange.status in {400, 403, 404}, expected, exchange)
        session.finish(prediction_id)


@check(
    "envelope.header-case",
    "The key's header is known however its name is capitalized.",
    source="RFC 9110, 5.1: field names are case-insensitive",
    level=Level.SHOULD,
    minimum=2,
)
def header_case(session: Session) -> None:
    """Reads an unknown prediction with the header's name in lower and in upper case: that is 404 or 400, and no 401."""
    for spell in (str.lower, str.upper):
        headers = tuple((spell(name), value) for name, value in session.owner.headers)
        exchange = session.read(UNKNOWN_ID, caller=Caller("owner", headers, session.owner.control))
        session.promise(exchange.status in {400, 404}, "404 (400 would do), since the key is good", exchange)


@check(
    "envelope.bearer",
    "Whether a key is also taken from the header Authorization.",
    source='the page is silent: "Authentication" names X-API-Key',
    level=Level.CHOICE,
)
def bearer(session: Session) -> None:
    """Reads an unknown prediction with the key as a bearer token."""
    headers = (("Authorization", f"Bearer {session.owner.headers[0][1]}"),)
    exchange = session.read(UNKNOWN_ID, caller=Caller("owner", headers, session.owner.control))
    session.observe(f"a bearer token is {'refused' if exchange.status == 401 else 'as good'}", exchange)


CHECKS = (
    missing_key,
    empty_key,
    bad_key,
    key_guards_predictions,
    key_before_body,
    other_key,
    header_case,
    bearer,
)
