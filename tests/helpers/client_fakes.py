"""Fakes for tests of the client: a clock that does not really sleep, and an API with scripted answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from itertools import pairwise
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import MaxRetryError, NewConnectionError

from eachlabs_client import Client

BASE = "http://api.test/v1"
KEY = "key-0123456789abcdef"
ID = "25cd93ae-5046-462d-85ec-7c2ec5710321"
OUTPUT = "http://files.test/outputs/image.png"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)

CREATED = {"status": "success", "message": "Prediction created successfully", "predictionID": ID}
RUNNING = {"status": "processing", "predictionID": ID, "message": "Prediction is being processed"}
DONE = {"status": "success", "predictionID": ID, "output": OUTPUT, "metrics": {"predict_time": 2.5}}
FAILED = {"status": "error", "message": "It failed", "details": "The reason"}
REFUSED = {"status": "error", "message": "No", "details": "Because"}


@dataclass
class FakeClock:
    """A clock that starts at *at* and records its sleeps."""

    at: float = 1_770_000_000.0
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.at += seconds


@dataclass(frozen=True)
class Reply:
    """An answer that takes *takes* seconds."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    takes: float = 0.0

    def raw(self) -> HTTPResponse:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        reason = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else None
        stream = BytesIO(body)
        return HTTPResponse(stream, self.headers, self.status, reason=reason, preload_content=False)


@dataclass(frozen=True)
class Sent:
    """A request as it was sent."""

    at: float
    request: requests.PreparedRequest
    timeout: tuple[float, float]

    @property
    def line(self) -> str:
        return f"{self.request.method} {self.request.url}"


class FakeApi(HTTPAdapter):
    """Returns or raises the next entry of the script; the last entry repeats."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.script: list[Reply | Exception | type[BaseException]] = []
        self.sent: list[Sent] = []

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        self.sent.append(Sent(self.clock.now(), request, settings["timeout"]))
        entry = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if not isinstance(entry, Reply):
            raise entry
        self.clock.at += entry.takes
        return self.build_response(request, entry.raw())

    @property
    def lines(self) -> list[str]:
        return [sent.line for sent in self.sent]

    @property
    def gaps(self) -> list[float]:
        """Seconds between successive requests."""
        times = [sent.at for sent in self.sent]
        return [round(later - earlier, 3) for earlier, later in pairwise(times)]


def session_to(api: FakeApi) -> requests.Session:
    """Return a session that reaches only *api*."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", api)
    session.mount("https://", api)
    return session


def client_of(api: FakeApi, base_url: str = BASE, **settings: Any) -> Client:
    """Return a client that uses *api* and its clock."""
    return Client(base_url, KEY, session_to(api), clock=api.clock, **settings)


def connection_refused() -> requests.ConnectionError:
    """Return the exception that `requests` raises if no server is listening."""
    refused = NewConnectionError(None, "Failed to establish a new connection")  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(None, BASE, refused))  # type: ignore[arg-type]
