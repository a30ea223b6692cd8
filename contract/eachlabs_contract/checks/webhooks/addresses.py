"""Checks of where webhooks go: to the address of their own prediction, and nowhere else."""

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
    "Without a webhook_url, or with an empty one, nothing is sent.",
    source=PAGE + '; "Create a Prediction": webhook_url ""',
    needs=(Need.CLOCK, Need.RECEIVER),
)
def none_wanted(session: Session) -> None:
    """After a prediction with an address, creates one with an empty address and one with none; waits an hour.

    An empty address must be taken: the page's own samples send it.
    """
    hook = session.hook()
    first = session.created(webhook_url=hook)
    exchange = session.insist(lambda: session.create(webhook_url=""))
    session.promise(exchange.status == 200, "200, since an empty webhook_url means that none is wanted", exchange)
    session.created()
    session.advance(HOUR)

    promise_one(session, hook, first, "for the one prediction with an address, and none for the two without")
    strangers = [each for each in session.deliveries() if each.path != path_of(hook)]
    session.promise(not strangers, "no webhook for the predictions without an address", *strangers[:1])


@check(
    "webhooks.own-address",
    "Each prediction's webhook goes to that prediction's own address.",
    source=PAGE,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def own_address(session: Session) -> None:
    """Creates five predictions at different moments, each with an address of its own, and lets all end."""
    ids = {}
    for _ in range(5):
        hook = session.hook()
        ids[hook] = session.created(webhook_url=hook)
        session.advance(1)
    session.advance(SECONDS)

    for hook, prediction_id in ids.items():
        promise_one(session, hook, prediction_id, "at the address of this prediction")


@check(
    "webhooks.other-caller",
    "A webhook tells of its own caller's prediction, whoever else asks for some.",
    source=PAGE,
    needs=(Need.CLOCK, Need.RECEIVER, Need.SECOND_KEY),
)
def other_caller(session: Session) -> None:
    """Creates a prediction for each of two keys, with an address each, and lets both end."""
    ids = {}
    for caller in (session.owner, session.second):
        hook = session.hook()
        ids[hook] = session.created(caller=caller, webhook_url=hook)
    session.advance(SECONDS)

    for hook, prediction_id in ids.items():
        promise_one(session, hook, prediction_id, "for this caller's prediction")


@check(
    "webhooks.address-verbatim",
    "A webhook is sent to its address as it was given, path and query included.",
    source=PAGE + ": when your webhook URL is called",
    needs=(Need.RECEIVER,),
    executions=1,
)
def address_verbatim(session: Session) -> None:
    """Asks for a webhook at an address with an escaped blank in the path and with two parameters."""
    hook = session.hook() + "/a%20b?token=x%26y&n=1"
    prediction_id = session.created(webhook_url=hook)
    session.finish(prediction_id)

    arrived = session.deliveries(1)
    got = ", ".join(each.path for each in arrived) or "no webhook"
    session.promise(path_of(hook) in got.split(", "), f"a webhook at {path_of(hook)}", *arrived, got=got)


@check(
    "webhooks.https-address",
    "An https address is taken for webhooks.",
    source=PAGE + ": the example is an https address",
    level=Level.SHOULD,
    executions=1,
)
def https_address(session: Session) -> None:
    """Asks for a webhook at an https address whose host can never exist (RFC 2606); none can be sent there."""
    exchange = session.insist(lambda: session.create(webhook_url="https://contract-harness.invalid/webhook"))
    session.promise(exchange.status == 200, "200, since https addresses are what webhooks are for", exchange)


@check(
    "webhooks.same-address",
    "Predictions that share an address get a webhook each.",
    source=PAGE,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def same_address(session: Session) -> None:
    """Creates ten predictions with one address at one instant: ten webhooks arrive, each id once."""
    hook = session.hook()
    ids = sorted(session.created(webhook_url=hook) for _ in range(10))
    session.advance(SECONDS)

    arrived = arrived_at(session, hook)
    told = sorted(page.webhook(each.document).prediction_id for each in arrived)
    expected = "one webhook for each of the ten predictions that have just ended"
    session.promise(
        told == ids, expected, *arrived[-1:], got=f"{len(told)} webhooks about {len(set(told) & set(ids))} of them"
    )


@check(
    "webhooks.refused-create",
    "A create that is refused never causes a webhook.",
    source=PAGE + ' and "Error Handling"',
    needs=(Need.CLOCK, Need.LIMITS, Need.RECEIVER),
    settings=LIMITS,
)
def refused_create(session: Session) -> None:
    """Sends creates with an address that are refused for their input, their model, their key, the cap and the rate."""
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
    if any(each.status == 200 for each in refused):
        raise InconclusiveError("a create is taken that should be refused, which another claim is about")
    session.advance(HOUR)
    promise_nothing(session, "each create that named an address was refused")


@check(
    "webhooks.failing-receiver",
    "A prediction ends the same whatever its webhook's receiver answers.",
    source='page, "Get Prediction Response (Success)"',
    needs=(Need.CLOCK, Need.RECEIVER),
)
def failing_receiver(session: Session) -> None:
    """Answers webhooks with errors and with redirects; the predictions must still be read as successes."""
    ids = {status: session.created(webhook_url=session.hook(status)) for status in (400, 404, 500, 503, 301, 307)}
    session.advance(SECONDS)

    for status, prediction_id in ids.items():
        exchange = session.read(prediction_id)
        seen = page.prediction(exchange.document)
        holds = seen.status is Status.SUCCESS and not seen.complaints
        session.promise(holds, f"a success, though the receiver of its webhook answered {status}", exchange)


@check(
    "webhooks.redirect",
    "A redirect by a webhook's receiver is not followed.",
    source="a redirect would send the result to an address that nobody gave",
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.RECEIVER),
)
def redirect(session: Session) -> None:
    """Answers webhooks with 301, 302, 307 and 308; nothing may arrive where those point to."""
    hooks = [session.hook(status) for status in (301, 302, 307, 308)]
    for hook in hooks:
        session.created(webhook_url=hook)
    session.advance(HOUR)

    arrived = session.deliveries()
    if not {each.path for each in arrived} & set(map(path_of, hooks)):
        raise InconclusiveError("no webhook arrives, which another claim is about")
    followed = [each for each in arrived if each.path not in set(map(path_of, hooks))]
    session.promise(not followed, "no request to where the redirect points", *(followed[:1] or arrived[-1:]))


@check(
    "webhooks.null-address",
    "What a webhook_url of null is taken for.",
    source="the page is silent",
    level=Level.CHOICE,
    needs=(Need.RECEIVER,),
    executions=1,
)
def null_address(session: Session) -> None:
    """Sends a create with the address null."""
    document = {"model": session.model.slug, "input": session.model.plain_input(), "webhook_url": None}
    exchange = session.post(document)
    session.observe("no webhook is wanted" if exchange.status == 200 else f"refused: {exchange.status}", exchange)


CHECKS = (
    none_wanted,
    own_address,
    other_caller,
    address_verbatim,
    https_address,
    same_address,
    refused_create,
    failing_receiver,
    redirect,
    null_address,
)
