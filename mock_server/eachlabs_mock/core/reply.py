"""A response as a value, and how it is transferred. Pure."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

JSON = "application/json"

End = Literal["complete", "close", "reset", "hang"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a response is sent; by default at once and complete.

    Times are real seconds, whatever the world's clock does.

    :param delay: seconds before the first byte.
    :param spread: seconds in which the body is sent, piece by piece.
    :param cut_after: bytes of the body that are sent before *end*; None: all. With 0 the head is not sent, either,
        unless *end* is `close`.
    :param end: `complete`: the whole response is sent; `close`: the connection is closed before the body is complete;
        `reset`: it is reset (TCP RST); `hang`: it stays open, and nothing more is sent.
    """

    delay: float = 0.0
    spread: float = 0.0
    cut_after: int | None = None
    end: End = "complete"

    @property
    def needs_socket(self) -> bool:
        """Whether a WSGI server cannot do it, or only by blocking a thread."""
        return self.end in {"reset", "hang"} or self.spread > 0


AS_SENT = Transfer()

TRANSFER = "eachlabs_mock.transfer"
"""The key of the response's `Transfer` in a WSGI environment; absent for AS_SENT."""


class Reply(NamedTuple):
    """A response: HTTP status, body, and the headers that not every response has."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON
    transfer: Transfer = AS_SENT

    @property
    def retry_after(self) -> str:
        """The value of its Retry-After header; empty: it has none."""
        return next((value for name, value in self.headers if name == "Retry-After"), "") if self.headers else ""


@dataclass(frozen=True, slots=True)
class Message:
    """The body of a response or of a webhook, and its Content-Type."""

    body: bytes
    content_type: str = JSON
