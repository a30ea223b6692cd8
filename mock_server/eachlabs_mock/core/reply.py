"""An answer as a value, and what the wire is to do to it. Pure."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

JSON = "application/json"

End = Literal["complete", "close", "reset", "hang"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """How an answer goes out. By default at once and whole, as any server would send it.

    All times are real seconds, whatever the world's clock does: whoever waits at a socket waits in real time.

    :param delay: seconds before the first byte.
    :param spread: seconds over which the body is spread, piece by piece.
    :param cut_after: bytes of the body that are sent before *end* comes; None: all of them. With 0 not even the head
        is, unless *end* is `close`.
    :param end: `complete`: as promised; `close`: the connection is closed in an orderly way, with bytes of the body
        missing; `reset`: it is reset (a TCP RST); `hang`: nothing more comes, until the caller hangs up.
    """

    delay: float = 0.0
    spread: float = 0.0
    cut_after: int | None = None
    end: End = "complete"

    @property
    def needs_socket(self) -> bool:
        """Whether a WSGI server cannot do it, or only at the cost of a thread for all that time."""
        return self.end in {"reset", "hang"} or self.spread > 0


AS_SENT = Transfer()

TRANSFER = "eachlabs_mock.transfer"
"""Where a WSGI environment carries the `Transfer` of its answer, once that is known and is not the usual one."""


class Reply(NamedTuple):
    """An answer: HTTP status, body, and the headers that are peculiar to it."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON
    transfer: Transfer = AS_SENT

    @property
    def retry_after(self) -> str:
        """What its header of that name says; empty, where it has none."""
        return next((value for name, value in self.headers if name == "Retry-After"), "") if self.headers else ""


@dataclass(frozen=True, slots=True)
class Message:
    """What the body of an answer or of a webhook is, and what it is said to be."""

    body: bytes
    content_type: str = JSON
