"""Receives webhooks on loopback and keeps them until a check takes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread

from eachlabs_contract.history import Request


class Receiver:
    """Receives webhooks and keeps them.

    :param root: scheme, host and port of its URLs.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._arrived: list[Request] = []
        self._changed = Condition()
        self._answers: dict[str, int] = {}

    def url(self, path: str, status: int = 204) -> str:
        """Return the URL of *path*, where webhooks are answered with *status*."""
        self._answers[path] = status
        return self._root + path

    def fresh_url(self, status: int = 204) -> str:
        """Return a new URL, so that a late webhook of one check cannot disturb another."""
        return self.url(f"/hook/{len(self._answers) + 1}", status)

    def answer(self, path: str) -> int:
        """Return the status for webhooks at *path*."""
        return self._answers.get(path, 204)

    def take(self) -> tuple[Request, ...]:
        """Return and forget the webhooks that have arrived, oldest first."""
        with self._changed:
            arrived, self._arrived = tuple(self._arrived), []
        return arrived

    def wait(self, count: int, real_seconds: float) -> None:
        """Wait until *count* webhooks have arrived, at most *real_seconds*."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._arrived) >= count, real_seconds)

    def receive(self, request: Request) -> int:
        """Keep *request* and return the status of its answer."""
        with self._changed:
            self._arrived.append(request)
            self._changed.notify_all()
        return self.answer(request.path)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, self.path, tuple(self.headers.items()), self.rfile.read(length))
        self.send_response(self.receiver.receive(request))
        self.send_header("Location", "/redirected")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET = do_PUT = do_HEAD = _take  # noqa: N815  # names that http.server requires

    def log_message(self, *_: object) -> None:
        """Log nothing: the report shows what arrived."""


class Listener(ThreadingHTTPServer):
    """Accepts many simultaneous connections."""

    daemon_threads = True
    request_queue_size = 1024  # with the library's 5, simultaneous webhooks are a second late


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port of loopback."""

    class Handler(_Handler):
        """Passes requests to the receiver of this call."""

    server = Listener(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    Handler.receiver = receiver
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
