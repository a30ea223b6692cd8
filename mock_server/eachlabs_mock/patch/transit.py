"""What comes of an answer on its way to `requests`: late, broken off or not at all, without a socket or a wait.

The errors are those that `requests` itself raises over a socket. In the middle of a body they are left to it: it reads
from something that breaks off as a socket would, when it would.
"""

import errno
import os
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Any

import requests
from urllib3 import Timeout, connection_from_url
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from eachlabs_mock.core import End

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from eachlabs_mock.web import Answer


def transported(answer: "Answer", request: requests.PreparedRequest, timeout: object) -> bytes | BufferedReader:
    """Return the body of *answer* as *request* gets it, which may break off when it is read.

    Nothing waits: a delay that the caller would sit through is none, and a body that is spread comes at once, since
    each of its pieces would come in time.

    :param timeout: the caller's, in any form that `requests` takes.
    :raises requests.ConnectionError: the connection is reset before the answer begins.
    :raises requests.ReadTimeout: the answer comes too late for *timeout*, or never.
    """
    wire, seconds = answer.transfer, _read_timeout(timeout)
    if seconds is not None and wire.delay > seconds:
        raise _timed_out(request, f"Read timed out. (read timeout={seconds})")
    if wire.end == "complete":
        return answer.body
    if wire.cut_after == 0 and wire.end == "reset":
        raise requests.ConnectionError(ProtocolError("Connection aborted.", _reset()), request=request)
    if wire.end == "hang" and seconds is None:
        raise _timed_out(request, "no answer comes, and without a timeout this call would wait for ever: give it one")
    if wire.cut_after == 0 and wire.end == "hang":
        raise _timed_out(request, f"Read timed out. (read timeout={seconds})")
    return BufferedReader(_BrokenOff(answer.body[: wire.cut_after], wire.end))


class _BrokenOff(RawIOBase):
    """What can be read from a connection that gives so much, and then ends so."""

    def __init__(self, beginning: bytes, end: End) -> None:
        self._rest = beginning
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        part, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(part)] = part
        if not part and self._end == "reset":
            raise _reset()
        if not part and self._end == "hang":
            raise TimeoutError("timed out")
        return len(part)


def _reset() -> OSError:
    return OSError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))  # which makes it a ConnectionResetError


def _timed_out(request: requests.PreparedRequest, text: str) -> requests.ReadTimeout:
    pool = connection_from_url(str(request.url))  # it connects nowhere; the text has its name
    return requests.ReadTimeout(ReadTimeoutError(pool, request.path_url, text), request=request)


def _read_timeout(timeout: Any) -> float | None:  # noqa: ANN401  # whatever `requests` takes
    if isinstance(timeout, Timeout):
        running = timeout.clone()
        running.start_connect()  # of a total, what connecting leaves
        timeout = running.read_timeout
    seconds: float | None = timeout[1] if isinstance(timeout, tuple) else timeout
    return seconds
