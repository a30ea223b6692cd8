"""One user: creates a prediction, waits for its end by polls or by webhook, may fetch its output, and begins again."""

import json
from collections.abc import Mapping
from typing import ClassVar

import gevent
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser

from eachlabs_mock.load.bodies import Body, document
from eachlabs_mock.load.driver.bench import Bench
from eachlabs_mock.load.driver.receiver import Receiver
from eachlabs_mock.load.target import is_loopback

DONE = frozenset({"success", "succeeded"})
FAILED = frozenset({"error", "failed", "cancelled"})
GONE = "unknown"

TOO_MANY = 429
NOT_FOUND = 404

PATIENCE = 120.0
"""Seconds that a webhook is waited for."""

BREATH = 1.0
"""Seconds before anything is tried again that went wrong, or was refused without a Retry-After."""


class Caller(FastHttpUser):
    """A user of Locust.

    :cvar bench: what all users share; set before any of them is made.
    :cvar receiver: of their webhooks.
    """

    bench: ClassVar[Bench]
    receiver: ClassVar[Receiver]

    connection_timeout = 10.0
    network_timeout = 60.0
    concurrency = 1

    def __init__(self, environment: Environment) -> None:
        self.host = self.bench.root
        super().__init__(environment)

    def on_start(self) -> None:
        """Get ready: what was asked for is known by now, on a worker, too."""
        self._asked = self.environment.parsed_options
        self._in_hand = 0
        self.bench.count("came")
        self._headers = {"X-API-Key": self.bench.key(own=not self._asked.one_key), "Content-Type": "application/json"}

    def on_stop(self) -> None:
        """Leave, and with that whatever was waited for."""
        self.bench.count("left")
        self.bench.count("abandoned", self._in_hand)

    @task
    def job(self) -> None:
        """Live through one prediction."""
        if not self.bench.may_create(self._asked.at_most):
            raise StopUser
        hook = self.receiver.expect() if self._asked.mode == "webhook" else ""
        prediction_id = self._create(hook)
        if not prediction_id:
            self.receiver.forget(hook)
            gevent.sleep(BREATH)
            return
        ended = self.receiver.wait(hook, PATIENCE) if hook else self._poll(prediction_id)
        self._in_hand = 0
        status = str(ended.get("status"))
        self.bench.count("done" if status in DONE else "failed" if status in FAILED else "lost")
        if self._asked.fetch and status in DONE:
            self._fetch(ended.get("output"))

    def _create(self, hook: str) -> str:
        """Return the id of a new prediction; empty: it was refused for good."""
        webhook = {"webhook_url": hook} if hook else {}
        order = {"model": self._asked.model, "input": {"prompt": "A load test"}, **webhook}
        body = self._persist("create", "POST", "/prediction/", json.dumps(order))
        if prediction_id := str(body.get("predictionID", "")):
            self.bench.count("created")
            self._in_hand = 1
        return prediction_id

    def _poll(self, prediction_id: str) -> Body:
        """Return what the prediction is when it has ended; empty: nobody knows it any more."""
        while True:
            gevent.sleep(self._asked.poll)
            body = self._persist("poll", "GET", f"/prediction/{prediction_id}")
            if str(body.get("status")) in DONE | FAILED | {GONE}:
                return body

    def _persist(self, kind: str, method: str, path: str, order: str | None = None) -> Body:
        """Return the body of the first answer that is no 429; after each of those, wait as long as it says.

        The body of a refusal says nothing about a prediction, although it has a status, too.
        """
        while True:
            response = self.client.request(
                method, self.bench.path + path, name=kind, data=order, headers=self._headers, allow_redirects=False
            )
            if response.status_code != TOO_MANY:
                return self._read(response.status_code, response.content)
            gevent.sleep(_seconds(response.headers))

    @staticmethod
    def _read(status: int, content: bytes | None) -> Body:
        if status == NOT_FOUND:
            return {"status": GONE}
        return document(content) if status // 100 == 2 else {}  # noqa: PLR2004  # success

    def _fetch(self, output: object) -> None:
        """Fetch the outputs, without the key, unless they lie on another machine."""
        for url in output if isinstance(output, list) else [output]:
            if isinstance(url, str) and is_loopback(url):
                self.client.get(url, name="output", allow_redirects=False)
            else:
                self.bench.count("error:output: not on this machine, so not fetched")


def _seconds(headers: Mapping[str, object] | None) -> float:
    asked = (headers or {}).get("Retry-After")
    return float(asked) if isinstance(asked, str) and asked.isdecimal() else BREATH
