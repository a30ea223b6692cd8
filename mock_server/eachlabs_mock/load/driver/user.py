"""A user: creates a prediction, waits for its end by polling or webhook, may fetch the output, and starts again."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

import gevent
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser

from eachlabs_mock.load.driver.receiver import Receiver
from eachlabs_mock.load.driver.shared import Body, SharedState, json_object
from eachlabs_mock.load.target import is_loopback

DONE = frozenset({"success", "succeeded"})
FAILED = frozenset({"error", "failed", "cancelled"})
GONE = "unknown"

WEBHOOK_TIMEOUT = 120.0
"""Seconds to wait for a webhook."""

RETRY_DELAY = 1.0
"""Seconds to wait after an error, or after a refusal without a Retry-After."""


class ApiUser(FastHttpUser):
    """A user of Locust.

    :cvar shared: the state that all users share; set before the first user starts.
    :cvar receiver: the receiver of their webhooks.
    """

    shared: ClassVar[SharedState]
    receiver: ClassVar[Receiver]

    connection_timeout = 10.0
    network_timeout = 60.0
    concurrency = 1

    def __init__(self, environment: Environment) -> None:
        self.host = self.shared.root
        super().__init__(environment)

    def on_start(self) -> None:
        """Read the options, which a worker knows only now."""
        self._options = self.environment.parsed_options
        self._in_flight = 0
        self.shared.count("came")
        key = self.shared.key(own=not self._options.one_key)
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def on_stop(self) -> None:
        """Leave, and count a prediction in flight as abandoned."""
        self.shared.count("left")
        self.shared.count("abandoned", self._in_flight)

    @task
    def job(self) -> None:
        """Create one prediction and follow it to its end."""
        if not self.shared.may_create(self._options.at_most):
            raise StopUser
        webhook_url = self.receiver.expect() if self._options.mode == "webhook" else ""
        prediction_id = self._create(webhook_url)
        if not prediction_id:
            self.receiver.forget(webhook_url)
            gevent.sleep(RETRY_DELAY)
            return
        body = self.receiver.wait(webhook_url, WEBHOOK_TIMEOUT) if webhook_url else self._poll(prediction_id)
        self._in_flight = 0
        status = str(body.get("status"))
        self.shared.count("done" if status in DONE else "failed" if status in FAILED else "lost")
        if self._options.fetch and status in DONE:
            self._fetch(body.get("output"))

    def _create(self, webhook_url: str) -> str:
        """Return the id of a new prediction; empty if the create failed permanently."""
        webhook = {"webhook_url": webhook_url} if webhook_url else {}
        create = {"model": self._options.model, "input": {"prompt": "A load test"}, **webhook}
        body = self._request("create", "POST", "/prediction/", json.dumps(create))
        if prediction_id := str(body.get("predictionID", "")):
            self.shared.count("created")
            self._in_flight = 1
        return prediction_id

    def _poll(self, prediction_id: str) -> Body:
        """Return the body of the prediction once it has ended or is unknown."""
        while True:
            gevent.sleep(self._options.poll)
            body = self._request("poll", "GET", f"/prediction/{prediction_id}")
            if str(body.get("status")) in DONE | FAILED | {GONE}:
                return body

    def _request(self, kind: str, method: str, path: str, content: str | None = None) -> Body:
        """Return the body of the first response other than a 429; wait for Retry-After after each 429.

        The body of an error response also has a status, which is not that of a prediction, so it is left out.
        """
        while True:
            response = self.client.request(
                method, self.shared.path + path, name=kind, data=content, headers=self._headers, allow_redirects=False
            )
            if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                return self._read(response.status_code, response.content)
            gevent.sleep(_retry_after(response.headers))

    @staticmethod
    def _read(status: int, content: bytes | None) -> Body:
        if status == HTTPStatus.NOT_FOUND:
            return {"status": GONE}
        return json_object(content) if status // 100 == 2 else {}  # noqa: PLR2004  # success

    def _fetch(self, output: object) -> None:
        """Fetch the outputs without the key, unless they are on another machine."""
        for url in output if isinstance(output, list) else [output]:
            if isinstance(url, str) and is_loopback(url):
                self.client.get(url, name="output", allow_redirects=False)
            else:
                self.shared.count("error:output: not fetched, because it is not on this machine")


def _retry_after(headers: Mapping[str, object] | None) -> float:
    value = (headers or {}).get("Retry-After")
    return float(value) if isinstance(value, str) and value.isdecimal() else RETRY_DELAY
