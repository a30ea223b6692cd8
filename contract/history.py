"""What was asked and what came back, as values: the one thing that every judgement looks at."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NoReturn

Headers = tuple[tuple[str, str], ...]

FORMAT: Final = "eachlabs-history/1"

KEY_HEADERS: Final = frozenset({"x-api-key", "authorization", "x-mock-token"})
"""Header names, in lower case, whose values are never kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    :param path: with its query, from the root of the server on; a whole address where it is on another host.
    """

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header called *name* in any case; None where there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    @cached_property
    def document(self) -> Any:  # noqa: ANN401  # JSON
        """The body read as JSON; None where it is none."""
        return read_json(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    :param caller: who asked, by role: "owner", "second", "nobody"; the key itself is nowhere in a history.
    :param at: milliseconds since the epoch when the answer was there, by the server's clock where that is known.
    :param answer: None where none came; *failure* says what came instead.
    :param failure: empty where the answer came whole.
    :param number: by which the server's own journal knows it; 0: it is in none.
    :param came_at: when the request arrived, as *at*; None: not known.
    :param keys: where it carried a key: "X-API-Key", "Authorization", "query"; None: not known.
    """

    caller: str
    request: Request
    answer: Answer | None
    at: int
    failure: str = ""
    number: int = 0
    came_at: int | None = None
    keys: tuple[str, ...] | None = None

    @property
    def status(self) -> int:
        """The HTTP status; 0 where no answer came."""
        return self.answer.status if self.answer else 0

    @property
    def document(self) -> Any:  # noqa: ANN401  # JSON
        """The answer's body read as JSON; None where it is none or did not come."""
        return self.answer.document if self.answer else None


@dataclass(frozen=True)
class Delivery:
    """A webhook as its receiver saw it.

    :param path: of the address it was sent to; each prediction's is its own.
    :param at: as for an exchange: the time by the server's clock when it was found, not when it came.
    :param answered: the HTTP status that the receiver gave it; 0 where it gave none.
    :param number: by which the server's own journal knows it; 0: it is in none. Attempts at one webhook share it.
    :param failure: why no answer came, in words; empty where one did.
    """

    path: str
    request: Request
    at: int
    answered: int = 204
    number: int = 0
    failure: str = ""

    @cached_property
    def document(self) -> Any:  # noqa: ANN401  # JSON
        """The body read as JSON; None where it is none."""
        return read_json(self.request.body)


Event = Exchange | Delivery


@dataclass(frozen=True, slots=True)
class Episode:
    """What happened to one fresh world of a server, in order.

    :param name: of the check that made it happen.
    :param rate_limited: whether the documented limit of 100 requests a minute was on.
    :param capped: whether the documented limit of 10 predictions in flight was on.
    """

    name: str
    events: tuple[Event, ...]
    rate_limited: bool = False
    capped: bool = False

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges only."""
        return tuple(each for each in self.events if isinstance(each, Exchange))

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhooks only."""
        return tuple(each for each in self.events if isinstance(each, Delivery))


def masked(headers: Headers) -> Headers:
    """Return *headers* without the values that let somebody in; an empty one lets nobody in, and stays."""
    return tuple((name, "***" if value and name.lower() in KEY_HEADERS else value) for name, value in headers)


def read_json(body: bytes) -> Any:  # noqa: ANN401  # JSON
    """Return what *body* says in JSON; None where it is none, which NaN and Infinity are not."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def dump(episodes: Iterable[Episode]) -> str:
    """Return *episodes* as a JSON document that `load` reads, an event a line. No key is in it."""
    return f'{{"format": {json.dumps(FORMAT)}, "episodes": {_lines(map(_episode, episodes))}}}\n'


def load(text: str) -> tuple[Episode, ...]:
    """Return the episodes of a document that `dump` made.

    :raises ValueError: it is none; the text says where it is not.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'history: its "format" must be "{FORMAT}"')
    return tuple(_read_episode(number, each) for number, each in enumerate(_listed(document), 1))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _lines(values: Iterable[str]) -> str:
    return "[\n" + ",\n".join(values) + "\n]"


def _episode(episode: Episode) -> str:
    facts = {"name": episode.name, "rate_limited": episode.rate_limited, "capped": episode.capped}
    events = _lines(json.dumps(_event(each)) for each in episode.events)
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
    answer = event.answer and {"status": event.answer.status, **_content(event.answer)}
    return {
        "caller": event.caller,
        "request": _message(event.request),
        "answer": answer,
        "at": event.at,
        "failure": event.failure,
        **_known(number=event.number or None, came_at=event.came_at, keys=event.keys),
    }


def _known(**facts: object) -> dict[str, object]:
    """Return those of *facts* that only a server's own journal knows, where it does."""
    return {name: value for name, value in facts.items() if value is not None}


def _message(request: Request) -> dict[str, Any]:
    return {"method": request.method, "path": request.path, **_content(request)}


def _content(message: Request | Answer) -> dict[str, Any]:
    return {"headers": [list(each) for each in masked(message.headers)], "body": _body(message.body)}


def _body(body: bytes) -> str | dict[str, str]:
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
