"""Runs a WSGI application on granian's RSGI, so that waiting costs no thread and a fault can break an answer.

Under WSGI, a thread that waits for a body or delays an answer serves no other call, and the application has no socket.
Here both wait in one event loop. A call that waits for nothing is answered in the loop itself: passing it to a thread
and back costs more than answering it. RSGI has the address of the caller, which identifies its connection among the
files of this process. A broken answer is written to that socket directly, since granian does not report when it has
written an answer, and the break must not come earlier.
"""

import asyncio
import signal
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache, partial
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]  # public, but not marked so

from eachlabs_mock.core import AS_SENT
from eachlabs_mock.server.request_bodies import Bodies
from eachlabs_mock.server.sockets import UNREAD, connection_to, drop_unread
from eachlabs_mock.web import Answer, AtOnce, called

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Send = Callable[[bytes], Awaitable[None]]

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods whose calls are answered without reading their bodies."""

_PIECE = 0.05
"""Real seconds between two pieces of a body that is spread; more if it has fewer bytes than pieces."""

_DISCONNECT_TIMEOUT = 1.0
"""Real seconds for granian to notice that a connection has ended."""

_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: a close resets the connection and drops unsent bytes."""


class OverRsgi:
    """An RSGI application that calls a WSGI application in threads, and performs the `Transfer` of each answer.

    :param at_once: answers a call that waits for nothing; returns None for a call that needs a thread.
    :param threads: calls answered concurrently in threads.
    """

    def __init__(self, app: "WSGIApplication", at_once: AtOnce, threads: int) -> None:
        self._app = app
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(threads, "wsgi")
        self._bodies = Bodies()
        self._ending = asyncio.Event()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the checks for late bodies and unread answers; end hanging answers when the server stops."""
        # granian's own handlers stay in force: the loop calls them through its wake-up descriptor.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._ending.set))
        self._bodies.watch(loop)
        loop.call_soon(drop_unread, UNREAD)  # later, when granian listens

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one call."""
        environ = environ_of(scope)
        has_body = scope.method not in BODILESS
        body = await self._bodies.read(environ, protocol) if has_body else b""
        if body is None:
            protocol.response_empty(HTTPStatus.REQUEST_TIMEOUT, [])
            return
        is_whole = not has_body or environ.get("CONTENT_LENGTH") in (None, str(len(body)))
        answer = self._at_once(environ, body) if is_whole else None
        if answer is None:
            answer = await self._in_thread({**environ, **_rest(scope, body, is_whole=is_whole)})
        if answer.transfer is AS_SENT:
            protocol.response_bytes(answer.status, answer.headers, answer.body)
            return
        await asyncio.sleep(answer.transfer.delay)
        if answer.transfer.end == "complete":
            await _complete(protocol, answer)
        else:
            with suppress(ConnectionError), connection_to(scope.client) as connection:  # the caller has gone
                await self._broken_off(connection, protocol, answer)

    async def _in_thread(self, environ: "WSGIEnvironment") -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._pool, called, self._app, environ)

    async def _broken_off(self, connection: socket.socket, protocol: HTTPProtocol, answer: Answer) -> None:
        transfer = answer.transfer
        send = partial(asyncio.get_running_loop().sock_sendall, connection)
        if transfer.cut_after != 0 or transfer.end == "close":
            await send(_head(answer))
            await _send_spread(send, answer.body[: transfer.cut_after], transfer.spread)
        if transfer.end == "hang":
            await _first_of(_disconnected(protocol), self._ending.wait())
        if transfer.end != "reset" or not await _is_reset(connection, protocol):
            _shut(connection, socket.SHUT_RDWR)  # granian will answer this call as well: into a closed socket


def environ_of(scope: Scope) -> "WSGIEnvironment":
    """Return the part of a WSGI environment that the lane needs: the request line, headers and server address."""
    server, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        variable = _variable(name)
        environ[variable] = f"{environ[variable]},{value}" if variable in environ else value
    environ.setdefault("HTTP_HOST", scope.authority or "")
    return environ


def _rest(scope: Scope, body: bytes, *, is_whole: bool) -> "WSGIEnvironment":
    """Return the rest of the environment that granian makes for WSGI, without the variables of the process."""
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SCRIPT_NAME": "",
        "SERVER_SOFTWARE": "Granian",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.input": BytesIO(body),
        **({"wsgi.input_terminated": True} if is_whole else {}),  # without it Werkzeug reports a body that was cut off
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


@lru_cache(256)
def _variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"


async def _complete(protocol: HTTPProtocol, answer: Answer) -> None:
    if not answer.transfer.spread:
        protocol.response_bytes(answer.status, answer.headers, answer.body)
        return
    stream = protocol.response_stream(answer.status, answer.headers)
    with suppress(ProtocolClosed):  # the caller has gone
        await _send_spread(stream.send_bytes, answer.body, answer.transfer.spread)


async def _send_spread(send: Send, body: bytes, spread: float) -> None:
    size = max(1, int(len(body) * _PIECE / max(spread, _PIECE)))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    for piece in pieces:
        await asyncio.sleep(spread / len(pieces))
        await send(piece)


def _head(answer: Answer) -> bytes:
    phrase = HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else ""
    headers = (*answer.headers, ("server", "granian"), ("date", formatdate(usegmt=True)))  # as granian sends them
    lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name.lower()}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _shut(connection: socket.socket, how: int) -> None:
    with suppress(OSError):  # the caller has closed it already
        connection.shutdown(how)


async def _is_reset(connection: socket.socket, protocol: HTTPProtocol) -> bool:
    """Make granian drop *connection*, so that the close here resets it; return False if granian keeps it.

    It keeps it where the caller has sent another call already.
    """
    with suppress(OSError):  # some systems refuse options of a closed connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    _shut(connection, socket.SHUT_RD)  # granian takes this for a disconnect; it sends nothing
    with suppress(TimeoutError):
        await asyncio.wait_for(_disconnected(protocol), _DISCONNECT_TIMEOUT)
        return True
    return False


async def _disconnected(protocol: HTTPProtocol) -> None:
    await protocol.client_disconnect()


async def _first_of(*events: Coroutine[None, None, object]) -> None:
    tasks = [asyncio.ensure_future(event) for event in events]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
