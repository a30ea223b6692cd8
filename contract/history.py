"""What was asked and what came back, as values: the one thing that every judgement looks at."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Headers = tuple[tuple[str, str], ...]

KEY_HEADERS: Final = frozenset({"x-api-key", "authorization", "x-mock-token"})
"""Header names, in lower case, whose values are never kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    :param path: with its query, from the root of the server on.
    """

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header called *name* in any case; None where there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    @property
    def document(self) -> Any:  # noqa: ANN401  # JSON
        """The body read as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    :param caller: who asked, by role: "owner", "second", "nobody"; the key itself is nowhere in a history.
    :param at: milliseconds since the epoch when the answer was there, by the server's clock where that is known.
    :param answer: None where none came; *failure* says what came instead.
    """

    caller: str
    request: Request
    answer: Answer | None
    at: int
    failure: str = ""

    @property
    def status(self) -> int:
        """The HTTP status; 0 where no answer came."""
        return self.answer.status if self.answer else 0

    @property
    def document(self) -> Any:  # noqa: ANN401  # JSON
        """The answer's body read as JSON; None where it is none or did not come."""
        return self.answer.document if self.answer else None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as its receiver saw it.

    :param path: of the address it was sent to; each prediction's is its own.
    :param at: as for an exchange: the time by the server's clock when it was found.
    """

    path: str
    request: Request
    at: int

    @property
    def document(self) -> Any:  # noqa: ANN401  # JSON
        """The body read as JSON; None where it is none."""
        return Answer(0, body=self.request.body).document


Event = Exchange | Delivery


@dataclass(frozen=True, slots=True)
class Episode:
    """What happened to one fresh world of a server, in order.

    :param name: of the check that made it happen.
    :param limits: whether the documented limits were on.
    """

    name: str
    events: tuple[Event, ...]
    limits: bool = False

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges only."""
        return tuple(each for each in self.events if isinstance(each, Exchange))

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhooks only."""
        return tuple(each for each in self.events if isinstance(each, Delivery))


def masked(headers: Headers) -> Headers:
    """Return *headers* without the values that let somebody in."""
    return tuple((name, "***" if name.lower() in KEY_HEADERS else value) for name, value in headers)


def dump(episodes: Iterable[Episode]) -> str:
    """Return *episodes* as a JSON document that `load` reads."""
    listed = [
        {"name": each.name, "limits": each.limits, "events": [_event(it) for it in each.events]} for each in episodes
    ]
    return json.dumps({"format": "eachlabs-history/1", "episodes": listed}, ensure_ascii=False)


def load(text: str) -> tuple[Episode, ...]:
    """Return the episodes of a document that `dump` made.

    :raises ValueError: it is none.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != "eachlabs-history/1":
        raise ValueError('history: its "format" must be "eachlabs-history/1"')
    try:
        return tuple(
            Episode(each["name"], tuple(map(_read_event, each["events"])), each["limits"])
            for each in document["episodes"]
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"history: {error!r} where an episode should be") from None


def _event(event: Event) -> dict[str, Any]:
    if isinstance(event, Delivery):
        return {"path": event.path, "request": _message(event.request), "at": event.at}
    answer = event.answer and {"status": event.answer.status, **_content(event.answer)}
    return {
        "caller": event.caller,
        "request": _message(event.request),
        "answer": answer,
        "at": event.at,
        "failure": event.failure,
    }


def _message(request: Request) -> dict[str, Any]:
    return {"method": request.method, "path": request.path, **_content(request)}


def _content(message: Request | Answer) -> dict[str, Any]:
    # Latin-1 gives every byte a character of its own, so that bodies which are no text survive.
    return {"headers": [list(each) for each in masked(message.headers)], "body": message.body.decode("latin-1")}


def _read_event(event: Mapping[str, Any]) -> Event:
    request = _read_request(event["request"])
    if "path" in event:
        return Delivery(event["path"], request, event["at"])
    answer = event["answer"] and Answer(event["answer"]["status"], *_read_content(event["answer"]))
    return Exchange(event["caller"], request, answer, event["at"], event["failure"])


def _read_request(message: Mapping[str, Any]) -> Request:
    return Request(message["method"], message["path"], *_read_content(message))


def _read_content(message: Mapping[str, Any]) -> tuple[Headers, bytes]:
    return tuple((name, value) for name, value in message["headers"]), message["body"].encode("latin-1")
