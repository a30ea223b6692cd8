"""A WSGI application over granian's RSGI, where whoever waits costs no thread, and an answer may end as it should not.

WSGI has no socket, and a thread of it that waits, for a body or to send an answer late, serves nobody. Here both wait
in one event loop, in which all that needs no waiting is answered at once: handing a call to a thread and back costs
more than answering it. RSGI tells the caller's address, by which the connection is found among the files of this
process. An answer that is to end badly is written to it directly: granian tells nobody when it has written what it was
given, and the end must not come before that.
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
"""Methods whose calls are answered without a look at what they carry."""

_PIECE = 0.05
"""Real seconds between two pieces of a body that is spread, unless it has fewer bytes than that makes pieces."""

_HEED = 1.0
"""Real seconds in which granian notices that a connection has ended."""

_AT_ONCE = struct.pack("ii", 1, 0)
"""As SO_LINGER: to close means to reset, and to throw away what is not sent."""


class OverRsgi:
    """An RSGI application that calls a WSGI application in threads, and performs the `Transfer` of each answer.

    :param at_once: answers a call that needs no waiting, for anything; None: it is one for a thread.
    :param threads: calls worked on at once; one that only waits is not worked on.
    """

    def __init__(self, app: "WSGIApplication", at_once: AtOnce, threads: int) -> None:
        self._app = app
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(threads, "wsgi")
        self._bodies = Bodies()
        self._ending = asyncio.Event()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch the time that callers take; have it told when the server is to end, lest those hanging hold that up."""
        # granian's own handlers stay in force: the loop calls them for what comes by its wake-up descriptor.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._ending.set))
        self._bodies.watch(loop)
        loop.call_soon(drop_unread, UNREAD)  # by then granian listens

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one call."""
        environ = asked_by(scope)
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
            with suppress(ConnectionError), connection_to(scope.client) as connection:  # it is one that the caller goes
                await self._broken_off(connection, protocol, answer)

    async def _in_thread(self, environ: "WSGIEnvironment") -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._pool, called, self._app, environ)

    async def _broken_off(self, connection: socket.socket, protocol: HTTPProtocol, answer: Answer) -> None:
        wire = answer.transfer
        send = partial(asyncio.get_running_loop().sock_sendall, connection)
        if wire.cut_after != 0 or wire.end == "close":
            await send(_head(answer))
            await _dribble(send, answer.body[: wire.cut_after], wire.spread)
        if wire.end == "hang":
            await _first_of(_departure(protocol), self._ending.wait())
        if wire.end != "reset" or not await _is_reset(connection, protocol):
            _shut(connection, socket.SHUT_RDWR)  # the answer that granian makes up for this call goes nowhere


def asked_by(scope: Scope) -> "WSGIEnvironment":
    """Return what of a WSGI environment the caller decides, and the address called; the lane needs no more."""
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
    """Return the rest of the environment that granian would make for WSGI, without the variables of the process."""
    return {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SCRIPT_NAME": "",
        "SERVER_SOFTWARE": "Granian",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.input": BytesIO(body),
        **({"wsgi.input_terminated": True} if is_whole else {}),  # without it Werkzeug misses the rest, and says so
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
        await _dribble(stream.send_bytes, answer.body, answer.transfer.spread)


async def _dribble(send: Send, body: bytes, spread: float) -> None:
    size = max(1, int(len(body) * _PIECE / max(spread, _PIECE)))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    for piece in pieces:
        await asyncio.sleep(spread / len(pieces))
        await send(piece)


def _head(answer: Answer) -> bytes:
    phrase = HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else ""
    headers = (*answer.headers, ("server", "granian"), ("date", formatdate(usegmt=True)))  # as granian has them
    lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name.lower()}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _shut(connection: socket.socket, how: int) -> None:
    with suppress(OSError):  # the caller was quicker
        connection.shutdown(how)


async def _is_reset(connection: socket.socket, protocol: HTTPProtocol) -> bool:
    """Have granian drop *connection*, so that it is reset once it is closed here too; False: granian does not heed.

    It does not where more calls came already, before this one is answered.
    """
    with suppress(OSError):  # some systems have no options for a connection whose caller was quicker
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    _shut(connection, socket.SHUT_RD)  # granian takes that for a caller who has gone; on the wire it is nothing
    with suppress(TimeoutError):
        await asyncio.wait_for(_departure(protocol), _HEED)
        return True
    return False


async def _departure(protocol: HTTPProtocol) -> None:
    await protocol.client_disconnect()


async def _first_of(*events: Coroutine[None, None, object]) -> None:
    waiting = [asyncio.ensure_future(each) for each in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()
