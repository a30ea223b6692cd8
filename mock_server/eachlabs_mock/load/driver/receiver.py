"""Receives webhooks on loopback; each prediction gets its own URL before it is created, so none arrives too early."""

from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

from gevent import Timeout
from gevent.event import AsyncResult
from gevent.pywsgi import WSGIServer

from eachlabs_mock.load.driver.shared import Body, json_object

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY = 1024 * 1024


class Receiver:
    """A webhook server in this process."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._expected: dict[str, AsyncResult[Body]] = {}
        self._server = WSGIServer(("127.0.0.1", 0), self._respond, log=None, error_log=None)
        self._server.start()

    def expect(self) -> str:
        """Return the URL for one more webhook."""
        path = f"/{next(self._numbers)}"
        self._expected[path] = AsyncResult()
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def wait(self, url: str, seconds: float) -> Body:
        """Return the body of the webhook to *url*; empty if none arrives within *seconds*."""
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
        """Stop expecting a webhook at *url*, which may be empty."""
        self._expected.pop(url[url.rfind("/") :], None)

    def _respond(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        expected = self._expected.get(environ["PATH_INFO"])
        if expected is not None:
            expected.set(json_object(environ["wsgi.input"].read(MAX_BODY)))
        start_response("204 No Content", [])
        return []
