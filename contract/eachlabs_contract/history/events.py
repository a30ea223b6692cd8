"""Requests, answers and webhooks as values: the evidence of every judgement."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NoReturn

Headers = tuple[tuple[str, str], ...]

KEY_HEADERS: Final = frozenset({"x-api-key", "authorization", "x-mock-token"})
"""Header names, in lower case, whose values are never kept."""

MASK: Final = "***"
"""Replaces the value of such a header in a history."""

OK: Final = 200
ACCEPTED: Final = range(200, 300)
BAD_REQUEST: Final = 400
TOO_MANY: Final = 429
BAD_SERVER: Final = 500
"""HTTP statuses."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    :param path: path and query, from the root of the server; a whole URL where it is on another host.
    """

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""

    def masked(self) -> "Request":
        """Return the request without the keys in its headers."""
        return replace(self, headers=mask_keys(self.headers))


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header called *name*, in any case; None where there is none."""
        return next((value for header, value in self.headers if header.lower() == name.lower()), None)

    @cached_property
    def document(self) -> Any:  # noqa: ANN401  # JSON
        """The body as JSON; None where it is not JSON."""
        return read_json(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    :param caller: the role of the caller: "owner", "second", "nobody"; a history never holds the key itself.
    :param at: when the answer had come, in milliseconds since the epoch, by the server's clock where that is known.
    :param answer: None where none came; *failure* says why.
    :param failure: why the answer is missing or incomplete; empty where it is complete.
    :param number: the number of the request in the server's own journal; 0 where it has none.
    :param came_at: when the request arrived, as *at*; None where that is unknown.
    :param keys: where the request had a key: "X-API-Key", "Authorization", "query"; None where that is unknown.
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
        """The answer's body as JSON; None where it is not JSON or is missing."""
        return self.answer.document if self.answer else None


@dataclass(frozen=True)
class Delivery:
    """A webhook as its receiver saw it.

    :param path: path and query of its URL; each prediction has its own.
    :param at: the time by the server's clock when the check saw it, not when it came.
    :param answered: the HTTP status of the receiver's answer; 0 where it sent none.
    :param number: its number in the server's own journal; 0 where it has none. Attempts at one webhook share it.
    :param failure: why no answer came; empty where one did.
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
    """The events of one fresh world of a server, in order.

    :param name: the id of the check that made it.
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
        return tuple(event for event in self.events if isinstance(event, Exchange))

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhooks only."""
        return tuple(event for event in self.events if isinstance(event, Delivery))


def mask_keys(headers: Headers) -> Headers:
    """Return *headers* with masked keys; an empty value is no key, and stays."""
    return tuple((name, MASK if value and name.lower() in KEY_HEADERS else value) for name, value in headers)


def read_json(body: bytes) -> Any:  # noqa: ANN401  # JSON
    """Return *body* as JSON; None where it is not JSON, as with NaN and Infinity."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
