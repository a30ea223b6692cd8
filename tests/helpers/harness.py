"""An emulator in this process with a manual clock, called over WSGI."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import orjson
from werkzeug.test import Client, TestResponse

from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core.clock import WorldClock, millis
from eachlabs_mock.emulator.world import World, world_of_key
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.web.request_log import RequestLog
from eachlabs_mock.webhooks.egress import Outcome

KEY = "key-of-the-tests"
PROMPT = "a red bicycle"
START = 1_770_249_600_000  # the date of the model page, 2026-02-05, in milliseconds since the epoch
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@dataclass
class Receiver:
    """A fake webhook receiver that records deliveries and answers as configured."""

    outcome: Outcome = field(default_factory=lambda: Outcome(200, "thanks", ""))
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, url: str, body: bytes, headers: Mapping[str, str], _seconds: float) -> Outcome:
        with self.lock:
            self.received.append((url, orjson.loads(body)))
            self.headers.append(headers)
        return self.outcome

    @property
    def payloads(self) -> list[dict[str, Any]]:
        return [payload for _, payload in self.received]


class Api:
    """An emulator in this process: `post`, `get`, and a clock to `advance`. Settings are the emulator's own."""

    def __init__(self, **settings: Any) -> None:
        self.receiver = Receiver()
        self.log = StringIO()
        self.clock = WorldClock("manual", start=START)
        self.settings = Settings(**{"seed": 7, "log_format": "json", **settings})
        self.app: Application = assemble(
            self.settings,
            clock=lambda: self.clock,  # every world on one clock: a test has one time
            send=self.receiver.send,
            log=RequestLog(self.settings.log_format, self.log, self.clock),
        )
        self.client = Client(self.app.wsgi, use_cookies=False)

    def call(self, method: str, path: str, *, key: str | None = KEY, **options: Any) -> TestResponse:
        headers = {**({"X-API-Key": key} if key is not None else {}), **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, body: object = None, *, path: str = "/v1/prediction/", **options: Any) -> TestResponse:
        """Send a create; a *body* of bytes is sent as it is."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.call("POST", path, data=data, **{"content_type": "application/json", **options})

    def create(
        self, *, webhook_url: str = "", model: str = "qwen-image", key: str = KEY, headers: Any = None, **given: Any
    ) -> TestResponse:
        """Send a create that is valid unless *given* changes it."""
        body = {"model": model, "input": {"prompt": PROMPT, **given}, "webhook_url": webhook_url}
        return self.post(body, key=key, headers=headers or {})

    def created(self, **options: Any) -> str:
        """Create a prediction and return its id."""
        answer = self.create(**options)
        assert answer.status_code == 200, answer.text
        return str(answer.json["predictionID"])

    def read(self, prediction_id: str, *, key: str = KEY) -> TestResponse:
        return self.get(f"/v1/prediction/{prediction_id}", key=key)

    def status(self, prediction_id: str) -> str:
        """Return the status of a prediction without spending a request of the rate limit."""
        prediction, status = self.app.emulator.read(self.world(), prediction_id)
        assert prediction.id == prediction_id
        return str(status)

    def world(self, key: str = KEY) -> World:
        return self.app.emulator.worlds.visit(world_of_key(key))

    def advance(self, seconds: float, *, key: str = KEY) -> None:
        """Move the clock and send the webhooks of *key*'s world that become due."""
        self.app.dispatcher.advance(self.world(key), self.clock.now() + millis(seconds))

    def log_lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.log.getvalue().splitlines()]


MakeApi = Callable[..., Api]
