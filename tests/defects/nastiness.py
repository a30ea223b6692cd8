"""Lawful nastiness: what may befall any server now and then, and what no judge may hold against one."""

import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from werkzeug.wrappers import Request, Response

from defects.wsgi import is_public, refuse
from eachlabs_contract.targets.transport import NoAnswerError
from eachlabs_mock.core.chance import draw

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHARE = 0.07
"""Of all calls of the API, those that something unpleasant happens to."""

Mishap = Callable[["WSGIApplication", "WSGIEnvironment"], Response]


def stumbling(mishap: Mishap, app: "WSGIApplication", seed: int = 0) -> "WSGIApplication":
    """Return *app* with *mishap* in the place of some answers of the API; which ones follows from *seed*."""
    return struck(mishap, app, lambda number: draw(seed, "mishap", number) < SHARE)


def struck(mishap: Mishap, app: "WSGIApplication", strikes: Callable[[int], object]) -> "WSGIApplication":
    """Return *app* with *mishap* in the place of those answers of the API whose number, from 0 on, it *strikes*."""
    numbers = count()

    def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if is_public(Request(environ)) and strikes(next(numbers)):
            return mishap(app, environ)(environ, start_response)
        return app(environ, start_response)

    return wsgi


def _late(app: "WSGIApplication", environ: "WSGIEnvironment") -> Response:
    threading.Event().wait(0.005)
    return Response.from_app(app, environ, buffered=True)


def _unavailable(_app: "WSGIApplication", _environ: "WSGIEnvironment") -> Response:
    return Response("<h1>503 Service Unavailable</h1>", 503, content_type="text/html")


def _too_many(_app: "WSGIApplication", _environ: "WSGIEnvironment") -> Response:
    response = Response(headers={"Retry-After": "1"}, content_type="application/json")
    refuse(response, 429, "Rate limit exceeded")
    return response


def _hung_up(_app: "WSGIApplication", _environ: "WSGIEnvironment") -> Response:
    raise NoAnswerError("connection reset by peer")


def _hung_up_too_late(app: "WSGIApplication", environ: "WSGIEnvironment") -> Response:
    Response.from_app(app, environ, buffered=True)
    raise NoAnswerError("connection reset by peer")


def _failed_after_commit(app: "WSGIApplication", environ: "WSGIEnvironment") -> Response:
    response = Response.from_app(app, environ, buffered=True)
    refuse(response, 500, "Internal server error")
    return response


NASTINESS: Final[Mapping[str, Mishap]] = MappingProxyType(
    {
        "latency": _late,
        "503": _unavailable,
        "429": _too_many,
        "reset": _hung_up,
        "reset after commit": _hung_up_too_late,
        "500 after commit": _failed_after_commit,
    }
)
