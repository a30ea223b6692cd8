"""The fast lane: answers plain creates and reads before they reach Flask, with the same handlers and the same bytes.

Flask takes some 140 microseconds for a read, the lane 3. It passes all other calls on. Where the lane is switched off,
Flask answers creates and reads as well.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.http import HTTP_STATUS_CODES

from eachlabs_mock.web.call import Call
from eachlabs_mock.web.handlers import Handlers, Operation
from eachlabs_mock.web.wsgi import Answer
from eachlabs_mock.wire import SMALL_BODY

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/v1/prediction/"
_CREATE = frozenset({"/v1/prediction", "/v1/prediction/"})
_POLL_LENGTH = len(_PREFIX) + 36  # a UUID in text

_STATUS_LINES = {status: f"{status} {phrase.upper()}" for status, phrase in HTTP_STATUS_CODES.items()}

AtOnce = Callable[["WSGIEnvironment", bytes], Answer | None]
"""Answers a call, given its body, if it waits for nothing; returns None for any other call."""


def no_lane(_environ: "WSGIEnvironment", _body: bytes) -> None:
    """Answer no call: the `AtOnce` where the lane is switched off."""


class Lane:
    """A WSGI middleware."""

    def __init__(self, handlers: Handlers, behind: "WSGIApplication") -> None:
        self._handlers = handlers
        self._behind = behind

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        call = Call(environ)
        operation = self._operation(call)
        if operation is None:
            return self._behind(environ, start_response)
        answer = self._answered(call, operation)
        line = _STATUS_LINES.get(answer.status) or f"{answer.status} UNKNOWN"  # as Werkzeug does
        start_response(line, answer.headers)
        return [answer.body]

    def at_once(self, environ: "WSGIEnvironment", body: bytes) -> Answer | None:
        """See `AtOnce`."""
        if len(body) > SMALL_BODY:
            return None
        call = Call(environ, body=body)
        operation = self._operation(call)
        return None if operation is None or self._handlers.may_wait(call) else self._answered(call, operation)

    def _answered(self, call: Call, operation: Operation) -> Answer:
        handlers = self._handlers
        reply = handlers.answer(call, operation)
        body = reply.body
        handlers.note(call, reply.status, body, reply.retry_after)
        own = ("Content-Type", reply.content_type), ("Content-Length", str(len(body)))
        return Answer(reply.status, [*own, *reply.headers, *handlers.common_headers(call)], body, reply.transfer)

    def _operation(self, call: Call) -> Operation | None:
        method, path = call.environ["REQUEST_METHOD"], call.environ["PATH_INFO"]
        if method == "GET":
            call.route, call.subject = "read", path[len(_PREFIX) :]
            # A WSGI path is Latin-1; Flask decodes one that is not ASCII.
            is_plain = len(path) == _POLL_LENGTH and path.isascii() and "/" not in call.subject
            if is_plain and path.startswith(_PREFIX):
                return self._handlers.read
            return None
        call.route = "create"
        return self._handlers.create if method == "POST" and path in _CREATE else None
