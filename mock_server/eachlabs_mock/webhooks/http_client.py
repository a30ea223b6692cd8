"""Sends HTTP requests to webhook receivers. All of them wait in one event loop.

A thread that waits for a socket itself switches threads a dozen times per call; under load that costs more than
everything else about the call.
"""

import asyncio
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import h11
import uvloop

LINGER = 0.2
"""Real seconds for which the loop runs on without a request: to start one takes longer than most calls."""

_CHUNK = 64 * 1024

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Destination:
    """The server to call.

    :param host: the name that its certificate must have.
    :param addresses: of the host; they are tried in order.
    :param tls: the TLS context; None: no TLS.
    """

    host: str
    addresses: Sequence[str]
    port: int
    tls: ssl.SSLContext | None = None


class HttpClient:
    """Sends requests for any number of threads, each of which waits for its own answer.

    Its one thread, a daemon, ends `LINGER` seconds after the last request.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way = 0
        self._was_used = False  # since the last check

    def post(
        self, to: Destination, target: str, headers: Mapping[str, str], body: bytes, most: int, real_seconds: float
    ) -> tuple[int, bytes]:
        """Return the status of the answer, and at most the first *most* bytes of its body.

        :param target: path and query.
        :param headers: all headers, with the host and the length.
        :param real_seconds: timeout of the whole exchange.
        :raises TimeoutError: it took longer.
        :raises OSError: no connection was made, it broke, or there are too many threads.
        :raises h11.ProtocolError: the answer is not HTTP.
        """
        request = h11.Request(method="POST", target=target, headers=list(headers.items()))
        with self._running() as loop:
            exchange = _exchange(to, request, body, most, real_seconds)
            return asyncio.run_coroutine_threadsafe(exchange, loop).result()

    @contextmanager
    def _running(self) -> Iterator[asyncio.AbstractEventLoop]:
        """Yield the loop, and keep it running meanwhile."""
        with self._lock:
            loop = self._loop = self._loop or self._begun()
            self._under_way += 1
            self._was_used = True
        try:
            yield loop
        finally:
            with self._lock:
                self._under_way -= 1

    def _begun(self) -> asyncio.AbstractEventLoop:
        loop = uvloop.new_event_loop()
        loop.call_later(LINGER, self._rest, loop)
        try:
            threading.Thread(target=_run, args=(loop,), name="http_client", daemon=True).start()
        except RuntimeError as error:  # the system allows no more threads
            loop.close()
            raise OSError(str(error)) from error
        return loop

    def _rest(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop *loop* if nothing was sent since the last check, or else check again later."""
        with self._lock:
            if self._under_way or self._was_used:
                self._was_used = False
                loop.call_later(LINGER, self._rest, loop)
            else:
                self._loop = None
                loop.stop()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


async def _exchange(
    to: Destination, request: h11.Request, body: bytes, most: int, real_seconds: float
) -> tuple[int, bytes]:
    connection = h11.Connection(h11.CLIENT)
    events = request, h11.Data(body), h11.EndOfMessage()
    whole = b"".join(connection.send(event) or b"" for event in events)
    async with asyncio.timeout(real_seconds):
        reader, writer = await _connected(to)
        try:
            writer.write(whole)
            return await _answer(connection, reader, most)
        finally:
            writer.transport.abort()  # do not wait for the rest of the answer


async def _connected(to: Destination) -> Streams:
    """Connect to the first address that accepts: a name such as localhost may have two."""
    *others, last = to.addresses
    for address in others:
        with suppress(OSError):
            return await _open(to, address)
    return await _open(to, last)


async def _open(to: Destination, address: str) -> Streams:
    return await asyncio.open_connection(
        address, to.port, ssl=to.tls, server_hostname=to.host if to.tls is not None else None
    )


async def _answer(connection: h11.Connection, reader: asyncio.StreamReader, most: int) -> tuple[int, bytes]:
    status, body = 0, b""
    while len(body) < most:
        event = connection.next_event()
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            break
        elif event is h11.NEED_DATA:
            read = await reader.read(_CHUNK)
            if status and not read:  # the receiver has closed the connection after the status
                break
            connection.receive_data(read)
    return status, body[:most]
