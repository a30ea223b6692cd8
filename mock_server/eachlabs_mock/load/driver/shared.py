"""State and helpers that all users of one Locust process share."""

import json
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from eachlabs_mock.core import MILLIS, WorldClock, fresh_seed
from eachlabs_mock.load.counters import Counters

Body = dict[str, Any]


def json_object(content: bytes | None) -> Body:
    """Return the JSON object in *content*; an empty one if there is none."""
    try:
        value = json.loads(content or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class SharedState:
    """The target, the API keys and the counters of a process.

    :param base_url: of the emulator, ending in ``/v1``.
    :param api_key: the key of users without a key of their own; empty: one is generated.
    :ivar is_full: whether a user was denied a prediction because the maximum was reached.
    """

    def __init__(self, base_url: str, api_key: str) -> None:
        parts = urlsplit(base_url)
        self.root = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path
        self.counters = Counters()
        self._clock = WorldClock()
        self._run = fresh_seed()  # the keys of an earlier run have used up part of their limits
        self._api_key = api_key or f"load-{self._run}"
        self._numbers = count(1)
        self._created = 0
        self._begin = 0
        self.is_full = False

    def key(self, *, own: bool) -> str:
        """Return the key of a new user."""
        return f"load-{self._run}-{next(self._numbers)}" if own else self._api_key

    def may_create(self, at_most: int) -> bool:
        """Reserve a prediction and return True, or return False if there are *at_most* already."""
        self.is_full = self._created >= at_most
        self._created += not self.is_full
        return not self.is_full

    @property
    def second(self) -> int:
        """Seconds since the epoch; each starts at the offset of the first event, so that the first one is complete."""
        now = self._clock.now()
        self._begin = self._begin or now
        return self._begin // MILLIS + (now - self._begin) // MILLIS

    def count(self, name: str, number: int = 1) -> None:
        """Count an event in the current second."""
        self.counters.count(self.second, name, number)

    def time(self, kind: str, milliseconds: float) -> None:
        """Record the response time of a request that ends now."""
        self.counters.time(self.second, kind, milliseconds)
