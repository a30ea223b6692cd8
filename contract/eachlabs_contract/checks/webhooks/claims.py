"""Checks of webhooks: what is sent, when and how often; `addresses` has the rest of the group."""

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
PAYLOAD: Final = "the five fields of a webhook, as documented"


def _ended(session: Session, *, failed: bool) -> tuple[str, Delivery]:
    """Let a prediction end and return what a read shows of its output, and its webhook."""
    session.fail_next() if failed else None
    hook = session.hook()
    prediction_id = session.created(webhook_url=hook)
    seen = page.prediction(session.finish(prediction_id).document)
    if seen.status is not (Status.ERROR if failed else Status.SUCCESS):
        raise InconclusiveError("the prediction does not end as it was told to, which another claim is about")
    return prediction_id, first_at(session, hook)


@check(
    "webhooks.success",
    "The webhook of a success has the five fields of the page, literally.",
    source=FORMAT,
    needs=(Need.RECEIVER,),
    executions=1,
)
def success(session: Session) -> None:
    """Lets a prediction succeed and reads its webhook field by field; `output` must be what a read shows."""
    prediction_id, delivery = _ended(session, failed=False)
    seen = page.webhook(delivery.document)

    session.promise(not seen.complaints, PAYLOAD, delivery, got="; ".join(seen.complaints))
    session.promise(seen.status is Status.SUCCESS, "`status` 'succeeded', since the prediction has succeeded", delivery)
    session.promise(seen.prediction_id == prediction_id, f"`exec_id` {prediction_id!r}, the predictionID", delivery)
    exchange = session.read(prediction_id)
    output = page.prediction(exchange.document).output
    session.promise(seen.output == output, f"`output` {output!r}, as the read before it shows", exchange, delivery)


@check(
    "webhooks.failure",
    "The webhook of a failure has the five fields of the page, literally.",
    source=FORMAT,
    needs=(Need.FAILURE, Need.RECEIVER),
)
def failure(session: Session) -> None:
    """Lets a prediction fail and reads its webhook field by field: `failed`, a text in `error`, an empty `output`."""
    prediction_id, delivery = _ended(session, failed=True)
    seen = page.webhook(delivery.document)

    session.promise(not seen.complaints, PAYLOAD, delivery, got="; ".join(seen.complaints))
    session.promise(seen.status is Status.ERROR, "`status` 'failed', since the prediction has failed", delivery)
    session.promise(seen.prediction_id == prediction_id, f"`exec_id` {prediction_id!r}, the predictionID", delivery)


@check(
    "webhooks.request",
    "A webhook is a POST of JSON.",
    source=PAGE + ": a POST request",
    needs=(Need.RECEIVER,),
    executions=1,
)
def request(session: Session) -> None:
    """Lets a prediction succeed and looks at the method and the content type of its webhook."""
    _, delivery = _ended(session, failed=False)
    content = next((value for name, value in delivery.request.headers if name.lower() == "content-type"), "")

    method = delivery.request.method
    session.promise(method == "POST", "POST", delivery, got=method)
    expected = "Content-Type: application/json, since the payload is JSON"
    session.promise(content.partition(";")[0].strip() == "application/json", expected, delivery, got=content or "none")


@check(
    "webhooks.once",
    "A webhook is sent exactly once for each prediction, ended well or badly.",
    source=PAGE,
    needs=(Need.CLOCK, Need.FAILURE, Need.RECEIVER),
)
def once(session: Session) -> None:
    """Lets one prediction succeed and one fail, counts at once, after reads, and hours later."""
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
    "A webhook is sent when its prediction ends, not before, and though nobody asks.",
    source=PAGE + ": when complete",
    needs=(Need.CLOCK, Need.FAILURE, Need.RECEIVER),
)
def at_the_end(session: Session) -> None:
    """Looks for the webhook at several ages up to the millisecond before the end, and at the end, without any read."""
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
    "No webhook is sent for a prediction that a read still shows as running.",
    source=PAGE + ": when complete",
    needs=(Need.RECEIVER,),
    executions=1,
)
def after_read(session: Session) -> None:
    """Reads a prediction at several ages; as long as that shows it running, no webhook may have arrived."""
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
    "How often a webhook is tried whose receiver answers 500.",
    source="the page is silent",
    level=Level.CHOICE,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def attempts(session: Session) -> None:
    """Answers a webhook with 500 and counts what arrives within an hour."""
    hook = session.hook(500)
    session.created(webhook_url=hook)
    session.advance(SECONDS)
    session.advance(HOUR)
    session.observe(f"{len(arrived_at(session, hook))} within an hour")


@check(
    "webhooks.extra-fields",
    "Which fields a webhook has beside those of the page.",
    source="the page is silent",
    level=Level.CHOICE,
    needs=(Need.RECEIVER,),
    executions=1,
)
def extra_fields(session: Session) -> None:
    """Lets a prediction succeed and lists the names in its webhook."""
    _, delivery = _ended(session, failed=False)
    extra = page.webhook(delivery.document).extra
    session.observe(f"also {', '.join(extra)}" if extra else "none", delivery)


CHECKS = (
    success,
    failure,
    request,
    once,
    at_the_end,
    after_read,
    attempts,
    extra_fields,
    *addresses.CHECKS,
)
