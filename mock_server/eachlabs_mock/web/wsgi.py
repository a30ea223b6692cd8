"""The answer of a WSGI application as a value, with its `Transfer`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.test import run_wsgi_app

from eachlabs_mock.core import AS_SENT, TRANSFER, Transfer

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Answer(NamedTuple):
    """A complete answer, and how to send it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    transfer: Transfer = AS_SENT


def called(app: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Return the answer of *app* to *environ*. Exceptions of *app* are not caught."""
    transfers: list[Transfer] = []

    def recording(own: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chunks = app(own, start_response)
        transfers.append(own.get(TRANSFER, AS_SENT))
        return chunks

    chunks, status, headers = run_wsgi_app(recording, environ, buffered=True)  # it passes a copy of *environ*
    return Answer(int(status.split(" ", 1)[0]), headers.to_wsgi_list(), b"".join(chunks), transfers[0])
