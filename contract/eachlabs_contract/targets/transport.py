"""What carries one request to a server and its answer back; `http` and `wsgi` are the two ways there are."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from eachlabs_contract.history import Answer, Request

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class NoAnswerError(Exception):
    """The server was not there, hung up, or took too long; the text says which."""


class Transport(Protocol):
    """A way to a server. Safe between threads."""

    @property
    def root(self) -> str:
        """The address of the server, scheme and host, without a path."""

    def send(self, request: Request) -> Answer:
        """Return the answer to *request*, whatever it is; redirects are not followed.

        :raises NoAnswerError: none came.
        """


def is_address(path: str) -> bool:
    """Say whether it leads elsewhere: an output may lie on a host of its own."""
    return path.startswith(("http://", "https://"))


def connect(root: str) -> Transport:
    """Return the way to the server at *root*, scheme and host, over HTTP."""
    from eachlabs_contract.targets.http import HttpTransport  # noqa: PLC0415  # urllib3 is slow to import

    return HttpTransport(root)
