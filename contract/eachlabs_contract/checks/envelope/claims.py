"""Checks of the bodies of answers; `keys`, `identifiers`, `bodies` and `unspecified` have the rest of the group."""

import json
from collections.abc import Iterator
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.envelope import bodies, identifiers, keys, unspecified
from eachlabs_contract.checks.envelope.identifiers import unknown_ids
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import Level, page
from eachlabs_contract.targets import NOBODY, Need

ERRORS: Final = 'page, "Error Response" and "Error Handling"'
CREATED: Final = 'page, "Create Prediction Response"'


def _refused_creates(session: Session) -> Iterator[tuple[str, Exchange]]:
    good: dict[str, object] = {"model": session.model.slug, "input": session.model.plain_input()}
    yield "no key was sent", session.post(good, caller=NOBODY)
    yield "the body is not JSON", session.post(b"{")
    yield "the body is empty", session.post(b"")
    yield "the body is not an object", session.post([])
    yield "the model is missing", session.post({"input": good["input"]})
    yield "the model is a number", session.post({**good, "model": 1})
    yield "the model is unknown", session.post({**good, "model": "no-such-model"})
    yield "the input is missing", session.post({"model": good["model"]})
    yield "the input is a string", session.post({**good, "input": "text"})
    yield "a required parameter is null", session.create(**dict.fromkeys(session.model.required))


def _refusals(session: Session) -> Iterator[tuple[str, Exchange]]:
    """Yield the answer to each kind of bad request that costs nothing, with the reason why it must be refused."""
    (unknown,) = unknown_ids(session.seed, 1)
    yield from _refused_creates(session)
    yield "no key was sent", session.read(unknown, caller=NOBODY)
    yield "the prediction is unknown", session.read(unknown)


@check(
    "envelope.created-body",
    "The answer to a create has status, message and predictionID, and neither output nor metrics.",
    source=CREATED,
    executions=2,
    minimum=2,
)
def created_body(session: Session) -> None:
    """Creates with the shortest body, and with an empty webhook_url as in the page's samples."""
    for hook in (None, ""):
        exchange = session.create(webhook_url=hook)
        complaints = page.created(exchange.document).complaints
        expected = "200 with status success, message Prediction created successfully, and a predictionID"
        session.promise(exchange.status == 200 and not complaints, expected, exchange, got="; ".join(complaints) or "")


@check(
    "envelope.error-body",
    "Every refusal is a JSON object with status error, a message and details.",
    source=ERRORS,
    minimum=8,
)
def error_body(session: Session) -> None:
    """Sends creates and reads that must be refused, of every kind that costs nothing, and checks the bodies."""
    for why, exchange in _refusals(session):
        if 400 <= exchange.status < 500:
            complaints = "; ".join(page.refusal(exchange.document).complaints)
            expected = f"status error, a message and details, since {why}"
            session.promise(not complaints, expected, exchange, got=f"{exchange.status}: {complaints}")


@check(
    "envelope.error-texts",
    "The message and the details of a refusal are not empty.",
    source=f"{ERRORS}: a description, and additional details",
    level=Level.SHOULD,
    minimum=8,
)
def error_texts(session: Session) -> None:
    """Sends creates and reads that must be refused, of every kind that costs nothing, and looks for empty texts."""
    for why, exchange in _refusals(session):
        if 400 <= exchange.status < 500:
            doubts = "; ".join(page.refusal(exchange.document).doubts)
            expected = f"a message and details that are not empty, since {why}"
            session.promise(not doubts, expected, exchange, got=f"{exchange.status}: {doubts}")


@check(
    "envelope.content-type",
    "Every answer about predictions has a JSON Content-Type.",
    source='page, "Response Format": JSON; RFC 9110, 8.3: Content-Type names the media type',
    level=Level.SHOULD,
    executions=1,
    minimum=8,
)
def content_type(session: Session) -> None:
    """Checks Content-Type of a create, of reads of a running and an ended prediction, and of refusals of every kind."""
    answers = [exchange for _, exchange in _refusals(session)]
    prediction_id = session.created()
    answers += [session.create(), session.read(prediction_id), session.finish(prediction_id)]
    for exchange in answers:
        if exchange.answer and exchange.status < 500:
            header = exchange.answer.header("Content-Type") or ""
            kind = header.partition(";")[0].strip().lower()
            holds = kind == "application/json" or kind.endswith("+json")
            session.promise(holds, "Content-Type application/json", exchange, got=f"{exchange.status} with {header!r}")


@check(
    "envelope.refused-creates-nothing",
    "A refused create makes no prediction, so its webhook never comes.",
    source=f"{ERRORS}: a refused request does nothing",
    needs=(Need.CLOCK, Need.RECEIVER),
    executions=1,
)
def refused_creates_nothing(session: Session) -> None:
    """Sends invalid creates with a webhook each, and a valid one; lets a minute pass and counts the webhooks."""
    bad: tuple[dict[str, object], ...] = ({"input": {}}, {"model": "no-such-model"}, {"model": 1}, {"input": []})
    good = {"model": session.model.slug, "input": session.model.plain_input()}
    refused = [session.post({**good, **fault, "webhook_url": session.hook()}) for fault in bad]
    prediction_id = session.created(webhook_url=session.hook())
    session.advance(60)

    refusals = {
        json.loads(exchange.request.body)["webhook_url"]: exchange
        for exchange in refused
        if 400 <= exchange.status < 500
    }
    for delivery in session.deliveries():
        create = next((refusal for url, refusal in refusals.items() if url.endswith(delivery.path)), None)
        evidence = [create] if create else []
        expected = f"one webhook, about {prediction_id}, since all other creates were refused"
        session.promise(not create, expected, *evidence, delivery)


CHECKS = (
    *keys.CHECKS, *identifiers.CHECKS, created_body, error_body, error_texts, content_type, refused_creates_nothing,
    *bodies.CHECKS, *unspecified.CHECKS,
)  # fmt: skip
