"""Lives that are followed step by step while others send at full speed: each answer checked, each webhook counted."""

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from queue import Empty

import requests
from PIL import Image

from helpers.receivers import Receiver, accept, receiving

KEY = {"X-API-Key": "soak"}
PAUSE = 0.1
"""Seconds from one life to the next: they are to see what happens, not to add to it."""
PATIENCE = 30.0
FORMATS = ("webp", "png", "jpg")


class Followed:
    """Follows lives one after another, until it is told to stop.

    :ivar errors: what was not as it should be.
    :ivar counts: of lives, refusals and webhooks.
    """

    def __init__(self, url: str, hook: str) -> None:
        self._url = url
        self._hook = hook
        self._session = requests.Session()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="followed")
        self.errors: list[str] = []
        self.counts: Counter[str] = Counter()
        self.created: list[str] = []

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the life that is being followed, and no more."""
        self._stop.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        for image_format in cycle(FORMATS):
            for step in (lambda: self._live(image_format), self._be_refused, self._look):  # noqa: B023  # called at once
                self._try(step)
            if self._stop.wait(PAUSE):
                return

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is to be told, and the soak to go on
            self.errors.append(f"{type(error).__name__}: {error}"[:300])

    def _call(self, method: str, path: str, status: int, **options: object) -> requests.Response:
        headers = options.pop("headers", KEY)
        answer = self._session.request(method, self._url + path, headers=headers, timeout=PATIENCE, **options)  # type: ignore[arg-type]
        if answer.status_code != status:
            raise AssertionError(f"{method} {path}: {answer.status_code}, not {status}: {answer.text[:100]}")
        return answer

    def _live(self, image_format: str) -> None:
        wanted = {"prompt": f"life {len(self.created)}", "output_format": image_format, "aspect_ratio": "1:1"}
        order = {"model": "qwen-image", "input": wanted, "webhook_url": self._hook}
        made = self._call("POST", "/v1/prediction/", 200, json=order).json()["predictionID"]
        self.created.append(made)
        while (state := self._call("GET", f"/v1/prediction/{made}", 200).json())["status"] == "processing":
            if self._stop.wait(PAUSE / 4):
                break
        if state["status"] == "success":
            with Image.open(io.BytesIO(self._call("GET", f"/outputs/{made}.{image_format}", 200).content)) as image:
                image.load()
            self.counts["lives"] += 1

    def _be_refused(self) -> None:
        order = {"model": "qwen-image", "input": {"prompt": "x", "guidance": 11}}
        self._call("POST", "/v1/prediction/", 401, json=order, headers={"X-API-Key": "invalid"})
        self._call("POST", "/v1/prediction/", 400, json=order)
        self._call("POST", "/v1/prediction/", 400, data=b"{")
        self._call("GET", "/v1/prediction/00000000-0000-4000-8000-000000000000", 404)
        self._call("GET", "/v1/nowhere", 404)
        narrow = {"X-API-Key": "soak-narrow"}
        self._call("POST", "/__mock/reset", 200, headers=narrow)
        self._call("PATCH", "/__mock/settings", 200, json={"rate_limit": "1/60"}, headers=narrow)
        self._call("GET", "/v1/prediction/none", 404, headers=narrow)
        self._call("GET", "/v1/prediction/none", 429, headers=narrow)
        self.counts["refusals"] += 6

    def _look(self) -> None:
        for path in ("/__mock/ledger", "/__mock/requests", "/__mock/deliveries", "/v1/models", "/v1/openapi.json"):
            self._call("GET", path, 200)


@contextmanager
def following(url: str) -> Iterator[Followed]:
    """Follow lives at *url*; at the end every webhook that is owed has been waited for, and counted."""
    with receiving(accept) as receiver:
        followed = Followed(url, receiver.url)
        followed.start()
        try:
            yield followed
        finally:
            followed.stop()
            followed.counts["webhooks"] = _received(receiver, followed.created)


def _received(receiver: Receiver, created: Sequence[str]) -> int:
    """Return how many webhooks have come, once every one of *created* has been told of, or none comes any more."""
    seen: Counter[str] = Counter()
    while set(created) - set(seen):
        try:
            seen[receiver.arrived.get(timeout=PATIENCE)["exec_id"]] += 1
        except Empty:
            break
    return seen.total() + receiver.arrived.qsize()
