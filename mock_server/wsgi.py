"""What stands between a WSGI application and whoever calls it: bodies are read to their end, answers carry a `Wire`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from werkzeug.test import run_wsgi_app

from mock_server.clock import Alarm
from mock_server.reply import AS_SENT, WIRE, Wire

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods whose calls are answered without a look at what they carry."""

MOST_DRAINED = 16 * 1024 * 1024
"""Bytes of a refused body that are read so that its sender sees the refusal; past that the connection may break."""

_CHUNK = 64 * 1024

_FLUSH = 0.05
"""Real seconds in which granian writes what it was given."""


@runtime_checkable
class _Closes(Protocol):
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application answered, whole, and how it is to go out."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    wire: Wire = AS_SENT


def called(app: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Return what *app* answers to *environ*. What it raises comes through."""
    wires: list[Wire] = []

    def noting(own: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chunks = app(own, start_response)
        wires.append(own.get(WIRE, AS_SENT))
        return chunks

    chunks, status, headers = run_wsgi_app(noting, environ, buffered=True)  # it hands a copy of the environment on
    return Answer(int(status.split(" ", 1)[0]), headers.to_wsgi_list(), b"".join(chunks), wires[0])


def served(app: "WSGIApplication") -> "WSGIApplication":
    """Return *app* as granian's WSGI is to serve it.

    What it left unread of a body is read after it: granian may hang up on a client that is still sending, who then
    never sees why it was refused. Of a `Wire` is performed what WSGI can: a delay, at the cost of a thread, and an
    orderly end in the middle. The rest needs the socket.
    """

    def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = app(environ, start_response)
        if environ["REQUEST_METHOD"] not in BODILESS:
            _drain(environ["wsgi.input"])
        wire: Wire | None = environ.get(WIRE)
        return _performed(wire, answer) if wire else answer

    return wsgi


def _drain(body: "InputStream") -> None:
    for _ in range(MOST_DRAINED // _CHUNK):
        if not body.read(_CHUNK):
            break


def _performed(wire: Wire, answer: Iterable[bytes]) -> Iterable[bytes]:
    if wire.delay:
        Alarm().wait(wire.delay)
    return _cut(_whole(answer)[: wire.cut_after]) if wire.end == "close" else answer


def _whole(answer: Iterable[bytes]) -> bytes:
    try:
        return b"".join(answer)
    finally:
        if isinstance(answer, _Closes):
            answer.close()


def _cut(beginning: bytes) -> Iterator[bytes]:
    yield beginning
    # A body that falls short of its Content-Length makes granian drop the connection, with all that it has not written
    # by then. It takes one chunk at a time, so that once it asks for a third, the first is about to be written.
    yield b""
    Alarm().wait(_FLUSH)
