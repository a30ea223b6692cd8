"""What the control plane shows of a world, as JSON."""

from collections.abc import Iterable
from typing import Any

from eachlabs_mock.core import MILLIS, Event, Instant, Ledger, Prediction, status_at, utc_text
from eachlabs_mock.emulator import Delivery, Entry, World
from eachlabs_mock.faults import ArmedRule

MOST_EVENTS = 100
"""Pending events that are listed; a flood of them helps nobody."""


def clock(world: World, pending: Iterable[Event]) -> dict[str, Any]:
    """A world's time, and what it is heading for."""
    now = world.clock.now()
    return {
        "mode": world.clock.mode,
        "speed": world.clock.speed,
        "now": utc_text(now),
        "now_ms": now,
        "pending": [_event(each, now) for each in sorted(pending)[:MOST_EVENTS]],
    }


def prediction(record: Prediction, now: Instant) -> dict[str, Any]:
    """A prediction with all that is known of it, which is more than its creator may see."""
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
    return {
        "number": exchange.number,
        "at": utc_text(exchange.at),
        "came_at": utc_text(exchange.came_at),
        "method": exchange.method,
        "path": exchange.path,
        "query": exchange.query,
        "status": exchange.status,
        "request_id": exchange.request_id,
        "request": exchange.request.decode(errors="replace"),
        "response": exchange.response.decode(errors="replace"),
        "user_agent": exchange.user_agent,
        "keys": exchange.keys,
        "retry_after": exchange.retry_after,
        "faults": exchange.faults,
        "ending": exchange.ending,
    }


def armed(rule: ArmedRule) -> dict[str, Any]:
    """A rule in force, and how often it has matched and struck."""
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
                "status": each.status,
                "status_code": each.status_code,
                "response": each.response,
                "error_message": each.error,
                "created_at": utc_text(each.created_at),
                "faults": each.faults,
            }
            for each in webhook.attempts
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


def _event(event: Event, now: Instant) -> dict[str, Any]:
    return {
        "at": utc_text(event.at),
        "in_seconds": (event.at - now) / MILLIS,
        "kind": event.kind,
        "prediction_id": event.prediction_id,
    }
