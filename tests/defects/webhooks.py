"""Defects in webhooks: what they say, how often and when they come."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from defects.toolkit import Defect, Document, Plant, inside, override, per_world, writing
from defects.wsgi import asking
from eachlabs_mock.app import Application
from eachlabs_mock.core.clock import MILLIS, Instant
from eachlabs_mock.core.prediction import Prediction, Status
from eachlabs_mock.emulator.outbox import PendingAttempt
from eachlabs_mock.emulator.world import World
from eachlabs_mock.webhooks.egress import Outcome

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication


def _expecting(change: Callable[[World, Prediction], Prediction]) -> Plant:
    """The webhook of a prediction goes out as though the prediction were what *change* makes of it."""

    def tamper(application: Application) -> None:
        expect = application.dispatcher.expect
        override(application.dispatcher, expect=lambda world, prediction: expect(world, change(world, prediction)))

    return inside(tamper)


def _reads_success(said: Document) -> Document:
    return {**said, "status": "success"} if said["status"] == "succeeded" else said


def _other_id(said: Document) -> Document:
    return {**said, "exec_id": f"00000000{said['exec_id'][8:]}"}


def _null_error(said: Document) -> Document:
    return {**said, "error": said["error"] or None}


def _twice(application: Application) -> None:
    send = application.dispatcher._send

    def faulty(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Outcome:
        send(url, body, headers, seconds)
        return send(url, body, headers, seconds)

    override(application.dispatcher, _send=faulty)


def _not_on_failure(_world: World, prediction: Prediction) -> Prediction:
    return prediction._replace(webhook_url="") if prediction.plan.steps[-1][1] is Status.ERROR else prediction


def _a_second_early(application: Application) -> None:
    put = application.dispatcher._put

    def faulty(world: World, at: Instant, due: PendingAttempt) -> None:
        put(world, max(at - MILLIS, due.prediction.created_at), due)

    override(application.dispatcher, _put=faulty)


def _sticky(application: Application) -> "WSGIApplication":
    latest = per_world()

    def change(world: World, prediction: Prediction) -> Prediction:
        if prediction.webhook_url:
            latest[world] = prediction.webhook_url
        return prediction._replace(webhook_url=latest.get(world, ""))

    return _expecting(change)(application)


def _empty_is_no_url(document: Document) -> Document:
    return {**document, "webhook_url": " "} if document.get("webhook_url") == "" else document


DEFECTS = (
    Defect("W01", "webhooks.success", "the webhook of a success says success", writing(_reads_success)),
    Defect("W02", "webhooks.once", "every webhook comes twice", inside(_twice)),
    Defect("W03", "webhooks.none-wanted", "an empty webhook_url is refused", asking(_empty_is_no_url)),
    Defect("W04", "webhooks.once", "a failure sends no webhook", _expecting(_not_on_failure)),
    Defect("W05", "webhooks.success", "exec_id is an id of its own", writing(_other_id)),
    Defect("W07", "webhooks.success", "error is null on success", writing(_null_error)),
    Defect("W08", "webhooks.at-the-end", "the webhook comes a second before the end", inside(_a_second_early)),
    Defect("W12", "webhooks.none-wanted", "the latest webhook_url goes for all that follow", _sticky),
)
