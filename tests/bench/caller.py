"""A client of one connection and no haste: it prepares what wrk asks for, and counts exactly."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

KEY = "key-of-the-benchmark"
HEADERS = {"X-API-Key": KEY, "Content-Type": "application/json"}
CREATE_PATH = "/v1/prediction/"
INPUT = {
    "prompt": "a tram in the rain at night, reflections on wet cobbles",
    "seed": 4711,
    "go_fast": True,
    "guidance": 4,
    "aspect_ratio": "16:9",
    "output_format": "webp",
    "output_quality": 80,
    "num_inference_steps": 50,
    "disable_safety_checker": False,
}
CREATE_BODY = json.dumps({"model": "qwen-image", "input": INPUT, "webhook_url": ""})


class UnexpectedAnswerError(Exception):
    """A server answered something else than 2xx."""


class Caller:
    """Calls the server at *url*."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=10)

    def create(self) -> str:
        """Create a prediction of all nine parameters and return its id."""
        return str(json.loads(self._call("POST", CREATE_PATH, CREATE_BODY))["predictionID"])

    def read(self, prediction_id: str) -> dict[str, Any]:
        """Return what a poll tells."""
        answer: dict[str, Any] = json.loads(self.get(CREATE_PATH + prediction_id))
        return answer

    def get(self, path: str) -> bytes:
        """Return what lies under *path*."""
        return self._call("GET", path)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _call(self, method: str, path: str, body: str | None = None) -> bytes:
        self._connection.request(method, path, body, HEADERS)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status // 100 != 2:
            raise UnexpectedAnswerError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content
