"""Carries one request to a server and its answer back: over HTTP, or straight into a WSGI application."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, MaxRetryError
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from contract.history import Answer, Request

TIMEOUT: Final = 35.0
"""Real seconds to wait for an answer: more than the 30 that a webhook may take while a clock is moved."""

CONNECT_TIMEOUT: Final = 5.0
"""Real seconds to wait for a connection."""

CONNECTIONS: Final = 128
"""Kept open at once, enough for every thread of a race."""

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


class HttpTransport:
    """Over HTTP, with connections kept open.

    :param root: scheme and host, such as ``http://127.0.0.1:8780``.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        timeout = Timeout(connect=CONNECT_TIMEOUT, read=TIMEOUT)
        self._pool = PoolManager(maxsize=CONNECTIONS, retries=Retry(0, redirect=False), timeout=timeout)

    @property
    def root(self) -> str:
        return self._root

    def send(self, request: Request) -> Answer:
        body = request.body or None
        url = request.path if _is_address(request.path) else self._root + request.path
        headers = dict(request.headers)
        try:
            answer = self._pool.request(request.method, url, body, headers=headers, redirect=False)
        except HTTPError as error:
            raise NoAnswerError(_reason(error)) from None
        return Answer(answer.status, tuple(answer.headers.items()), answer.data)


class WsgiTransport:
    """Straight into an application of this process: no socket, no server.

    :param root: what the application is told of its own address.
    """

    def __init__(self, app: WsgiApp, root: str = "http://127.0.0.1:8780") -> None:
        self._app = app
        self._root = root

    @property
    def root(self) -> str:
        return self._root

    def send(self, request: Request) -> Answer:
        if _is_address(request.path):
            raise NoAnswerError(f"{request.path} is not this application's, and nothing else is asked in process")
        builder = EnvironBuilder(
            path=request.path,
            method=request.method,
            base_url=self._root,
            headers=list(request.headers),
            data=request.body,
        )
        with contextlib.closing(builder):
            chunks, status, headers = self._run(builder.get_environ())
        return Answer(int(status.split()[0]), tuple(headers.items()), b"".join(chunks))

    def _run(self, environ: dict[str, Any]) -> tuple[Iterable[bytes], str, Headers]:
        try:
            return run_wsgi_app(self._app, environ, buffered=True)
        except Exception as error:  # whatever it is, a server in front of it would hang up or say 500
            raise NoAnswerError(f"the application raised {error!r}") from error


def _is_address(path: str) -> bool:
    """Say whether it leads elsewhere: an output may lie on a host of its own."""
    return path.startswith(("http://", "https://"))


def _reason(error: HTTPError) -> str:
    """Return what *error* says, without the names of objects that the library puts in front of it."""
    text = str(error.reason if isinstance(error, MaxRetryError) else error)
    return text.partition("): ")[2] if text.startswith(("HTTPConnection", "HTTPSConnection")) else text
