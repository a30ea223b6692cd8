"""Laws of a prediction's life, judged by all of its reads and webhooks."""

from typing import Final

from eachlabs_contract.history import OK, Created, Episode, Exchange, Read, as_json, creates, reads, reads_and_webhooks
from eachlabs_contract.laws.law import Law, Observations, law, unless
from eachlabs_contract.spec import TERMINAL, Level, Status, may_follow, page

GONE: Final = frozenset({400, 404, 410})


@law(
    "laws.status-order",
    "The status of a prediction only changes to one that may follow it.",
    source='page, "Response Format": a prediction is processed, then ends in success or in error',
)
def status_order(episode: Episode) -> Observations:
    """Compares each read of a prediction with the one before it."""
    latest: dict[str, tuple[Status, Exchange]] = {}
    for read in reads(episode):
        if read.body.status is None:
            continue
        if earlier := latest.get(read.prediction_id):
            expected = f"{earlier[0].value} or a status that may follow it, since a read before showed that"
            holds = may_follow(earlier[0], read.body.status)
            yield unless(holds, expected, read.body.status.value, earlier[1], read.exchange)
        latest[read.prediction_id] = read.body.status, read.exchange


@law(
    "laws.ended-stays",
    "Later reads of an ended prediction show the same fields as the first.",
    source='page, "Get Prediction Result": poll until the result is ready',
)
def ended_stays(episode: Episode) -> Observations:
    """Compares the documented fields in each read of an ended prediction with the first read, for each caller."""
    ends: dict[tuple[str, str], Read] = {}
    for read in reads(episode):
        end = ends.get((read.prediction_id, read.exchange.caller))
        if read.body.status in TERMINAL:
            end = ends.setdefault((read.prediction_id, read.exchange.caller), read)
        if end is None or end is read:
            continue
        if read.exchange.status in GONE:
            expected = "the ended prediction, as in the read before"
            yield unless(False, expected, str(read.exchange.status), end.exchange, read.exchange)
        elif read.body.status is end.body.status:
            expected = f"{as_json(_facts(end))}, as in the read before"
            yield unless(_facts(read) == _facts(end), expected, as_json(_facts(read)), end.exchange, read.exchange)


@law(
    "laws.output-at-success",
    "A read has an output exactly when the prediction has succeeded.",
    source='page, "Response Format"',
)
def output_at_success(episode: Episode) -> Observations:
    """Checks the field `output` of every read answered 200."""
    for read in reads(episode):
        if read.body.status is not None:
            output = read.exchange.document.get("output")
            due = read.body.status is Status.SUCCESS
            expected = f"{'an' if due else 'no'} output, since the status is {read.body.status.value}"
            yield unless(due == (output is not None), expected, as_json(output), read.exchange)


@law(
    "laws.one-output",
    "All reads and webhooks of a prediction show the same output.",
    source='page, "Response Format" and "Webhook Response Format"',
)
def one_output(episode: Episode) -> Observations:
    """Compares each output of a prediction with the first one."""
    first: dict[str, tuple[object, int]] = {}
    for report in reads_and_webhooks(episode):
        output = report.body.output
        if output is None:
            continue
        expected, index = first.setdefault(report.prediction_id, (output, report.index))
        if index != report.index:
            evidence = episode.events[index], episode.events[report.index]
            yield unless(output == expected, f"{as_json(expected)}, as before", as_json(output), *evidence)


@law(
    "laws.ids-unique",
    "No two creates are answered with the same id.",
    source='page, "Create a Prediction": a result is found by its id',
)
def ids_unique(episode: Episode) -> Observations:
    """Compares the id from each create with those from all creates before it."""
    known: dict[str, Created] = {}
    for create in creates(episode):
        earlier = known.setdefault(create.prediction_id, create)
        if len(known) > 1 or earlier is not create:
            expected = "an id that no create returned before"
            yield unless(earlier is create, expected, create.prediction_id, earlier.exchange, create.exchange)


@law(
    "laws.own-key",
    "A prediction can only be read with the key that created it.",
    source='page, "Authentication": requests are made on behalf of a key',
    level=Level.SHOULD,
)
def own_key(episode: Episode) -> Observations:
    """Looks for reads answered 200 to another caller than the one that created the prediction."""
    owners = {create.prediction_id: create.exchange for create in creates(episode)}
    for read in reads(episode):
        create = owners.get(read.prediction_id)
        if create and create.caller != read.exchange.caller and read.exchange.status:
            expected = f"a refusal, since {create.caller} created it and {read.exchange.caller} reads it"
            yield unless(read.exchange.status != OK, expected, "200", create, read.exchange)


def _facts(read: Read) -> dict[str, object]:
    return {name: value for name, value in page.facts(read.exchange.document).items() if name != "output"}


LAWS: Final[tuple[Law, ...]] = (status_order, ended_stays, output_at_success, one_output, ids_unique, own_key)
