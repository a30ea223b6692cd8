"""An emulator and its owner: every world on a clock of its own, and a way to call the control plane."""

import threading
from typing import Any

import orjson
from werkzeug.test import Client

from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.webhooks.egress import Outcome, Send
from helpers.harness import KEY, START, Api, Receiver
from helpers.refusal import problem

PATIENCE = 20
"""Real seconds after which a test that waits for an event gives up."""

HOOK = "http://127.0.0.1:9000/hook"
FAIL = {"X-Mock-Fault": "fail"}
STUCK = {"X-Mock-Fault": "stuck"}


def named(world: str) -> dict[str, str]:
    """Return the header that names a world."""
    return {"X-Mock-World": world}


class Owner(Api):
    """An emulator whose worlds begin at one instant and then go their own ways.

    :param send: stands in for the network; by default a receiver that keeps what it gets.
    """

    def __init__(self, *, send: Send | None = None, **settings: Any) -> None:
        # Not as its parent begins, which puts every world on one clock.
        self.receiver = Receiver()
        self.settings = Settings(**{"seed": 7, "clock": "manual", "start": START, "log_format": "off", **settings})
        self.app = assemble(self.settings, send=send or self.receiver.send)
        self.client = Client(self.app.wsgi, use_cookies=False)

    def ask(self, method: str, path: str, body: object = None, *, key: str | None = KEY, **headers: str) -> Any:
        """Call the control plane, which must agree; return the JSON it answers."""
        answer = self.control(method, path, body, key=key, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def refusal(self, method: str, path: str, body: object = None, *, status: int = 400) -> Any:
        """Call the control plane, which must refuse; return the problem document."""
        answer = self.control(method, path, body)
        assert answer.status_code == status, answer.text
        assert problem(answer)
        return answer.json

    def control(self, method: str, path: str, body: object = None, **options: Any) -> Any:
        """Call the control plane; *body* is JSON already when it is bytes."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = {} if body is None else {"data": data, "content_type": "application/json"}
        return self.call(method, f"/__mock{path}", **sent, **options)

    def seconds(self, key: str = KEY) -> float:
        """Return how far the clock of *key*'s world has come since the start."""
        return (self.world(key).clock.now() - START) / 1000

    def pending(self) -> list[tuple[str, float]]:
        """Return kind and seconds to go of each pending event."""
        return [(each["kind"], each["in_seconds"]) for each in self.ask("GET", "/clock")["pending"]]


class Postbox:
    """A receiver that keeps what it was sent, answers as it is told, and lets a test wait for each attempt.

    :param codes: HTTP status codes to answer, in order; 200 afterwards.
    """

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.bodies: list[bytes] = []
        self.came = threading.Semaphore(0)

    def send(self, _: str, body: bytes, *__: object) -> Outcome:
        self.bodies.append(body)
        code = self.codes.pop(0) if self.codes else 200
        self.came.release()
        return Outcome(code, "", "" if code == 200 else f"HTTP {code}")

    def await_attempts(self, number: int) -> None:
        for _ in range(number):
            assert self.came.acquire(timeout=PATIENCE)
