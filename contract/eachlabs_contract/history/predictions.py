"""Reads an episode as the history of its predictions: their creates, reads and webhooks.

An exchange without an answer, or with a server error, says nothing about any prediction: a create whose answer was
lost may have created one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from eachlabs_contract.history.events import BAD_SERVER, OK, Delivery, Episode, Exchange, read_json
from eachlabs_contract.spec import Body, page

_CREATE: Final = re.compile(r"/prediction/?$")
_READ: Final = re.compile(r"/prediction/([^/]+)/?$")


@dataclass(frozen=True, slots=True)
class Created:
    """A prediction that a create returned.

    :param index: position of the exchange among the events of the episode.
    :param hook: path and query of its webhook's URL; empty where it has none.
    """

    index: int
    exchange: Exchange
    prediction_id: str
    hook: str


@dataclass(frozen=True, slots=True)
class Read:
    """A read of a prediction, and its body, which is empty unless it was answered 200.

    :param prediction_id: the id in the request.
    """

    index: int
    exchange: Exchange
    prediction_id: str
    body: Body


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook and its body."""

    index: int
    delivery: Delivery
    body: Body

    @property
    def prediction_id(self) -> str:
        """The id of the prediction in the webhook; empty where it names none."""
        return self.body.prediction_id


def is_create(exchange: Exchange) -> bool:
    """Say whether *exchange* is a create."""
    return exchange.request.method == "POST" and bool(_CREATE.search(_path(exchange)))


def read_id(exchange: Exchange) -> str:
    """Return the id of the prediction that *exchange* reads; empty where it is no read."""
    match = _READ.search(_path(exchange)) if exchange.request.method == "GET" else None
    return match[1] if match else ""


def creates(episode: Episode) -> Iterator[Created]:
    """Yield the predictions that creates returned, in order."""
    for index, event in enumerate(episode.events):
        if isinstance(event, Exchange) and event.status == OK and is_create(event):
            prediction_id = page.created(event.document).prediction_id
            if prediction_id:
                yield Created(index, event, prediction_id, webhook_path(event))


def reads(episode: Episode) -> Iterator[Read]:
    """Yield the reads, answered or not, in order."""
    for index, event in enumerate(episode.events):
        if isinstance(event, Exchange) and (prediction_id := read_id(event)):
            body = page.prediction(event.document) if event.status == OK else Body()
            yield Read(index, event, prediction_id, body)


def webhooks(episode: Episode) -> Iterator[Webhook]:
    """Yield the webhooks, in order."""
    for index, event in enumerate(episode.events):
        if isinstance(event, Delivery):
            yield Webhook(index, event, page.webhook(event.document))


def reads_and_webhooks(episode: Episode) -> list[Read | Webhook]:
    """Return the reads and the webhooks, in order."""
    return sorted([*reads(episode), *webhooks(episode)], key=_index)


def hooks_of_unknown(episode: Episode) -> frozenset[str]:
    """Return the webhook paths of creates whose outcome is unknown."""
    lost = (exchange for exchange in episode.exchanges if is_create(exchange) and not _is_definite(exchange))
    return frozenset(webhook_path(create) for create in lost)


def webhook_path(create: Exchange) -> str:
    """Return path and query of the webhook's URL in the body of *create*; empty where there is none."""
    url = _webhook_url(read_json(create.request.body))
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def as_json(value: object) -> str:
    """Return *value* as JSON that people can read."""
    return json.dumps(value, ensure_ascii=False)


def _index(report: Read | Webhook) -> int:
    return report.index


def _path(exchange: Exchange) -> str:
    return exchange.request.path.partition("?")[0]


def _is_definite(exchange: Exchange) -> bool:
    return 0 < exchange.status < BAD_SERVER


def _webhook_url(document: Any) -> str:  # noqa: ANN401  # JSON
    url = document.get("webhook_url") if isinstance(document, dict) else None
    return url if isinstance(url, str) else ""
