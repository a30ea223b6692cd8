"""What a WSGI application answers, as a value: whole, and with the `Transfer` that it goes out by."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.test import run_wsgi_app

from eachlabs_mock.core import AS_SENT, TRANSFER, Transfer

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Answer(NamedTuple):
    """What an application answered, whole, and how it is to go out."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    transfer: Transfer = AS_SENT


def called(app: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Return what *app* answers to *environ*. What it raises comes through."""
    wires: list[Transfer] = []

    def noting(own: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chunks = app(own, start_response)
        wires.append(own.get(TRANSFER, AS_SENT))
        return chunks

    chunks, status, headers = run_wsgi_app(noting, environ, buffered=True)  # it hands a copy of the environment on
    return Answer(int(status.split(" ", 1)[0]), headers.to_wsgi_list(), b"".join(chunks), wires[0])
