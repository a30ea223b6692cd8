"""Delivers webhooks in the same process, to functions and WSGI applications."""

import inspect
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from wsgiref.types import WSGIApplication

from requests.structures import CaseInsensitiveDict

from eachlabs_mock.core import real_deadline, real_remaining
from eachlabs_mock.web import call_url
from eachlabs_mock.webhooks import LONGEST_RESPONSE, Outcome


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A webhook request.

    :param headers: by name, case-insensitive.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401  # JSON is Any
        """Return the parsed JSON body."""
        return json.loads(self.body)


Handler = Callable[[WebhookRequest], int | None]
"""Takes a webhook and returns the HTTP status of the response, or None for 200. An exception fails the attempt."""

Receiver = Handler | WSGIApplication

Webhooks = Mapping[str, Receiver] | Receiver | None
"""Receivers by URL, or by URL prefix that ends before a slash or question mark; or one receiver for all URLs."""

_Receive = Callable[[WebhookRequest], tuple[int, str]]


class Receivers:
    """Replaces the network for webhooks: `send` calls the receiver that is registered for a URL.

    :raises TypeError: a receiver is neither a handler nor a WSGI application.
    :raises ValueError: a key is not a URL.
    """

    def __init__(self, webhooks: Webhooks) -> None:
        by_url = webhooks if isinstance(webhooks, Mapping) else {}
        self._fallback = None if webhooks is None or isinstance(webhooks, Mapping) else _adapted(webhooks)
        self._by_url = {_checked_url(url): _adapted(receiver) for url, receiver in by_url.items()}
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._is_closed = False

    def send(self, url: str, body: bytes, headers: Mapping[str, str], real_seconds: float) -> Outcome:
        """Call the receiver of *url*; an attempt longer than *real_seconds* fails, but is not stopped."""
        if not self._note_thread():
            return Outcome(None, "", "not delivered: the patch has ended")
        deadline = real_deadline(real_seconds)
        outcome = self._deliver(WebhookRequest(url, CaseInsensitiveDict(headers), body))
        return outcome if real_remaining(deadline) else Outcome(None, "", f"no answer within {real_seconds:g} s")

    def close(self, real_seconds: float) -> None:
        """Stop delivering, and wait at most *real_seconds* for each running delivery."""
        with self._lock:
            self._is_closed = True
        for thread in self._threads:
            thread.join(real_seconds)

    def _note_thread(self) -> bool:
        with self._lock:
            if not self._is_closed:
                self._threads = {thread for thread in self._threads if thread.is_alive()} | {threading.current_thread()}
            return not self._is_closed

    def _deliver(self, request: WebhookRequest) -> Outcome:
        receive = self._receiver_of(request.url)
        if receive is None:
            advice = f"patched(webhooks={{{request.url!r}: handler}}) registers a handler"
            return Outcome(None, "", f"no receiver is registered for {request.url}; {advice}"[:LONGEST_RESPONSE])
        try:
            status, text = receive(request)
        except Exception as error:  # noqa: BLE001  # any error of the receiver fails the attempt
            text = f"the handler of {request.url} raised {type(error).__name__}: {error}"
            return Outcome(None, "", text[:LONGEST_RESPONSE])
        outcome = Outcome(status, text[:LONGEST_RESPONSE], "")
        return outcome if outcome.accepted else replace(outcome, error=f"HTTP {status}")

    def _receiver_of(self, url: str) -> _Receive | None:
        registered = [prefix for prefix in self._by_url if _covers(prefix, url)]
        return self._by_url[max(registered, key=len)] if registered else self._fallback


def _covers(registered: str, url: str) -> bool:
    prefix = registered.rstrip("/")
    return url.startswith(prefix) and url[len(prefix) : len(prefix) + 1] in {"", "/", "?"}


def _checked_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"webhooks: {url!r} is not an http or https URL, such as https://my-app.test/hook")
    return url


def _adapted(receiver: object) -> _Receive:
    """Return *receiver*, a handler of one argument or a WSGI application of two, in the form that `Receivers` calls."""
    if not callable(receiver) or inspect.iscoroutinefunction(receiver):
        raise TypeError(f"webhooks: {receiver!r} is neither a plain function of one request nor a WSGI application")
    if _takes(receiver, 1):
        return _from_handler(cast("Handler", receiver))
    if _takes(receiver, 2):
        return _from_wsgi(cast("WSGIApplication", receiver))
    raise TypeError(f"webhooks: {receiver!r} takes neither one argument (a handler) nor two (a WSGI application)")


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
        if not isinstance(status, int) or not 200 <= status <= 599:  # noqa: PLR2004  # the final HTTP statuses
            raise TypeError(f"it returned {status!r} instead of an HTTP status from 200 to 599 or None")
        return status, ""

    return receive


def _from_wsgi(app: WSGIApplication) -> _Receive:
    def receive(request: WebhookRequest) -> tuple[int, str]:
        answer = call_url(app, "POST", request.url, request.headers, request.body)
        return answer.status, answer.body.decode("utf-8", "replace")

    return receive
