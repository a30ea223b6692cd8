"""Checks of where webhooks go: to the URL of their own prediction, and nowhere else."""

from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.checks.webhooks.support import arrived_at, path_of, promise_nothing, promise_one
from eachlabs_contract.spec import Level, Status, page
from eachlabs_contract.targets import LIMITS, NOBODY, SECONDS, Need
from eachlabs_contract.verdict import InconclusiveError

HOUR: Final = 3600
PAGE: Final = 'page, "Webhooks (Optional)"'


@check(
    "webhooks.none-wanted",
    "No webhook is sent when webhook_url is missing or empty.",
    source=PAGE + '; "Create a Prediction": webhook_url ""',
    needs=(Need.CLOCK, Need.RECEIVER),
)
def none_wanted(session: Session) -> None:
    """After a prediction with a URL, creates one with an empty URL and one without; waits an hour.

    An empty webhook_url must be accepted: the page's own samples send it.
    """
    hook = session.hook()
    first = session.created(webhook_url=hook)
    exchange = session.insist(lambda: session.create(webhook_url=""))
    session.promise(exchange.status == 200, "200, since an empty webhook_url asks for no webhook", exchange)
    session.created()
    session.advance(HOUR)

    promise_one(session, hook, first, "for the one prediction with a URL, and none for the two without")
    others = [delivery for delivery in session.deliveries() if delivery.path != path_of(hook)]
    session.promise(not others, "no webhook for the predictions without a URL", *others[:1])


