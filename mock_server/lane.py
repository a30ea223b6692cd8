"""The fast lane: plain creates and polls answered in front of Flask, by the same operations and with the same bytes.

Flask spends some 140 microseconds of its own on a poll; this spends 3. Whatever is not plainly one of the two hot
exchanges is passed on, and Flask answers those two just as well where the lane is switched off.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.http import HTTP_STATUS_CODES

from mock_server.exchange import Call
from mock_server.operations import Operation, Operations

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/v1/prediction/"
_CREATE = frozenset({"/v1/prediction", "/v1/prediction/"})
_POLL_LENGTH = len(_PREFIX) + 36  # a UUID in text

_STATUS_LINES = {status: f"{status} {phrase.upper()}" for status, phrase in HTTP_STATUS_CODES.items()}


class Lane:
    """A WSGI application in front of another."""

    def __init__(self, operations: Operations, behind: "WSGIApplication") -> None:
        self._operations = operations
        self._behind = behind

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        call = Call(environ)
        operation = self._operation(call, environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if operation is None:
            return self._behind(environ, start_response)
        operations = self._operations
        reply = operations.answer(call, operation)
        length = ("Content-Length", str(len(reply.body)))
        own = ("Content-Type", reply.content_type), length, *reply.headers
        operations.note(call, reply.status, reply.body, reply.retry_after)
        line = _STATUS_LINES.get(reply.status) or f"{reply.status} UNKNOWN"  # as Werkzeug has it
        start_response(line, [*own, *operations.common_headers(call)])
        return [reply.body]

    def _operation(self, call: Call, method: str, path: str) -> Operation | None:
        if method == "GET":
            call.route, call.subject = "read", path[len(_PREFIX) :]
            # WSGI has paths in Latin-1, so one that is not ASCII is left to Flask to decode.
            is_plain = len(path) == _POLL_LENGTH and path.isascii() and "/" not in call.subject
            if is_plain and path.startswith(_PREFIX):
                return self._operations.read
            return None
        call.route = "create"
        return self._operations.create if method == "POST" and path in _CREATE else None
