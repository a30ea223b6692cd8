"""Receives webhooks on loopback, each at an address of its own, so that none can come too early to be known."""

from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

from gevent import Timeout
from gevent.event import AsyncResult
from gevent.pywsgi import WSGIServer

from eachlabs_mock.load.bodies import Body, document

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST = 1024 * 1024


class Receiver:
    """A server for webhooks in this process."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._expected: dict[str, AsyncResult[Body]] = {}
        self._server = WSGIServer(("127.0.0.1", 0), self._take, log=None, error_log=None)
        self._server.start()

    def expect(self) -> str:
        """Return the address for one more webhook."""
        path = f"/{next(self._numbers)}"
        self._expected[path] = AsyncResult()
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def wait(self, url: str, seconds: float) -> Body:
        """Return the body of the webhook to *url*; empty: none came within *seconds*."""
        path = url[url.rindex("/") :]
        try:
            body = self._expected[path].get(timeout=seconds)
        except Timeout:
            return {}
        else:
            return body or {}
        finally:
            self.forget(url)

    def forget(self, url: str) -> None:
        """Expect nothing any more at *url*; empty: nothing was."""
        self._expected.pop(url[url.rfind("/") :], None)

    def _take(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        expected = self._expected.get(environ["PATH_INFO"])
        if expected is not None:
            expected.set(document(environ["wsgi.input"].read(LARGEST)))
        start_response("204 No Content", [])
        return []
