"""Webhook receivers on loopback, for tests over real sockets."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

Respond = Callable[[BaseHTTPRequestHandler], None]


def accept(request: BaseHTTPRequestHandler) -> None:
    request.send_response(204)
    request.end_headers()


class Receiver:
    """A webhook URL and the payloads that arrived there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.arrived: Queue[dict[str, Any]] = Queue()

    def next(self) -> dict[str, Any]:
        """Return the next payload; fail if none arrives within 10 s."""
        return self.arrived.get(timeout=10)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # with 5, as the library has it, callers who come together are turned away


@contextmanager
def receiving(respond: Respond = accept) -> Iterator[Receiver]:
    """Run a receiver that records each payload and then calls *respond*."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.arrived.put({**payload, "headers": dict(self.headers)})
            respond(self)

        def log_message(self, *_: object) -> None:
            pass

    server = _Listener(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
