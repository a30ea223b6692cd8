"""A client of one connection and no haste: it prepares what wrk asks for, and counts exactly."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from bench.calls import Calls


class UnexpectedAnswerError(Exception):
    """A server answered something else than 2xx."""


class Caller:
    """Calls the server at *url* by its *calls*."""

    def __init__(self, url: str, calls: Calls) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
        self._calls = calls

    def create(self) -> str:
        """Create a prediction and return its id."""
        return str(json.loads(self._call("POST", self._calls.create, self._calls.body))[self._calls.id_field])

    def read(self, prediction_id: str) -> dict[str, Any]:
        """Return what a poll tells."""
        answer: dict[str, Any] = json.loads(self.get(self._calls.read.format(prediction_id)))
        return answer

    def get(self, path: str) -> bytes:
        """Return what lies under *path*."""
        return self._call("GET", path)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _call(self, method: str, path: str, body: str | None = None) -> bytes:
        self._connection.request(method, path, body, dict(self._calls.headers))
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status // 100 != 2:
            raise UnexpectedAnswerError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content
