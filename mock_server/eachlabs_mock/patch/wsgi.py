"""Calls a WSGI application as a server would, without a server or a socket."""

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.test import EnvironBuilder

from eachlabs_mock.web import Answer, called

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication


def call(app: "WSGIApplication", method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the response of *app* to a request to *url*; exceptions of *app* propagate."""
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
