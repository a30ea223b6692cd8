"""Calls a WSGI application without a server or a socket; its answer is a value, with its `Transfer`."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.test import EnvironBuilder, run_wsgi_app

from eachlabs_mock.core import AS_SENT, TRANSFER, Transfer


class Answer(NamedTuple):
    """A complete answer, and how to send it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    transfer: Transfer = AS_SENT


def called(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Return the answer of *app* to *environ*. Exceptions of *app* are not caught."""
    transfers: list[Transfer] = []

    def recording(own: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        chunks = app(own, start_response)
        transfers.append(own.get(TRANSFER, AS_SENT))
        return chunks

    chunks, status, headers = run_wsgi_app(recording, environ, buffered=True)  # it passes a copy of *environ*
    return Answer(int(status.split(" ", 1)[0]), headers.to_wsgi_list(), b"".join(chunks), transfers[0])


def call_url(app: WSGIApplication, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the answer of *app* to a request to *url*, as a server would call it."""
    parts = urlsplit(url)
    environ = EnvironBuilder(
        base_url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/",
        query_string=parts.query,
        method=method,
        headers=headers.items(),
        input_stream=BytesIO(body),
        multithread=True,
        # The builder would mistake a path that starts with two slashes for a host.
        environ_overrides={"PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1")},
    ).get_environ()
    return called(app, environ)
