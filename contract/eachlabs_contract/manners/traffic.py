"""Reads a journal as what its caller did: which call was about what, and what the caller could know when."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from eachlabs_contract.history import (
    ACCEPTED,
    BAD_SERVER,
    Delivery,
    Event,
    Exchange,
    Journal,
    Prediction,
    Read,
    is_create,
    read_json,
    reads,
    webhooks,
)
from eachlabs_contract.spec import MILLIS, TERMINAL, page

CALL: Final = re.compile(r"/v\d+/prediction(/|$)")
OUTPUT: Final = re.compile(r"/outputs/[^/]+$")
UUID: Final = re.compile(r"([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def path_of(exchange: Exchange) -> str:
    """Return the path without the query."""
    return exchange.request.path.partition("?")[0]


def arrival_time(exchange: Exchange) -> int:
    """Return when the request arrived; where that is not known, when it was answered."""
    return exchange.at if exchange.came_at is None else exchange.came_at


def follows(later: Exchange, earlier: Exchange) -> bool:
    """Say whether *later* arrived when *earlier* had been answered, so that its caller could know the answer."""
    return arrival_time(later) >= earlier.at and later is not earlier


def api_calls(journal: Journal) -> list[Exchange]:
    """Return the calls of the prediction API, in the order in which they arrived; the catalogue's are none."""
    return sorted((each for each in journal.episode.exchanges if CALL.search(path_of(each))), key=arrival_time)


def create_calls(journal: Journal) -> list[Exchange]:
    """Return the creates, in the order in which they arrived."""
    return [each for each in api_calls(journal) if is_create(each)]


def looks(journal: Journal) -> Iterator[tuple[Read, Exchange | None]]:
    """Go through the reads in order of arrival, each with the one that had told its caller the end before."""
    ended: dict[str, Exchange] = {}
    for each in sorted(reads(journal.episode), key=lambda read: arrival_time(read.exchange)):
        end = ended.get(each.prediction_id)
        yield each, end if end and follows(each.exchange, end) else None
        if tells_end(each):
            ended.setdefault(each.prediction_id, each.exchange)


def polls_by_prediction(journal: Journal) -> dict[str, list[Read]]:
    """Return the reads of each prediction that arrived before its caller knew the end, in order of arrival."""
    found: dict[str, list[Read]] = {}
    for each, end in looks(journal):
        if end is None:
            found.setdefault(each.prediction_id, []).append(each)
    return found


def tells_end(read: Read) -> bool:
    """Say whether its caller knows from it that the prediction has ended."""
    return read.body.status in TERMINAL and not read.exchange.failure


def ends_seen(journal: Journal) -> dict[str, list[Event]]:
    """Return, for each prediction, all that told its caller the end: reads, and webhooks that were taken."""
    found: dict[str, list[Event]] = {}
    for each in reads(journal.episode):
        if tells_end(each):
            found.setdefault(each.prediction_id, []).append(each.exchange)
    for hook in webhooks(journal.episode):
        if hook.delivery.answered in ACCEPTED:
            found.setdefault(hook.prediction_id, []).append(hook.delivery)
    return found


def fetches(journal: Journal) -> dict[str, list[Exchange]]:
    """Return the downloads of each prediction's outputs, well answered or not."""
    owners = {urlsplit(url).path: each.id for each in journal.predictions for url in each.outputs}
    found: dict[str, list[Exchange]] = {}
    for each in journal.episode.exchanges:
        owner = owners.get(path_of(each))
        if owner and each.request.method == "GET":
            found.setdefault(owner, []).append(each)
    return found


def id_seen(create: Exchange) -> str:
    """Return the id that the answer to *create* told its caller; empty: none."""
    is_told = create.status in ACCEPTED and not create.failure
    return page.created(create.document).prediction_id if is_told else ""


def ids_seen(journal: Journal) -> frozenset[str]:
    """Return the ids of all predictions that their creator was told."""
    return frozenset(map(id_seen, create_calls(journal)))


def is_open(create: Exchange) -> bool:
    """Say whether the answer to *create* leaves open whether a prediction was made."""
    if create.status in ACCEPTED:
        return not id_seen(create)
    return not create.status or create.status >= BAD_SERVER


def work_of_create(create: Exchange) -> str:
    """Return what *create* asks for, its model and its input, in a form in which equal work is equal."""
    body = read_json(create.request.body)
    return _work(body.get("model"), body.get("input")) if isinstance(body, dict) else repr(create.request.body)


def work_of_prediction(prediction: Prediction) -> str:
    """Return the same of a prediction."""
    return _work(prediction.model, read_json(prediction.input.encode()))


def in_view(journal: Journal) -> Iterator[Prediction]:
    """Go through the predictions of which the journal has kept everything that was done about them."""
    since = arrival_time(journal.episode.exchanges[0]) if journal.forgotten else 0
    return (each for each in journal.predictions if each.created_at >= since)


def unheard(journal: Journal, create: Exchange) -> list[Prediction]:
    """Return the predictions that *create* made although its caller was never told so."""
    known = ids_seen(journal)
    earliest = 0 if create.came_at is None else create.came_at
    made = (each for each in in_view(journal) if earliest <= each.created_at <= create.at)
    return [each for each in made if each.id not in known and work_of_prediction(each) == work_of_create(create)]


def patience(refusal: Exchange) -> int | None:
    """Return when the wait is over that *refusal* asked for in `Retry-After`; None: it asked for none that reads."""
    value = (refusal.answer and refusal.answer.header("Retry-After")) or ""
    if value.strip().isdecimal():
        return refusal.at + int(value) * MILLIS
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):  # whatever a server may write there
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * MILLIS)


def clock_time(at: int) -> str:
    """Return an instant for people: the time of day in UTC, with milliseconds."""
    moment = datetime.fromtimestamp(at // MILLIS, UTC)
    return f"{moment:%H:%M:%S}.{at % MILLIS:03d}"


def event_name(event: Event) -> str:
    """Return how people find *event* in the journal: its number, what it is, and when it came."""
    if isinstance(event, Delivery):
        return f"webhook #{event.number} to {event.path} at {clock_time(event.at)}"
    return (
        f"#{event.number} {event.request.method} {short_ids(event.request.path)} at {clock_time(arrival_time(event))}"
    )


def short_ids(text: str) -> str:
    """Return *text* with only the beginnings of the ids in it."""
    return UUID.sub(r"\1…", text)


def answer_summary(exchange: Exchange) -> str:
    """Return for people what came back: a status, or that nothing did."""
    if not exchange.status:
        return exchange.failure
    return f"{exchange.status}, and {exchange.failure}" if exchange.failure else str(exchange.status)


def _work(model: object, given: object) -> str:
    return json.dumps([model, given], sort_keys=True)
