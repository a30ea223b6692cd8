"""What was asked and what came back, as values: the one thing that every judgement looks at."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NoReturn

Headers = tuple[tuple[str, str], ...]

KEY_HEADERS: Final = frozenset({"x-api-key", "authorization", "x-mock-token"})
"""Header names, in lower case, whose values are never kept."""

MASK: Final = "***"
"""What a history keeps of the value of such a header."""

OK: Final = 200
ACCEPTED: Final = range(200, 300)
BAD_REQUEST: Final = 400
TOO_MANY: Final = 429
BAD_SERVER: Final = 500
"""HTTP statuses."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    :param path: with its query, from the root of the server on; a whole address where it is on another host.
    """

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""

    def masked(self) -> "Request":
        """Return the same without the keys in its headers."""
        return replace(self, headers=mask_keys(self.headers))


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


def mask_keys(headers: Headers) -> Headers:
    """Return *headers* without the values that let somebody in; an empty one lets nobody in, and stays."""
    return tuple((name, MASK if value and name.lower() in KEY_HEADERS else value) for name, value in headers)


def read_json(body: bytes) -> Any:  # noqa: ANN401  # JSON
    """Return what *body* says in JSON; None where it is none, which NaN and Infinity are not."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
