"""Webhook receivers with configurable behaviour."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from eachlabs_mock.webhooks.egress import Egress

LOOPBACK_ONLY = Egress(())


LONG = 20.0


HEADERS = {"Content-Type": "application/json", "User-Agent": "eachlabs-mock"}


@dataclass
class Peer:
    """A receiver of one call: the bytes that it read, and an event that ends it."""

    server: socket.socket
    request: bytes = b""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def url(self, path: str = "/hook", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def read_request(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            head = b"".join(iter(stream.readline, b"\r\n"))
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self.request = head + b"\r\n" + stream.read(int(length))

    def is_called_again(self) -> bool:
        self.server.setblocking(False)
        try:
            self.server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


Behaviour = Callable[[Peer, socket.socket], None]


@contextmanager
def receiver(behave: Behaviour) -> Iterator[Peer]:
    """A receiver that takes one call and behaves so."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = Peer(server)

        def take_one() -> None:
            with suppress(OSError):  # the caller hung up, or none called
                connection, _ = server.accept()
                with connection:
                    behave(peer, connection)

        thread = threading.Thread(target=take_one, daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            peer.over.set()
            with suppress(OSError):  # some systems know no shutdown of a socket that listens
                server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def answers(answer: bytes) -> Behaviour:
    def behave(peer: Peer, connection: socket.socket) -> None:
        peer.read_request(connection)
        connection.sendall(answer)

    return behave


@dataclass
class Resolver:
    """A fake `getaddrinfo` that returns the next list of addresses on each call for a name."""

    answers: Mapping[str, list[list[str]]]
    asked: list[str] = field(default_factory=list)
    real: Callable[..., Any] = socket.getaddrinfo

    def __call__(self, host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host not in self.answers:
            return list(self.real(host, port, *args, **options))
        self.asked.append(host)
        found = self.answers[host][min(len(self.asked), len(self.answers[host])) - 1]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]
