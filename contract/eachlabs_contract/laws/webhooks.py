"""Laws of webhooks: each tells the truth about its own prediction, once, where it was asked to."""

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
    "A webhook comes when a read shows that the prediction has ended, and not before.",
    source=f"{PAGE}: sent when complete",
)
def webhook_not_early(episode: Episode) -> Observations:
    """Looks at the reads that follow a webhook: none may show its prediction processing."""
    come: dict[str, Delivery] = {}
    for each in reads_and_webhooks(episode):
        if isinstance(each, Webhook):
            come.setdefault(each.prediction_id, each.delivery)
        elif (delivery := come.get(each.prediction_id)) and each.seen.status:
            expected = "a prediction that has ended, since its webhook has come"
            ended = each.seen.status in TERMINAL
            yield unless(ended, expected, each.seen.status.value, delivery, each.exchange)


@law(
    "laws.webhook-once",
    "A webhook that its receiver took is not sent again.",
    source=f"{PAGE}: a POST request with the result",
    level=Level.SHOULD,
)
def webhook_once(episode: Episode) -> Observations:
    """Looks for a second webhook about a prediction after one that was answered 2xx."""
    taken: dict[str, Delivery] = {}
    for each in webhooks(episode):
        if not (prediction_id := each.prediction_id):
            continue
        earlier = taken.get(prediction_id)
        evidence = (earlier, each.delivery) if earlier else (each.delivery,)
        yield unless(not earlier, "no second webhook, since the first was taken", "another one", *evidence)
        if each.delivery.answered in ACCEPTED:
            taken[prediction_id] = each.delivery


@law(
    "laws.webhook-addressee",
    "A webhook goes to the address that its create named, and tells of a prediction that was created.",
    source=f"{PAGE}: the exec_id is the predictionID",
)
def webhook_addressee(episode: Episode) -> Observations:
    """Looks up the id of each webhook, and the address it came to, among the creates of the episode."""
    made = {each.prediction_id: each for each in creates(episode)}
    named = {each.hook for each in made.values()}
    unknown = hooks_of_unknown(episode)
    for each in webhooks(episode):
        address, create = each.delivery.path, made.get(each.prediction_id)
        if create:
            expected = f"a webhook to {create.hook}" if create.hook else "no webhook, since its create named no address"
            yield unless(address == create.hook, expected, f"one to {address}", create.exchange, each.delivery)
        elif address in named - unknown:
            expected = f"the id of the prediction whose create named {address}"
            got = f"exec_id {each.prediction_id!r}"
            yield unless(False, expected, got, *_namers(made, address), each.delivery)


@law(
    "laws.webhook-agrees",
    "A webhook and the reads of its prediction tell the same end.",
    source=f'{PAGE} and "Response Format"',
)
def webhook_agrees(episode: Episode) -> Observations:
    """Compares the status in each webhook with every read that shows its prediction ended."""
    ends: dict[str, list[Read]] = {}
    for read in reads(episode):
        if read.seen.status in TERMINAL:
            ends.setdefault(read.prediction_id, []).append(read)
    for each in webhooks(episode):
        for read in ends.get(each.prediction_id, []):
            expected = "succeeded" if read.seen.status is Status.SUCCESS else "failed"
            got = repr(each.delivery.document.get("status"))
            holds = each.seen.status is read.seen.status
            yield unless(holds, f"{expected}, as the read says", got, read.exchange, each.delivery)


def _namers(made: dict[str, Created], address: str) -> list[Exchange]:
    return [each.exchange for each in made.values() if each.hook == address]


LAWS: Final[tuple[Law, ...]] = (webhook_not_early, webhook_once, webhook_addressee, webhook_agrees)
