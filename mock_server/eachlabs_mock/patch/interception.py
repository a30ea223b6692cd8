"""Calls of `requests` to chosen addresses, answered by a WSGI application; all others are refused or let through."""

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
        "eachlabs_mock.patch needs the library `responses`: pip install 'eachlabs-mock[patch]' brings it"
    ) from error

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication

VERSION_PATH = "/v1"

EVERYTHING = ("",)
"""As prefixes to let through: any address begins with it."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base URL of the API: all of its host is the emulator's, or, where the host shares itself out, a folder.

    :param text: as it was given, without a slash at its end.
    :param origin: scheme, host and port.
    :param folder: the path in front of ``/v1``; mostly none.
    """

    text: str
    origin: tuple[str, str | None, int]
    folder: str

    @classmethod
    def parse(cls, text: str) -> "Base":
        """Read a base URL.

        :raises ValueError: it is none; the text says what would be right.
        """
        text = text.strip().rstrip("/")
        try:
            parts = urlsplit(text)
            origin = _origin(parts)
        except ValueError:  # brackets that do not close, or a port that is none
            parts, origin = urlsplit(""), ("", None, 0)
        usable = origin[0] in {"http", "https"} and origin[1] and not (parts.query or parts.fragment or parts.username)
        if not usable or not parts.path.endswith(VERSION_PATH):
            raise ValueError(
                f"base_url: {text!r} is not like https://api.eachlabs.ai/v1: "
                "http or https, a host, a path that ends in /v1"
            )
        return cls(text, origin, parts.path.removesuffix(VERSION_PATH))

    def inside(self, url: str) -> str | None:
        """Return *url* as the emulator is to see it; None when it is not the emulator's."""
        parts = urlsplit(url)
        if _origin(parts) != self.origin:
            return None
        if parts.path.startswith(f"{self.folder}/"):
            return parts._replace(path=parts.path.removeprefix(self.folder)).geturl()
        return url if parts.path.startswith("/outputs/") else None  # they lie at the root of the host


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


@contextmanager
def intercepted(app: "WSGIApplication", bases: Sequence[Base], passthrough: tuple[str, ...]) -> Iterator[None]:
    """Answer calls by `requests`, in all threads, to *bases* with *app*.

    :param passthrough: what other addresses that are let through begin with; the rest raise `requests.ConnectionError`.
    """

    def forget(response: requests.Response) -> requests.Response:
        mock.calls.reset()  # it would keep every request and every image until the end
        door.calls.reset()
        return response

    mock = RequestsMock(
        assert_all_requests_are_fired=False,
        response_callback=forget,
        passthru_prefixes=passthrough,
        real_adapter_send=HTTPAdapter.send,  # what is in force now: another library's mock keeps its part
    )
    door = _Door(app, bases, passthrough)
    mock.add(door)
    with mock:
        yield


class _Door(CallbackResponse):
    """Answers what is the emulator's and refuses what is nobody's; what may pass it does not match."""

    def __init__(self, app: "WSGIApplication", bases: Sequence[Base], passthrough: tuple[str, ...]) -> None:
        super().__init__("ANY", re.compile(""), self._answer, content_type=None)
        self._app = app
        self._bases = bases
        self._passthrough = passthrough

    def matches(self, request: requests.PreparedRequest) -> tuple[bool, str]:
        url = str(request.url)
        return self._inside(url) is not None or not url.startswith(self._passthrough), "it is let through"

    def _inside(self, url: str) -> str | None:
        return next((inside for base in self._bases if (inside := base.inside(url)) is not None), None)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes | BufferedReader]:
        url = self._inside(str(request.url))
        if url is None:
            raise requests.ConnectionError(self._refusal(request), request=request)
        headers = {name: _text(value) for name, value in request.headers.items()}
        answer = wsgi.call(self._app, str(request.method), url, headers, _content(request.body))
        timeout = request.req_kwargs.get("timeout")  # type: ignore[attr-defined]  # `responses` notes it there
        return answer.status, answer.headers, transported(answer, request, timeout)

    def _refusal(self, request: requests.PreparedRequest) -> str:
        url = without_secrets(str(request.url))
        root = "/".join(url.split("/")[:3]) + "/"
        ours = ", ".join(base.text for base in self._bases)
        return (
            f"{request.method} {url} is refused: inside `patched` only {ours} is answered; "
            f"patched(passthrough=[{root!r}]) would let it through, passthrough=True everything"
        )


def _content(body: object) -> bytes:
    """Return a request's body whole; `responses` has read it already where it was a file."""
    if isinstance(body, Iterable) and not isinstance(body, str | bytes | bytearray):
        return b"".join(map(_content, body))
    return body.encode() if isinstance(body, str) else bytes(body or b"")  # type: ignore[call-overload]


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
