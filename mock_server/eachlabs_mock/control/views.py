"""The JSON views of the control plane, and its filtered lists of predictions, requests and deliveries."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from eachlabs_mock.control.parameters import Params
from eachlabs_mock.core import MILLIS, Event, Instant, Ledger, Prediction, Status, status_at, utc_text
from eachlabs_mock.emulator import Delivery, Emulator, Entry, World
from eachlabs_mock.faults import ArmedRule

MOST_EVENTS = 100
"""Pending events listed at most."""

View = Callable[[], dict[str, Any]]
"""Makes the JSON view of one listed item; a call that only counts items need not make it."""

List = Callable[[World, Params], Sequence[View]]
"""Lists the items of a world that match the parameters, oldest first."""


def list_predictions(emulator: Emulator) -> List:
    """Return the function that lists the predictions of a world, filtered by status."""

    def listed(world: World, params: Params) -> Sequence[View]:
        now, status = world.clock.now(), params.filter("status", tuple(Status))
        since, stored = _since(params), emulator.store.of_world(world.name)
        later = (record for record in stored if record.ordinal > since)
        return [partial(prediction, record, now) for record in later if status in {None, status_at(record, now)}]

    return listed


def list_requests(world: World, params: Params) -> Sequence[View]:
    """List the requests of *world*, filtered by the HTTP status of their answers; 0: no answer was sent."""
    status = params.integer("status", 0, low=0, high=599) if "status" in params.values else None
    entries = world.journal.entries(_since(params))
    return [partial(entry, exchange) for exchange in entries if status in {None, exchange.status}]


def list_deliveries(world: World, params: Params) -> Sequence[View]:
    """List the attempted webhooks of *world*, filtered by the result of the last attempt."""
    status = params.filter("status", ("SUCCESS", "FAILED"))
    deliveries = world.outbox.deliveries(_since(params))
    return [partial(delivery, webhook) for webhook in deliveries if status in {None, webhook.attempts[-1].status}]


def _since(params: Params) -> int:
    """Return the number after which a list begins."""
    return params.integer("since", 0, low=0, high=2**53)


def clock(world: World, pending: Iterable[Event]) -> dict[str, Any]:
    """The time of a world, and its pending events."""
    now, coming = world.clock.now(), sorted(pending)[:MOST_EVENTS]
    return {
        "mode": world.clock.mode,
        "speed": world.clock.speed,
        "now": utc_text(now),
        "now_ms": now,
        "pending": [
            {**asdict(event), "at": utc_text(event.at), "in_seconds": (event.at - now) / MILLIS} for event in coming
        ],
    }


def prediction(record: Prediction, now: Instant) -> dict[str, Any]:
    """A prediction with all its facts, more than the API shows."""
    return {
        "number": record.ordinal,
        "id": record.id,
        "model": record.model,
        "status": status_at(record, now),
        "created_at": utc_text(record.created_at),
        "ends_at": None if record.ends_at is None else utc_text(record.ends_at),
        "predict_time": record.plan.predict_millis / MILLIS,
        "reads": record.reads,
        "seed": record.seed,
        "fetched": record.fetched,
        "input": record.input,
        "output": record.output_urls,
        "webhook_url": record.webhook_url,
    }


def entry(exchange: Entry) -> dict[str, Any]:
    """An exchange; bodies as text."""
    bodies = {"request": exchange.request, "response": exchange.response}
    texts = {name: body.decode(errors="replace") for name, body in bodies.items()}
    return {**exchange._asdict(), **texts, "at": utc_text(exchange.at), "came_at": utc_text(exchange.came_at)}


def armed(rule: ArmedRule) -> dict[str, Any]:
    """A rule in force, with its numbers of matches and strikes."""
    return {**rule.rule.document(), "matches": rule.matches, "strikes": rule.strikes}


def delivery(webhook: Delivery) -> dict[str, Any]:
    """A webhook and the attempts at it."""
    return {
        "number": webhook.number,
        "execution_id": webhook.prediction_id,
        "url": webhook.url,
        "request": webhook.request.decode(),
        "attempts": [
            {
                "status": attempt.status,
                "status_code": attempt.status_code,
                "response": attempt.response,
                "error_message": attempt.error,
                "created_at": utc_text(attempt.created_at),
                "faults": attempt.faults,
            }
            for attempt in webhook.attempts
        ],
    }


def ledger(spent: Ledger) -> dict[str, Any]:
    """Money; amounts are decimal strings in USD."""
    return {
        "total": str(spent.total),
        "executions": spent.executions,
        "unpriced": spent.unpriced,
        "by_model": {model: str(amount) for model, amount in spent.by_model.items()},
        "currency": "USD",
    }
