"""Laws of webhooks: each one reports its own prediction correctly, once, and to the right URL."""

from typing import Final

from eachlabs_contract.history import (
    ACCEPTED,
    Created,
    Delivery,
    Episode,
    Exchange,
    Read,
    Webhook,
    creates,
    hooks_of_unknown,
    reads,
    reads_and_webhooks,
    webhooks,
)
from eachlabs_contract.laws.law import Law, Observations, law, unless
from eachlabs_contract.spec import TERMINAL, Level, Status

PAGE: Final = 'page, "Webhooks (Optional)"'


@law(
    "laws.webhook-not-early",
    "A webhook comes only after its prediction has ended.",
    source=f"{PAGE}: sent when complete",
)
def webhook_not_early(episode: Episode) -> Observations:
    """Checks the reads after a webhook: none may show its prediction processing."""
    first: dict[str, Delivery] = {}
    for report in reads_and_webhooks(episode):
        if isinstance(report, Webhook):
            first.setdefault(report.prediction_id, report.delivery)
        elif (delivery := first.get(report.prediction_id)) and report.body.status:
            expected = "an ended prediction, since its webhook has come"
            ended = report.body.status in TERMINAL
            yield unless(ended, expected, report.body.status.value, delivery, report.exchange)


@law(
    "laws.webhook-once",
    "A webhook that was answered 2xx is not sent again.",
    source=f"{PAGE}: a POST request with the result",
    level=Level.SHOULD,
)
def webhook_once(episode: Episode) -> Observations:
    """Looks for a second webhook about a prediction after one that was answered 2xx."""
    accepted: dict[str, Delivery] = {}
    for webhook in webhooks(episode):
        if not (prediction_id := webhook.prediction_id):
            continue
        earlier = accepted.get(prediction_id)
        evidence = (earlier, webhook.delivery) if earlier else (webhook.delivery,)
        yield unless(not earlier, "no second webhook, since the first was answered 2xx", "another one", *evidence)
        if webhook.delivery.answered in ACCEPTED:
            accepted[prediction_id] = webhook.delivery


@law(
    "laws.webhook-addressee",
    "A webhook goes to the URL in its create, and has the id of that prediction.",
    source=f"{PAGE}: the exec_id is the predictionID",
)
def webhook_addressee(episode: Episode) -> Observations:
    """Looks up the id of each webhook and the URL where it arrived among the creates of the episode."""
    known = {create.prediction_id: create for create in creates(episode)}
    hooks = {create.hook for create in known.values()}
    unknown = hooks_of_unknown(episode)
    for webhook in webhooks(episode):
        path, create = webhook.delivery.path, known.get(webhook.prediction_id)
        if create:
            expected = f"a webhook to {create.hook}" if create.hook else "no webhook, since its create named no URL"
            yield unless(path == create.hook, expected, f"one to {path}", create.exchange, webhook.delivery)
        elif path in hooks - unknown:
            expected = f"the id of the prediction whose create named {path}"
            got = f"exec_id {webhook.prediction_id!r}"
            yield unless(False, expected, got, *_creates_of(known, path), webhook.delivery)


@law(
    "laws.webhook-agrees",
    "A webhook and the reads of its prediction show the same final status.",
    source=f'{PAGE} and "Response Format"',
)
def webhook_agrees(episode: Episode) -> Observations:
    """Compares the status in each webhook with every read that shows its prediction ended."""
    ends: dict[str, list[Read]] = {}
    for read in reads(episode):
        if read.body.status in TERMINAL:
            ends.setdefault(read.prediction_id, []).append(read)
    for webhook in webhooks(episode):
        for read in ends.get(webhook.prediction_id, []):
            expected = "succeeded" if read.body.status is Status.SUCCESS else "failed"
            got = repr(webhook.delivery.document.get("status"))
            holds = webhook.body.status is read.body.status
            yield unless(holds, f"{expected}, as in the read", got, read.exchange, webhook.delivery)


def _creates_of(known: dict[str, Created], path: str) -> list[Exchange]:
    return [create.exchange for create in known.values() if create.hook == path]


LAWS: Final[tuple[Law, ...]] = (webhook_not_early, webhook_once, webhook_addressee, webhook_agrees)
