"""Webhooks delivered in the same process: to functions and WSGI applications instead of to hosts."""

import inspect
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Union, cast

from requests.structures import CaseInsensitiveDict

from eachlabs_mock.core import real_deadline, real_remaining
from eachlabs_mock.patch import wsgi
from eachlabs_mock.webhooks import LONGEST_RESPONSE, Outcome

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A webhook as its receiver gets it.

    :param headers: by name, in any case.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401  # JSON is Any
        """Return the value of the body."""
        return json.loads(self.body)


Handler = Callable[[WebhookRequest], int | None]
"""Takes a webhook and returns the HTTP status to answer with; None: 200. What it raises is a failed attempt."""

Receiver = Union[Handler, "WSGIApplication"]

Webhooks = Mapping[str, Receiver] | Receiver | None
"""Who receives webhooks: by the URL, or the beginning of it up to a slash or a question mark; or one for all."""

_Receive = Callable[[WebhookRequest], tuple[int, str]]


class Receivers:
    """Stands where a network would be: `send` calls whoever is registered for a URL.

    :raises TypeError: something that is registered is neither a handler nor a WSGI application.
    :raises ValueError: something it is registered for is no URL.
    """

    def __init__(self, webhooks: Webhooks) -> None:
        by_url = webhooks if isinstance(webhooks, Mapping) else {}
        self._fallback = None if webhooks is None or isinstance(webhooks, Mapping) else _adapted(webhooks)
        self._by_url = {_checked_url(url): _adapted(each) for url, each in by_url.items()}
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._is_closed = False

    def send(self, url: str, body: bytes, headers: Mapping[str, str], real_seconds: float) -> Outcome:
        """Call the receiver of *url*; one that takes longer than *real_seconds* is not stopped, but has failed."""
        if not self._note_thread():
            return Outcome(None, "", "the patch has ended, so nothing is delivered any more")
        deadline = real_deadline(real_seconds)
        outcome = self._deliver(WebhookRequest(url, CaseInsensitiveDict(headers), body))
        return outcome if real_remaining(deadline) else Outcome(None, "", f"no answer within {real_seconds:g} s")

    def close(self, real_seconds: float) -> None:
        """Deliver nothing more, and wait for each delivery under way, at most *real_seconds*."""
        with self._lock:
            self._is_closed = True
        for thread in self._threads:
            thread.join(real_seconds)

    def _note_thread(self) -> bool:
        with self._lock:
            if not self._is_closed:
                self._threads = {each for each in self._threads if each.is_alive()} | {threading.current_thread()}
            return not self._is_closed

    def _deliver(self, request: WebhookRequest) -> Outcome:
        receive = self._receiver_of(request.url)
        if receive is None:
            return Outcome(None, "", _unregistered(request.url)[:LONGEST_RESPONSE])
        try:
            status, text = receive(request)
        except Exception as error:  # noqa: BLE001  # whatever a receiver does wrong is its answer
            text = f"the handler of {request.url} raised {type(error).__name__}: {error}"
            return Outcome(None, "", text[:LONGEST_RESPONSE])
        outcome = Outcome(status, text[:LONGEST_RESPONSE], "")
        return outcome if outcome.accepted else replace(outcome, error=f"HTTP {status}")

    def _receiver_of(self, url: str) -> _Receive | None:
        registered = [each for each in self._by_url if _covers(each, url)]
        return self._by_url[max(registered, key=len)] if registered else self._fallback


def _covers(registered: str, url: str) -> bool:
    beginning = registered.rstrip("/")
    return url.startswith(beginning) and url[len(beginning) : len(beginning) + 1] in {"", "/", "?"}


def _checked_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"webhooks: {url!r} is no http or https URL, such as https://my-app.test/hook")
    return url


def _unregistered(url: str) -> str:
    return f"nobody is registered for {url}; patched(webhooks={{{url!r}: handler}}) would register a handler"


def _adapted(receiver: object) -> _Receive:
    """Return *receiver* in the one form that `Receivers` calls: it takes one argument, or WSGI's two."""
    if not callable(receiver) or inspect.iscoroutinefunction(receiver):
        raise TypeError(f"webhooks: {receiver!r} is neither a plain function of one request nor a WSGI application")
    if _takes(receiver, 1):
        return _from_handler(cast("Handler", receiver))
    if _takes(receiver, 2):
        return _from_wsgi(cast("WSGIApplication", receiver))
    raise TypeError(f"webhooks: {receiver!r} takes neither one argument, as a handler, nor two, as a WSGI application")


def _takes(function: Callable[..., object], number: int) -> bool:
    try:
        inspect.signature(function).bind(*range(number))
    except TypeError:
        return False
    return True


def _from_handler(handler: Handler) -> _Receive:
    def receive(request: WebhookRequest) -> tuple[int, str]:
        status: object = handler(request)
        if status is None:
            return 200, ""
        if not isinstance(status, int) or not 200 <= status <= 599:  # noqa: PLR2004  # the final statuses of HTTP
            raise TypeError(f"it returned {status!r}, where an HTTP status from 200 to 599, or None, is expected")
        return status, ""

    return receive


def _from_wsgi(app: "WSGIApplication") -> _Receive:
    def receive(request: WebhookRequest) -> tuple[int, str]:
        answer = wsgi.call(app, "POST", request.url, request.headers, request.body)
        return answer.status, answer.body.decode("utf-8", "replace")

    return receive
