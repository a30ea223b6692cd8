"""Interprets a journal: the subject of each call, and what the caller knew at each time."""

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
    """Return when the request arrived; if unknown, when it was answered."""
    return exchange.at if exchange.came_at is None else exchange.came_at


def follows(later: Exchange, earlier: Exchange) -> bool:
    """Return whether *later* arrived after the response to *earlier*, so that the caller could know that response."""
    return arrival_time(later) >= earlier.at and later is not earlier


def api_calls(journal: Journal) -> list[Exchange]:
    """Return the calls of the prediction API in order of arrival, without those of the model catalogue."""
    calls = (exchange for exchange in journal.episode.exchanges if CALL.search(path_of(exchange)))
    return sorted(calls, key=arrival_time)


def create_calls(journal: Journal) -> list[Exchange]:
    """Return the creates in order of arrival."""
    return list(filter(is_create, api_calls(journal)))


def looks(journal: Journal) -> Iterator[tuple[Read, Exchange | None]]:
    """Yield the reads in order of arrival, each with the earlier read that had shown the end, or None."""
    ended: dict[str, Exchange] = {}
    for read in sorted(reads(journal.episode), key=lambda read: arrival_time(read.exchange)):
        end = ended.get(read.prediction_id)
        yield read, end if end and follows(read.exchange, end) else None
        if tells_end(read):
            ended.setdefault(read.prediction_id, read.exchange)


def polls_by_prediction(journal: Journal) -> dict[str, list[Read]]:
    """Return, for each prediction, the reads before its caller knew the end, in order of arrival."""
    polls: dict[str, list[Read]] = {}
    for read, end in looks(journal):
        if end is None:
            polls.setdefault(read.prediction_id, []).append(read)
    return polls


def tells_end(read: Read) -> bool:
    """Return whether *read* shows its caller that the prediction has ended."""
    return read.body.status in TERMINAL and not read.exchange.failure


def ends_seen(journal: Journal) -> dict[str, list[Event]]:
    """Return, for each prediction, the events that showed its caller the end: reads and accepted webhooks."""
    ends: dict[str, list[Event]] = {}
    for read in reads(journal.episode):
        if tells_end(read):
            ends.setdefault(read.prediction_id, []).append(read.exchange)
    for hook in webhooks(journal.episode):
        if hook.delivery.answered in ACCEPTED:
            ends.setdefault(hook.prediction_id, []).append(hook.delivery)
    return ends


def fetches(journal: Journal) -> dict[str, list[Exchange]]:
    """Return, for each prediction, the downloads of its outputs, including failed ones."""
    owners = {urlsplit(url).path: prediction.id for prediction in journal.predictions for url in prediction.outputs}
    downloads: dict[str, list[Exchange]] = {}
    for exchange in journal.episode.exchanges:
        owner = owners.get(path_of(exchange))
        if owner and exchange.request.method == "GET":
            downloads.setdefault(owner, []).append(exchange)
    return downloads


def id_seen(create: Exchange) -> str:
    """Return the id in the response to *create*; empty if there is none."""
    is_complete = create.status in ACCEPTED and not create.failure
    return page.created(create.document).prediction_id if is_complete else ""


def ids_seen(journal: Journal) -> frozenset[str]:
    """Return the ids in the responses to all creates."""
    return frozenset(map(id_seen, create_calls(journal)))


def is_open(create: Exchange) -> bool:
    """Return whether the outcome of *create* is unknown to its caller."""
    if create.status in ACCEPTED:
        return not id_seen(create)
    return not create.status or create.status >= BAD_SERVER


def work_of_create(create: Exchange) -> str:
    """Return model and input of *create* as a canonical text for comparison."""
    body = read_json(create.request.body)
    return _work(body.get("model"), body.get("input")) if isinstance(body, dict) else repr(create.request.body)


def work_of_prediction(prediction: Prediction) -> str:
    """Return model and input of *prediction* in the same form."""
    return _work(prediction.model, read_json(prediction.input.encode()))


def in_view(journal: Journal) -> Iterator[Prediction]:
    """Yield the predictions whose requests are all still in the journal."""
    since = arrival_time(journal.episode.exchanges[0]) if journal.forgotten else 0
    return (prediction for prediction in journal.predictions if prediction.created_at >= since)


def unheard(journal: Journal, create: Exchange) -> list[Prediction]:
    """Return the predictions that *create* made although no response contained their id."""
    known, work = ids_seen(journal), work_of_create(create)
    earliest = 0 if create.came_at is None else create.came_at
    made = (prediction for prediction in in_view(journal) if earliest <= prediction.created_at <= create.at)
    unknown = (prediction for prediction in made if prediction.id not in known)
    return [prediction for prediction in unknown if work_of_prediction(prediction) == work]


def patience(refusal: Exchange) -> int | None:
    """Return when the wait of `Retry-After` in *refusal* ends; None: the header is missing or unreadable."""
    value = (refusal.answer and refusal.answer.header("Retry-After")) or ""
    if value.strip().isdecimal():
        return refusal.at + int(value) * MILLIS
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):  # unreadable
        return None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * MILLIS)


def clock_time(at: int) -> str:
    """Return an instant as the time of day in UTC, with milliseconds."""
    moment = datetime.fromtimestamp(at // MILLIS, UTC)
    return f"{moment:%H:%M:%S}.{at % MILLIS:03d}"


def event_name(event: Event) -> str:
    """Return the name of *event* in the journal: number, method, path and time."""
    if isinstance(event, Delivery):
        return f"webhook #{event.number} to {event.path} at {clock_time(event.at)}"
    request = event.request
    return f"#{event.number} {request.method} {short_ids(request.path)} at {clock_time(arrival_time(event))}"


def short_ids(text: str) -> str:
    """Return *text* with its ids shortened."""
    return UUID.sub(r"\1…", text)


def answer_summary(exchange: Exchange) -> str:
    """Return the response in words, with a verb: "was answered 500" or "got no response (the connection broke)"."""
    if not exchange.status:
        return f"got no response ({exchange.failure})"
    return f"was answered {exchange.status}{f', and {exchange.failure}' if exchange.failure else ''}"


def _work(model: object, parameters: object) -> str:
    return json.dumps([model, parameters], sort_keys=True)
