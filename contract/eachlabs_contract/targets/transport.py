"""The interface for sending requests; `http` and `wsgi` implement it."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from eachlabs_contract.history import Answer, Request

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class NoAnswerError(Exception):
    """The server was not there, closed the connection, or took too long; the text says which."""


class Transport(Protocol):
    """Sends requests to a server. Safe between threads."""

    @property
    def root(self) -> str:
        """The address of the server, scheme and host, without a path."""

    def send(self, request: Request) -> Answer:
        """Return the answer to *request*, with any status; redirects are not followed.

        :raises NoAnswerError: no answer came.
        """


def is_address(path: str) -> bool:
    """Say whether *path* is a whole URL: an output may be on another host."""
    return path.startswith(("http://", "https://"))


def connect(root: str) -> Transport:
    """Return a transport over HTTP to the server at *root*, scheme and host."""
    from eachlabs_contract.targets.http import HttpTransport  # noqa: PLC0415  # urllib3 is slow to import

    return HttpTransport(root)
