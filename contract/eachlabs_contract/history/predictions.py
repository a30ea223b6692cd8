"""Reads an episode as what happened to predictions: who created which, and what each read showed.

An exchange that got no answer, or a server's failure, says nothing about any prediction: a create whose answer was lost
may well have created one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from eachlabs_contract.history.events import BAD_SERVER, OK, Delivery, Episode, Exchange, read_json
from eachlabs_contract.spec import Seen, page

_CREATE: Final = re.compile(r"/prediction/?$")
_READ: Final = re.compile(r"/prediction/([^/]+)/?$")


@dataclass(frozen=True, slots=True)
class Created:
    """A prediction that a create was answered with.

    :param index: of the exchange among the episode's events.
    :param hook: path and query of its webhook's address; empty: it has none.
    """

    index: int
    exchange: Exchange
    prediction_id: str
    hook: str


@dataclass(frozen=True, slots=True)
class Read:
    """A read of a prediction and what it showed, which is nothing unless it was answered 200.

    :param prediction_id: that was asked for.
    """

    index: int
    exchange: Exchange
    prediction_id: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook and what it says."""

    index: int
    delivery: Delivery
    seen: Seen

    @property
    def prediction_id(self) -> str:
        """The id of the prediction that it tells of; empty where it says none."""
        return self.seen.prediction_id


def is_create(exchange: Exchange) -> bool:
    """Say whether *exchange* asks for a new prediction."""
    return exchange.request.method == "POST" and bool(_CREATE.search(_path(exchange)))


def read_id(exchange: Exchange) -> str:
    """Return the id of the prediction that *exchange* reads; empty where it reads none."""
    found = _READ.search(_path(exchange)) if exchange.request.method == "GET" else None
    return found[1] if found else ""


def creates(episode: Episode) -> Iterator[Created]:
    """Go through the predictions that were created and named, in order."""
    for index, event in enumerate(episode.events):
        if isinstance(event, Exchange) and event.status == OK and is_create(event):
            prediction_id = page.created(event.document).prediction_id
            if prediction_id:
                yield Created(index, event, prediction_id, webhook_path(event))


def reads(episode: Episode) -> Iterator[Read]:
    """Go through the reads, answered or not, in order."""
    for index, event in enumerate(episode.events):
        if isinstance(event, Exchange) and (prediction_id := read_id(event)):
            seen = page.prediction(event.document) if event.status == OK else Seen()
            yield Read(index, event, prediction_id, seen)


def webhooks(episode: Episode) -> Iterator[Webhook]:
    """Go through the webhooks, in order."""
    for index, event in enumerate(episode.events):
        if isinstance(event, Delivery):
            yield Webhook(index, event, page.webhook(event.document))


def reads_and_webhooks(episode: Episode) -> list[Read | Webhook]:
    """Return the reads and the webhooks, in order."""
    return sorted([*reads(episode), *webhooks(episode)], key=_index)


def hooks_of_unknown(episode: Episode) -> frozenset[str]:
    """Return the webhook addresses of creates that nobody knows the outcome of."""
    lost = (each for each in episode.exchanges if is_create(each) and not _is_definite(each))
    return frozenset(webhook_path(each) for each in lost)


def webhook_path(create: Exchange) -> str:
    """Return path and query of the webhook's address in the body of *create*; empty where there is none."""
    url = _webhook_url(read_json(create.request.body))
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def as_json(value: object) -> str:
    """Return *value* as JSON, for people."""
    return json.dumps(value, ensure_ascii=False)


def _index(account: Read | Webhook) -> int:
    return account.index


def _path(exchange: Exchange) -> str:
    return exchange.request.path.partition("?")[0]


def _is_definite(exchange: Exchange) -> bool:
    return 0 < exchange.status < BAD_SERVER


def _webhook_url(document: Any) -> str:  # noqa: ANN401  # JSON
    url = document.get("webhook_url") if isinstance(document, dict) else None
    return url if isinstance(url, str) else ""
