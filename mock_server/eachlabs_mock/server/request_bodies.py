"""Reads the bodies of calls, as much of each as is wanted, and for so long: one that never ends would keep its place.

granian bounds the time for the head of a call, and no more.
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
"""Real seconds that a body may take."""

CHECK_INTERVAL = 1.0
"""Real seconds between two looks at those that are being read: a timer for each would cost every call something."""

MOST_DRAINED = 16 * 1024 * 1024
"""Bytes of a refused body that are read so that its sender sees the refusal; past that the connection may break."""

CONTROL = "/__mock/"

_DIGITS = 8
"""Of a length that is worth comparing."""


class Bodies:
    """Reads bodies in one event loop, each in a task of its own, and gives up those that take too long."""

    def __init__(self) -> None:
        self._reading: dict[asyncio.Task[object], float] = {}  # and their deadlines

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give up what takes too long, now and again and again."""
        late = [task for task, deadline in self._reading.items() if not real_remaining(deadline)]
        for task in late:
            del self._reading[task]
            task.cancel()
        loop.call_later(CHECK_INTERVAL, self.watch, loop)

    async def read(self, environ: "WSGIEnvironment", protocol: HTTPProtocol) -> bytes | None:
        """Return the body; of one that is too long enough to tell that, of one that was cut off nothing.

        None: it was given up, and the call must not be taken for one without a body.
        """
        task = cast("asyncio.Task[object]", asyncio.current_task())  # granian calls in one
        self._reading[task] = real_deadline(BODY_TIMEOUT)
        try:
            return await _body(environ, protocol)
        except asyncio.CancelledError:
            if task in self._reading:  # it is the whole call that is given up
                raise
            task.uncancel()
            return None
        finally:
            self._reading.pop(task, None)


async def _body(environ: "WSGIEnvironment", protocol: HTTPProtocol) -> bytes:
    """Return the body, or, of one that is too long, enough of it to tell that; the rest is read and dropped."""
    declared: str = environ.get("CONTENT_LENGTH", "")
    if len(declared) < _DIGITS and declared.isdecimal() and int(declared) <= MAX_BODY:
        with suppress(ProtocolClosed):  # the caller has hung up in the middle of it
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