@check(
    "webhooks.own-address",
    "Each webhook goes to the URL of its own prediction.",
    source=PAGE,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def own_address(session: Session) -> None:
    """Creates five predictions at different moments, each with its own URL, and lets them end."""
    ids = {}
    for _ in range(5):
        hook = session.hook()
        ids[hook] = session.created(webhook_url=hook)
        session.advance(1)
    session.advance(SECONDS)

    for hook, prediction_id in ids.items():
        promise_one(session, hook, prediction_id, "at the URL of this prediction")


@check(
    "webhooks.other-caller",
    "A key's webhooks report its own predictions, whatever other keys create.",
    source=PAGE,
    needs=(Need.CLOCK, Need.RECEIVER, Need.SECOND_KEY),
)
def other_caller(session: Session) -> None:
    """Creates a prediction for each of two keys, with its own URL, and lets both end."""
    ids = {}
    for caller in (session.owner, session.second):
        hook = session.hook()
        ids[hook] = session.created(caller=caller, webhook_url=hook)
    session.advance(SECONDS)

    for hook, prediction_id in ids.items():
        promise_one(session, hook, prediction_id, "for this caller's prediction")


@check(
    "webhooks.address-verbatim",
    "A webhook is sent to exactly the URL in its create, with path and query.",
    source=PAGE + ": when your webhook URL is called",
    needs=(Need.RECEIVER,),
    executions=1,
)
def address_verbatim(session: Session) -> None:
    """Asks for a webhook at a URL with an escaped blank in the path and with two parameters."""
    hook = session.hook() + "/a%20b?token=x%26y&n=1"
    prediction_id = session.created(webhook_url=hook)
    session.finish(prediction_id)

    arrived = session.deliveries(1)
    got = ", ".join(delivery.path for delivery in arrived) or "no webhook"
    session.promise(path_of(hook) in got.split(", "), f"a webhook at {path_of(hook)}", *arrived, got=got)


@check(
    "webhooks.https-address",
    "An https URL is accepted for webhooks.",
    source=PAGE + ": the example is an https URL",
    level=Level.SHOULD,
    executions=1,
)
def https_address(session: Session) -> None:
    """Asks for a webhook at an https URL whose host cannot exist (RFC 2606), so that none can be sent."""
    exchange = session.insist(lambda: session.create(webhook_url="https://contract-harness.invalid/webhook"))
    session.promise(exchange.status == 200, "200, since webhooks may go to https URLs", exchange)


@check(
    "webhooks.same-address",
    "Predictions with the same webhook_url get one webhook each.",
    source=PAGE,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def same_address(session: Session) -> None:
    """Creates ten predictions with one URL at one instant: ten webhooks arrive, one for each id."""
    hook = session.hook()
    ids = sorted(session.created(webhook_url=hook) for _ in range(10))
    session.advance(SECONDS)

    arrived = arrived_at(session, hook)
    reported = sorted(page.webhook(delivery.document).prediction_id for delivery in arrived)
    expected = "one webhook for each of the ten predictions that have just ended"
    got = f"{len(reported)} webhooks about {len(set(reported) & set(ids))} of them"
    session.promise(reported == ids, expected, *arrived[-1:], got=got)


@check(
    "webhooks.refused-create",
    "A refused create never causes a webhook.",
    source=PAGE + ' and "Error Handling"',
    needs=(Need.CLOCK, Need.LIMITS, Need.RECEIVER),
    settings=LIMITS,
)
def refused_create(session: Session) -> None:
    """Sends creates with a URL that are refused for their input, model or key, by the cap and by the rate limit."""
    good = {"model": session.model.slug, "input": session.model.plain_input(), "webhook_url": session.hook()}
    refused = [
        session.post({**good, "input": {}}),
        session.post({**good, "model": "no-such-model"}),
        session.post(good, caller=NOBODY),
    ]
    first = session.created()
    for _ in range(9):
        session.created()
    refused.append(session.post(good))
    for _ in range(100):
        session.read(first)
    refused.append(session.post(good))
    if any(exchange.status == 200 for exchange in refused):
        raise InconclusiveError("a create was accepted that should be refused; another claim covers that")
    session.advance(HOUR)
    promise_nothing(session, "every create with a URL was refused")


@check(
    "webhooks.failing-receiver",
    "A prediction ends the same way whatever the receiver of its webhook answers.",
    source='page, "Get Prediction Response (Success)"',
    needs=(Need.CLOCK, Need.RECEIVER),
)
def failing_receiver(session: Session) -> None:
    """Answers webhooks with errors and redirects; the predictions must still succeed."""
    ids = {status: session.created(webhook_url=session.hook(status)) for status in (400, 404, 500, 503, 301, 307)}
    session.advance(SECONDS)

    for status, prediction_id in ids.items():
        exchange = session.read(prediction_id)
        body = page.prediction(exchange.document)
        holds = body.status is Status.SUCCESS and not body.complaints
        session.promise(holds, f"a success, although the receiver of its webhook answered {status}", exchange)


@check(
    "webhooks.redirect",
    "A redirect from a webhook's receiver is not followed.",
    source="a redirect would send the result to a URL that no create named",
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def redirect(session: Session) -> None:
    """Answers webhooks with 301, 302, 307 and 308; no request may arrive at the target of a redirect."""
    hooks = [session.hook(status) for status in (301, 302, 307, 308)]
    for hook in hooks:
        session.created(webhook_url=hook)
    session.advance(HOUR)

    arrived = session.deliveries()
    if not {delivery.path for delivery in arrived} & set(map(path_of, hooks)):
        raise InconclusiveError("no webhook arrived; another claim covers that")
    followed = [delivery for delivery in arrived if delivery.path not in set(map(path_of, hooks))]
    session.promise(not followed, "no request to the target of the redirect", *(followed[:1] or arrived[-1:]))


@check(
    "webhooks.null-address",
    "The server chooses how it treats a webhook_url of null.",
    source="the page is silent",
    level=Level.CHOICE,
    needs=(Need.RECEIVER,),
    executions=1,
)
def null_address(session: Session) -> None:
    """Sends a create whose webhook_url is null."""
    document = {"model": session.model.slug, "input": session.model.plain_input(), "webhook_url": None}
    exchange = session.post(document)
    session.observe("accepted" if exchange.status == 200 else f"refused: {exchange.status}", exchange)


CHECKS = (
    none_wanted, own_address, other_caller, address_verbatim, https_address, same_address, refused_create,
    failing_receiver, redirect, null_address,
)  # fmt: skip
