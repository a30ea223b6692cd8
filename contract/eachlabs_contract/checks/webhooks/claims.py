"""Checks of webhooks: their content, time and number; `addresses` has the rest of the group."""

from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import TICK, Session
from eachlabs_contract.checks.webhooks import addresses
from eachlabs_contract.checks.webhooks.support import arrived_at, first_at, promise_nothing, promise_one
from eachlabs_contract.history import Delivery
from eachlabs_contract.spec import Level, Status, page
from eachlabs_contract.targets import SECONDS, Need
from eachlabs_contract.verdict import InconclusiveError

HOUR: Final = 3600
PAGE: Final = 'page, "Webhooks (Optional)"'
FORMAT: Final = 'page, "Webhook Response Format"'
PAYLOAD: Final = "the five documented fields of a webhook"


def _ended(session: Session, *, failed: bool) -> tuple[str, Delivery]:
    """Create a prediction, wait for its end, and return its id and its webhook."""
    session.fail_next() if failed else None
    hook = session.hook()
    prediction_id = session.created(webhook_url=hook)
    body = page.prediction(session.finish(prediction_id).document)
    if body.status is not (Status.ERROR if failed else Status.SUCCESS):
        raise InconclusiveError("the prediction did not end as it was told to; another claim covers that")
    return prediction_id, first_at(session, hook)


@check(
    "webhooks.success",
    "The webhook of a success has the five documented fields with the documented values.",
    source=FORMAT,
    needs=(Need.RECEIVER,),
    executions=1,
)
def success(session: Session) -> None:
    """Makes a prediction succeed and checks its webhook field by field; `output` must be that of a read."""
    prediction_id, delivery = _ended(session, failed=False)
    body = page.webhook(delivery.document)

    session.promise(not body.complaints, PAYLOAD, delivery, got="; ".join(body.complaints))
    session.promise(body.status is Status.SUCCESS, "`status` 'succeeded', since the prediction has succeeded", delivery)
    session.promise(body.prediction_id == prediction_id, f"`exec_id` {prediction_id!r}, the predictionID", delivery)
    exchange = session.read(prediction_id)
    output = page.prediction(exchange.document).output
    session.promise(body.output == output, f"`output` {output!r}, as in the read before it", exchange, delivery)


@check(
    "webhooks.failure",
    "The webhook of a failure has the five documented fields with the documented values.",
    source=FORMAT,
    needs=(Need.FAILURE, Need.RECEIVER),
)
def failure(session: Session) -> None:
    """Makes a prediction fail and checks its webhook: `failed`, a text in `error`, an empty `output`."""
    prediction_id, delivery = _ended(session, failed=True)
    body = page.webhook(delivery.document)

    session.promise(not body.complaints, PAYLOAD, delivery, got="; ".join(body.complaints))
    session.promise(body.status is Status.ERROR, "`status` 'failed', since the prediction has failed", delivery)
    session.promise(body.prediction_id == prediction_id, f"`exec_id` {prediction_id!r}, the predictionID", delivery)


@check(
    "webhooks.request",
    "A webhook is a POST request with a JSON body.",
    source=PAGE + ": a POST request",
    needs=(Need.RECEIVER,),
    executions=1,
)
def request(session: Session) -> None:
    """Makes a prediction succeed and checks the method and the Content-Type of its webhook."""
    _, delivery = _ended(session, failed=False)
    content = next((value for name, value in delivery.request.headers if name.lower() == "content-type"), "")

    method = delivery.request.method
    session.promise(method == "POST", "POST", delivery, got=method)
    expected = "Content-Type: application/json, since the body is JSON"
    session.promise(content.partition(";")[0].strip() == "application/json", expected, delivery, got=content or "none")


@check(
    "webhooks.once",
    "Exactly one webhook is sent for each prediction, whether it succeeds or fails.",
    source=PAGE,
    needs=(Need.CLOCK, Need.FAILURE, Need.RECEIVER),
)
def once(session: Session) -> None:
    """Makes one prediction succeed and one fail; counts webhooks at the end, after reads, and hours later."""
    session.fail_next()
    hooks = (session.hook(), session.hook())
    ids = {hook: session.created(webhook_url=hook) for hook in hooks}

    for when, seconds in (
        ("at the end", SECONDS),
        ("after reads", 1),
        ("an hour later", HOUR),
        ("a day later", 24 * HOUR),
    ):
        session.advance(seconds)
        for hook, prediction_id in ids.items():
            promise_one(session, hook, prediction_id, when)
            session.read(prediction_id)


@check(
    "webhooks.at-the-end",
    "A webhook is sent when its prediction ends and not before, even without a read.",
    source=PAGE + ": when complete",
    needs=(Need.CLOCK, Need.FAILURE, Need.RECEIVER),
)
def at_the_end(session: Session) -> None:
    """Looks for the webhook at several ages up to a millisecond before the end, and at the end, without any read."""
    for failing in (False, True):
        session.begin()
        session.fail_next() if failing else None
        hook = session.hook()
        prediction_id = session.created(webhook_url=hook)
        for seconds in (0, 1, SECONDS - 2, 1 - TICK):
            session.advance(seconds)
            promise_nothing(session, "the prediction has not ended")
        session.advance(TICK)
        promise_one(session, hook, prediction_id, f"{SECONDS} s after the create, at the end of the prediction")


@check(
    "webhooks.after-read",
    "No webhook is sent while a read still shows the prediction running.",
    source=PAGE + ": when complete",
    needs=(Need.RECEIVER,),
    executions=1,
)
def after_read(session: Session) -> None:
    """Reads a prediction at several ages; while it is running, no webhook may have arrived."""
    hook = session.hook()
    prediction_id = session.created(webhook_url=hook)
    for seconds in (0, SECONDS / 2, SECONDS / 2 - 1, 1 - TICK, TICK):
        session.advance(seconds)
        arrived = arrived_at(session, hook)
        exchange = session.read(prediction_id)
        runs = page.prediction(exchange.document).status is Status.PROCESSING
        session.promise(not (runs and arrived), "no webhook yet, since a read shows it running", exchange, *arrived)


@check(
    "webhooks.attempts",
    "The server chooses how often it retries a webhook that is answered 500.",
    source="the page is silent",
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def attempts(session: Session) -> None:
    """Answers a webhook with 500 and counts its attempts within an hour."""
    hook = session.hook(500)
    session.created(webhook_url=hook)
    session.advance(SECONDS)
    session.advance(HOUR)
    session.observe(f"attempts within an hour: {len(arrived_at(session, hook))}")


@check(
    "webhooks.extra-fields",
    "The server chooses which undocumented fields a webhook has.",
    source="the page is silent",
    level=Level.CHOICE,
    needs=(Need.RECEIVER,),
    executions=1,
)
def extra_fields(session: Session) -> None:
    """Makes a prediction succeed and lists the fields of its webhook."""
    _, delivery = _ended(session, failed=False)
    extra = page.webhook(delivery.document).extra
    session.observe(f"also {', '.join(extra)}" if extra else "none", delivery)


CHECKS = (success, failure, request, once, at_the_end, after_read, attempts, extra_fields, *addresses.CHECKS)
