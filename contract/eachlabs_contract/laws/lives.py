"""Laws of a prediction's life, as all reads of it together tell it."""

from typing import Final

from eachlabs_contract.history import OK, Created, Episode, Exchange, Read, as_json, creates, reads, reads_and_webhooks
from eachlabs_contract.laws.law import Law, Observations, law, unless
from eachlabs_contract.spec import TERMINAL, Level, Status, may_follow, page

GONE: Final = frozenset({400, 404, 410})


@law(
    "laws.status-order",
    "A status only ever gives way to one that may follow it.",
    source='page, "Response Format": a prediction is processed, then ends in success or in error',
)
def status_order(episode: Episode) -> Observations:
    """Compares each read of a prediction with the one before it."""
    latest: dict[str, tuple[Status, Exchange]] = {}
    for read in reads(episode):
        if read.seen.status is None:
            continue
        if earlier := latest.get(read.prediction_id):
            expected = f"{earlier[0].value}, or what may follow it, since that was read before"
            holds = may_follow(earlier[0], read.seen.status)
            yield unless(holds, expected, read.seen.status.value, earlier[1], read.exchange)
        latest[read.prediction_id] = read.seen.status, read.exchange


@law(
    "laws.ended-stays",
    "What a read says of an ended prediction, later reads say again.",
    source='page, "Get Prediction Result": poll until the result is ready',
)
def ended_stays(episode: Episode) -> Observations:
    """Compares the page's fields in each read of an ended prediction with those in the first, for the same caller."""
    ends: dict[tuple[str, str], Read] = {}
    for read in reads(episode):
        end = ends.get((read.prediction_id, read.exchange.caller))
        if read.seen.status in TERMINAL:
            end = ends.setdefault((read.prediction_id, read.exchange.caller), read)
        if end is None or end is read:
            continue
        if read.exchange.status in GONE:
            expected = "the prediction as it ended, which was read before"
            yield unless(False, expected, str(read.exchange.status), end.exchange, read.exchange)
        elif read.seen.status is end.seen.status:
            expected = f"{as_json(_facts(end))}, as it was read before"
            yield unless(_facts(read) == _facts(end), expected, as_json(_facts(read)), end.exchange, read.exchange)


@law(
    "laws.output-at-success",
    "An output appears in every read of a success, and in no other.",
    source='page, "Response Format"',
)
def output_at_success(episode: Episode) -> Observations:
    """Looks at the field `output` of every read answered 200."""
    for read in reads(episode):
        if read.seen.status is not None:
            output = read.exchange.document.get("output")
            due = read.seen.status is Status.SUCCESS
            expected = f"{'an' if due else 'no'} output, since the status is {read.seen.status.value}"
            yield unless(due == (output is not None), expected, as_json(output), read.exchange)


@law(
    "laws.one-output",
    "A prediction has one output, whoever tells of it: any read, and its webhook.",
    source='page, "Response Format" and "Webhook Response Format"',
)
def one_output(episode: Episode) -> Observations:
    """Compares each mention of a prediction's output with the first one."""
    first: dict[str, tuple[object, int]] = {}
    for account in reads_and_webhooks(episode):
        output = account.seen.output
        if output is None:
            continue
        expected, index = first.setdefault(account.prediction_id, (output, account.index))
        if index != account.index:
            evidence = episode.events[index], episode.events[account.index]
            yield unless(output == expected, f"{as_json(expected)}, as was told before", as_json(output), *evidence)


@law(
    "laws.ids-unique",
    "No two creates are answered with the same id.",
    source='page, "Create a Prediction": the id is what a result is found by',
)
def ids_unique(episode: Episode) -> Observations:
    """Compares the id of each create with those of all creates before it."""
    known: dict[str, Created] = {}
    for create in creates(episode):
        earlier = known.setdefault(create.prediction_id, create)
        if len(known) > 1 or earlier is not create:
            expected = "an id that no create before was answered with"
            yield unless(earlier is create, expected, create.prediction_id, earlier.exchange, create.exchange)


@law(
    "laws.own-key",
    "A prediction is shown to nobody but the key that created it.",
    source='page, "Authentication": requests are made on behalf of a key',
    level=Level.SHOULD,
)
def own_key(episode: Episode) -> Observations:
    """Looks for reads answered 200 whose caller did not create the prediction."""
    owners = {create.prediction_id: create.exchange for create in creates(episode)}
    for read in reads(episode):
        create = owners.get(read.prediction_id)
        if create and create.caller != read.exchange.caller and read.exchange.status:
            expected = f"a refusal, since {create.caller} created it and {read.exchange.caller} reads it"
            yield unless(read.exchange.status != OK, expected, "200", create, read.exchange)


def _facts(read: Read) -> dict[str, object]:
    return {name: value for name, value in page.facts(read.exchange.document).items() if name != "output"}


LAWS: Final[tuple[Law, ...]] = (status_order, ended_stays, output_at_success, one_output, ids_unique, own_key)
