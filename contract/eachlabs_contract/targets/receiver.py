"""Receives webhooks on loopback and keeps them until they are asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread

from eachlabs_contract.history import Request


class Receiver:
    """An address that takes webhooks.

    :param answers: the status by which those that arrive under a path are answered; 204 where nothing is said.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._arrived: list[Request] = []
        self._happened = Condition()
        self._answers: dict[str, int] = {}

    def url(self, path: str, status: int = 204) -> str:
        """Return the address of *path* here; what arrives there is answered with *status*."""
        self._answers[path] = status
        return self._root + path

    def fresh_url(self, status: int = 204) -> str:
        """Return an address that was never given out: what comes late for one check must not trouble another."""
        return self.url(f"/hook/{len(self._answers) + 1}", status)

    def answer(self, path: str) -> int:
        """Return the status by which whatever arrives under *path* is answered."""
        return self._answers.get(path, 204)

    def take(self) -> tuple[Request, ...]:
        """Return what has arrived since the last time, oldest first."""
        with self._happened:
            arrived, self._arrived = tuple(self._arrived), []
        return arrived

    def wait(self, count: int, real_seconds: float) -> None:
        """Return once *count* webhooks are there to be taken, or after so many real seconds."""
        with self._happened:
            self._happened.wait_for(lambda: len(self._arrived) >= count, real_seconds)

    def receive(self, request: Request) -> int:
        """Keep *request* and return the status of its answer."""
        with self._happened:
            self._arrived.append(request)
            self._happened.notify_all()
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

    do_POST = do_GET = do_PUT = do_HEAD = _take  # noqa: N815  # as http.server wants them called

    def log_message(self, *_: object) -> None:
        """Say nothing: what arrived stands in the report."""


class Listener(ThreadingHTTPServer):
    """Takes however many callers come together."""

    daemon_threads = True
    request_queue_size = 1024  # with 5, as the library has it, webhooks that come together are a second late


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port of loopback."""

    class Handler(_Handler):
        """Hands what comes to the receiver of this call."""

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
