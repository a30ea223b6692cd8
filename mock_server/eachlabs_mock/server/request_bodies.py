"""Reads the bodies of calls within bounds of size and time: a body without an end would be read for ever.

granian bounds only the time for the head of a call.
"""

import asyncio
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, cast

from granian.rsgi import HTTPProtocol, ProtocolClosed  # type: ignore[attr-defined]  # public, but not marked so

from eachlabs_mock.core import real_deadline, real_remaining
from eachlabs_mock.web import MAX_BODY, MAX_DOCUMENT

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIEnvironment

BODY_TIMEOUT = 60.0
"""Real seconds for the whole body."""

CHECK_INTERVAL = 1.0
"""Real seconds between two checks for late bodies: a timer for each body would cost every call something."""

MOST_DRAINED = 16 * 1024 * 1024
"""Bytes read of a body that is too long, so that its sender sees the refusal; beyond that the connection may break."""

CONTROL = "/__mock/"

_MOST_DIGITS = 8
"""Digits of a Content-Length that may be short enough."""


class Bodies:
    """Reads bodies in one event loop, each in its own task, and gives up late ones."""

    def __init__(self) -> None:
        self._reading: dict[asyncio.Task[object], float] = {}  # tasks and their deadlines

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give up late bodies now, and again after each interval."""
        late = [task for task, deadline in self._reading.items() if not real_remaining(deadline)]
        for task in late:
            del self._reading[task]
            task.cancel()
        loop.call_later(CHECK_INTERVAL, self.watch, loop)

    async def read(self, environ: "WSGIEnvironment", protocol: HTTPProtocol) -> bytes | None:
        """Return the body; of a body that is too long, more than the limit; of one that was cut off, nothing.

        None: it was late and given up, so the call must not be answered as one without a body.
        """
        task = cast("asyncio.Task[object]", asyncio.current_task())  # granian runs each call in one
        self._reading[task] = real_deadline(BODY_TIMEOUT)
        try:
            return await _body(environ, protocol)
        except asyncio.CancelledError:
            if task in self._reading:  # the whole call was cancelled
                raise
            task.uncancel()
            return None
        finally:
            self._reading.pop(task, None)


async def _body(environ: "WSGIEnvironment", protocol: HTTPProtocol) -> bytes:
    """Return the body, or more than the limit of one that is too long; the rest is read and dropped."""
    declared: str = environ.get("CONTENT_LENGTH", "")
    if len(declared) < _MOST_DIGITS and declared.isdecimal() and int(declared) <= MAX_BODY:
        with suppress(ProtocolClosed):  # the caller has closed the connection
            return await protocol()
        return b""
    return await _bounded(protocol, MAX_DOCUMENT if environ["PATH_INFO"].startswith(CONTROL) else MAX_BODY)


async def _bounded(protocol: HTTPProtocol, most: int) -> bytes:
    kept, length = BytesIO(), 0
    async for chunk in protocol:
        length += len(chunk)
        if kept.tell() <= most:
            kept.write(chunk)
        if length > max(most, MOST_DRAINED):
            break
    return kept.getvalue()
