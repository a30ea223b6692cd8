"""An emulator whose worlds have separate clocks, and a client of its control plane."""

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
"""Real seconds after which a test stops waiting for an event."""

HOOK = "http://127.0.0.1:9000/hook"
FAIL = {"X-Mock-Fault": "fail"}
STUCK = {"X-Mock-Fault": "stuck"}


def named(world: str) -> dict[str, str]:
    """Return the header that selects a world."""
    return {"X-Mock-World": world}


class Owner(Api):
    """An emulator whose worlds start at the same instant and then run independently.

    :param send: stands in for the network; by default a receiver that keeps what it gets.
    """

    def __init__(self, *, send: Send | None = None, **settings: Any) -> None:
        # Not as its parent begins, which puts every world on one clock.
        self.receiver = Receiver()
        self.settings = Settings(**{"seed": 7, "clock": "manual", "start": START, "log_format": "off", **settings})
        self.app = assemble(self.settings, send=send or self.receiver.send)
        self.client = Client(self.app.wsgi, use_cookies=False)

    def ask(self, method: str, path: str, body: object = None, *, key: str | None = KEY, **headers: str) -> Any:
        """Call the control plane, assert success and return the JSON."""
        answer = self.control(method, path, body, key=key, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def refusal(self, method: str, path: str, body: object = None, *, status: int = 400) -> Any:
        """Call the control plane, assert a refusal and return the problem document."""
        answer = self.control(method, path, body)
        assert answer.status_code == status, answer.text
        assert problem(answer)
        return answer.json

    def control(self, method: str, path: str, body: object = None, **options: Any) -> Any:
        """Call the control plane; a *body* of bytes is sent as it is."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = {} if body is None else {"data": data, "content_type": "application/json"}
        return self.call(method, f"/__mock{path}", **sent, **options)

    def seconds(self, key: str = KEY) -> float:
        """Return the seconds since the start on the clock of *key*'s world."""
        return (self.world(key).clock.now() - START) / 1000

    def pending(self) -> list[tuple[str, float]]:
        """Return the kind and the remaining seconds of each pending event."""
        return [(each["kind"], each["in_seconds"]) for each in self.ask("GET", "/clock")["pending"]]


class Postbox:
    """A receiver that records webhooks, answers as configured, and can be awaited.

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
