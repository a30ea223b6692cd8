"""Simulates the transfer of a response to `requests`: late, cut short or missing, without a socket or a wait.

The errors are those that `requests` raises over a socket. Errors within a body are raised by `requests` itself, which
reads from a stream that breaks off as a socket would.
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
    """Return the body of *answer* as *request* receives it; it may break off while it is read.

    Nothing waits: a delay within the caller's timeout is skipped, and a body sent in pieces is available at once.

    :param timeout: the caller's, in any form that `requests` accepts.
    :raises requests.ConnectionError: the connection is reset before the response starts.
    :raises requests.ReadTimeout: the response is too late for *timeout*, or never arrives.
    """
    transfer, seconds = answer.transfer, _read_timeout(timeout)
    if seconds is not None and transfer.delay > seconds:
        raise _timed_out(request, f"Read timed out. (read timeout={seconds})")
    if transfer.end == "complete":
        return answer.body
    if transfer.cut_after == 0 and transfer.end == "reset":
        raise requests.ConnectionError(ProtocolError("Connection aborted.", _reset()), request=request)
    if transfer.end == "hang" and seconds is None:
        raise _timed_out(request, "no response arrives, and this call has no timeout: it would wait forever")
    if transfer.cut_after == 0 and transfer.end == "hang":
        raise _timed_out(request, f"Read timed out. (read timeout={seconds})")
    return BufferedReader(_BrokenStream(answer.body[: transfer.cut_after], transfer.end))


class _BrokenStream(RawIOBase):
    """A connection that delivers *beginning* and then ends with *end*."""

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
    return OSError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))  # the errno makes it a ConnectionResetError


def _timed_out(request: requests.PreparedRequest, text: str) -> requests.ReadTimeout:
    pool = connection_from_url(str(request.url))  # it does not connect; the error message contains its name
    return requests.ReadTimeout(ReadTimeoutError(pool, request.path_url, text), request=request)


def _read_timeout(timeout: Any) -> float | None:  # noqa: ANN401  # any form that `requests` accepts
    if isinstance(timeout, Timeout):
        running = timeout.clone()
        running.start_connect()  # applies the total timeout to the read
        timeout = running.read_timeout
    seconds: float | None = timeout[1] if isinstance(timeout, tuple) else timeout
    return seconds
