"""Serves a WSGI application of this process over a real socket."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from eachlabs_contract.targets.transport import WsgiApp


class _Silent(WSGIRequestHandler):
    def log(self, *_args: Any, **_options: Any) -> None:
        pass


@contextmanager
def serving(app: WsgiApp) -> Iterator[str]:
    """Serve *app* on a free loopback port; yield its root URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answering(answer: Callable[[Request], Response]) -> WsgiApp:
    """Return an application that calls *answer* for each request."""
    return lambda environ, start: answer(Request(environ))(environ, start)
