"""Carries requests to other servers: all of them wait in one event loop, each for as long as it was given.

A thread that waits for a socket itself takes the interpreter from all others a dozen times a call, and is kept from it
as often: under load that costs more than everything else about the call.
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
"""Real seconds for which the loop stays though nothing is carried: to begin one takes longer than most calls."""

_CHUNK = 64 * 1024

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Destination:
    """Who is called.

    :param host: that a certificate has to be for.
    :param addresses: of it; the first that takes the call gets it.
    :param tls: how to speak to it in secret; None: in the clear.
    """

    host: str
    addresses: Sequence[str]
    port: int
    tls: ssl.SSLContext | None = None


class HttpClient:
    """Carries requests for any number of threads, each of which waits for its own.

    Its one thread, a daemon, is there while there is something to carry, and a moment longer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way = 0
        self._was_used = False  # since the loop last looked

    def post(
        self, to: Destination, target: str, headers: Mapping[str, str], body: bytes, most: int, real_seconds: float
    ) -> tuple[int, bytes]:
        """Return the status of the answer, and at most the first *most* bytes of its body.

        :param target: path and query.
        :param headers: all there are, the host and the length included.
        :param real_seconds: for everything, from the call to the answer.
        :raises TimeoutError: it took longer.
        :raises OSError: nobody took the call, the connection broke, or there can be no more threads.
        :raises h11.ProtocolError: the answer is no HTTP.
        """
        request = h11.Request(method="POST", target=target, headers=list(headers.items()))
        with self._running() as loop:
            exchange = _exchange(to, request, body, most, real_seconds)
            return asyncio.run_coroutine_threadsafe(exchange, loop).result()

    @contextmanager
    def _running(self) -> Iterator[asyncio.AbstractEventLoop]:
        """Hold the loop, which does not end meanwhile."""
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
        except RuntimeError as error:  # there are as many as the system allows
            loop.close()
            raise OSError(str(error)) from error
        return loop

    def _rest(self, loop: asyncio.AbstractEventLoop) -> None:
        """End *loop* if nothing was carried since the last time, or else look again."""
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
    whole = b"".join(connection.send(each) or b"" for each in events)
    async with asyncio.timeout(real_seconds):
        reader, writer = await _dialled(to)
        try:
            writer.write(whole)
            return await _answer(connection, reader, most)
        finally:
            writer.transport.abort()  # there may be more of the answer, and nobody is to wait for that


async def _dialled(to: Destination) -> Streams:
    """Connect to the first address that takes the call: a name such as localhost may have two."""
    *others, last = to.addresses
    for each in others:
        with suppress(OSError):
            return await _open(to, each)
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
            if status and not read:  # it said enough before it hung up
                break
            connection.receive_data(read)
    return status, body[:most]
