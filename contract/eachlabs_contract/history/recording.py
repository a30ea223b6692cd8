"""Histories as JSON documents, and back; the documents hold no keys."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from eachlabs_contract.history.events import Answer, Delivery, Episode, Event, Exchange, Headers, Request, mask_keys

FORMAT: Final = "eachlabs-history/1"


def dump_history(episodes: Iterable[Episode]) -> str:
    """Return *episodes* as a JSON document for `load_history`, with a line for each event and without keys."""
    return f'{{"format": {json.dumps(FORMAT)}, "episodes": {_lines(map(_episode, episodes))}}}\n'


def load_history(text: str) -> tuple[Episode, ...]:
    """Return the episodes of a document from `dump_history`.

    :raises ValueError: it is no such document; the text says where it is wrong.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'history: its "format" must be "{FORMAT}"')
    return tuple(_read_episode(number, episode) for number, episode in enumerate(_listed(document), 1))


def _lines(values: Iterable[str]) -> str:
    return "[\n" + ",\n".join(values) + "\n]"


def _episode(episode: Episode) -> str:
    facts = {"name": episode.name, "rate_limited": episode.rate_limited, "capped": episode.capped}
    events = _lines(json.dumps(_event(event)) for event in episode.events)
    return f'{json.dumps(facts)[:-1]}, "events": {events}}}'


def _event(event: Event) -> dict[str, Any]:
    if isinstance(event, Delivery):
        return {
            "path": event.path,
            "request": _message(event.request),
            "at": event.at,
            "answered": event.answered,
            **_known(number=event.number or None, failure=event.failure or None),
        }
    answer = event.answer and {"status": event.answer.status, **content_as_json(event.answer)}
    return {
        "caller": event.caller,
        "request": _message(event.request),
        "answer": answer,
        "at": event.at,
        "failure": event.failure,
        **_known(number=event.number or None, came_at=event.came_at, keys=event.keys),
    }


def _message(request: Request) -> dict[str, Any]:
    return {"method": request.method, "path": request.path, **content_as_json(request)}


def content_as_json(message: Request | Answer, longest: int | None = None) -> dict[str, Any]:
    """Return headers and body of *message* as JSON; a body longer than *longest* bytes as its size."""
    return {"headers": [list(header) for header in mask_keys(message.headers)], "body": _body(message.body, longest)}


def _body(body: bytes, longest: int | None) -> str | dict[str, str | int]:
    if longest is not None and len(body) > longest:
        return {"bytes": len(body)}
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _listed(document: Mapping[str, Any]) -> list[Any]:
    episodes = document.get("episodes")
    if not isinstance(episodes, list):
        raise ValueError('history: its "episodes" must be a list')  # noqa: TRY004  # a document's fault, not a caller's
    return episodes


def _read_episode(number: int, episode: Mapping[str, Any]) -> Episode:
    try:
        events = tuple(map(_read_event, episode["events"]))
        return Episode(episode["name"], events, episode["rate_limited"], episode["capped"])
    except KeyError as error:
        raise ValueError(f"history: episode {number}: the field {error} is missing") from None
    except (TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"history: episode {number}: {error}") from None


def _read_event(event: Mapping[str, Any]) -> Event:
    request = _read_request(event["request"])
    if "path" in event:
        own = event.get("number", 0), event.get("failure", "")
        return Delivery(event["path"], request, event["at"], event["answered"], *own)
    answer = event["answer"] and Answer(event["answer"]["status"], *_read_content(event["answer"]))
    keys = None if event.get("keys") is None else tuple(event["keys"])
    number, came_at = event.get("number", 0), event.get("came_at")
    return Exchange(event["caller"], request, answer, event["at"], event["failure"], number, came_at, keys)


def _read_request(message: Mapping[str, Any]) -> Request:
    return Request(message["method"], message["path"], *_read_content(message))


def _read_content(message: Mapping[str, Any]) -> tuple[Headers, bytes]:
    return tuple((name, value) for name, value in message["headers"]), _read_body(message["body"])


def _read_body(body: str | Mapping[str, str]) -> bytes:
    return body.encode() if isinstance(body, str) else base64.b64decode(body["base64"])


def _known(**facts: object) -> dict[str, object]:
    """Return the *facts* that are known: only a server's own journal knows them all."""
    return {name: value for name, value in facts.items() if value is not None}
