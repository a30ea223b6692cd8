"""Answers calls of `requests` to given base URLs from a WSGI application; others are refused or passed through."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter

from eachlabs_mock.patch import wsgi
from eachlabs_mock.patch.transit import transported
from eachlabs_mock.webhooks import without_secrets

try:
    from responses import CallbackResponse, RequestsMock
except ImportError as error:
    raise ImportError(
        "patched needs responses: run pip install '.[patch]' in a checkout, or install the wheel with [patch]"
    ) from error

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication

VERSION_PATH = "/v1"

EVERYTHING = ("",)
"""The prefixes that pass all addresses through."""


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """A base URL of the API. The emulator answers all paths of its host, or those below *folder*.

    :param text: the URL without a trailing slash.
    :param origin: scheme, host and port.
    :param folder: the path before ``/v1``; usually empty.
    """

    text: str
    origin: tuple[str, str | None, int]
    folder: str

    @classmethod
    def parse(cls, text: str) -> "BaseUrl":
        """Parse a base URL.

        :raises ValueError: *text* is invalid; the message shows a valid one.
        """
        text = text.strip().rstrip("/")
        try:
            parts = urlsplit(text)
            origin = _origin(parts)
        except ValueError:  # unbalanced brackets or an invalid port
            parts, origin = urlsplit(""), ("", None, 0)
        usable = origin[0] in {"http", "https"} and origin[1] and not (parts.query or parts.fragment or parts.username)
        if not usable or not parts.path.endswith(VERSION_PATH):
            raise ValueError(
                f"base_url: {text!r} is invalid; it needs http or https, a host and a path that ends in /v1, "
                "such as https://api.eachlabs.ai/v1"
            )
        return cls(text, origin, parts.path.removesuffix(VERSION_PATH))

    def inside(self, url: str) -> str | None:
        """Return *url* without the folder; None if the emulator does not answer it."""
        parts = urlsplit(url)
        if _origin(parts) != self.origin:
            return None
        if parts.path.startswith(f"{self.folder}/"):
            return parts._replace(path=parts.path.removeprefix(self.folder)).geturl()
        return url if parts.path.startswith("/outputs/") else None  # outputs are at the root of the host


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


@contextmanager
def intercepted(app: "WSGIApplication", bases: Sequence[BaseUrl], passthrough: tuple[str, ...]) -> Iterator[None]:
    """Answer calls of `requests` to *bases*, in all threads, from *app*.

    :param passthrough: prefixes of other addresses to pass through; all others raise `requests.ConnectionError`.
    """

    def forget(response: requests.Response) -> requests.Response:
        mock.calls.reset()  # otherwise all requests and images stay in memory until the end
        matcher.calls.reset()
        return response

    mock = RequestsMock(
        assert_all_requests_are_fired=False,
        response_callback=forget,
        passthru_prefixes=passthrough,
        real_adapter_send=HTTPAdapter.send,  # the current adapter, which may belong to the mock of another library
    )
    matcher = _Matcher(app, bases, passthrough)
    mock.add(matcher)
    with mock:
        yield


class _Matcher(CallbackResponse):
    """Answers the emulator's addresses, refuses all others, and does not match the ones to pass through."""

    def __init__(self, app: "WSGIApplication", bases: Sequence[BaseUrl], passthrough: tuple[str, ...]) -> None:
        super().__init__("ANY", re.compile(""), self._answer, content_type=None)
        self._app = app
        self._bases = bases
        self._passthrough = passthrough

    def matches(self, request: requests.PreparedRequest) -> tuple[bool, str]:
        url = str(request.url)
        return self._inside(url) is not None or not url.startswith(self._passthrough), "passed through"

    def _inside(self, url: str) -> str | None:
        return next((inside for base in self._bases if (inside := base.inside(url)) is not None), None)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes | BufferedReader]:
        url = self._inside(str(request.url))
        if url is None:
            raise requests.ConnectionError(self._refusal(request), request=request)
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = wsgi.call(self._app, str(request.method), url, headers, _content(request.body))
        timeout = request.req_kwargs.get("timeout")  # type: ignore[attr-defined]  # set by `responses`
        return answer.status, answer.headers, transported(answer, request, timeout)

    def _refusal(self, request: requests.PreparedRequest) -> str:
        url = without_secrets(str(request.url))
        root = "/".join(url.split("/")[:3]) + "/"
        bases = ", ".join(base.text for base in self._bases)
        return (
            f"{request.method} {url} is refused: inside `patched`, only {bases} is answered; "
            f"patched(passthrough=[{root!r}]) passes this host through, passthrough=True all of them"
        )


def _content(body: object) -> bytes:
    """Return the whole body of a request; `responses` has already read it if it was a file."""
    if isinstance(body, Iterable) and not isinstance(body, str | bytes | bytearray):
        return b"".join(map(_content, body))
    return body.encode() if isinstance(body, str) else bytes(body or b"")  # type: ignore[call-overload]


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
