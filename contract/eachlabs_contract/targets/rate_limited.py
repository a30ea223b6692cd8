"""Keeps below a rate limit that nobody can switch off: sends no more than so many requests in a minute."""

from collections import deque
from threading import Lock
from typing import Final

from eachlabs_contract.history import Answer, Request
from eachlabs_contract.spec import MILLIS, MINUTE
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.transport import Transport

PER_MINUTE: Final = 80
"""Four fifths of the documented 100 (page, "Rate Limits"): somebody else may use the key too."""


class RateLimitedTransport:
    """Another transport, slowly: at most *per_minute* requests in any 60 s of real time, waiting where need be."""

    def __init__(self, transport: Transport, per_minute: int = PER_MINUTE) -> None:
        self._transport = transport
        self._sent: deque[float] = deque(maxlen=per_minute)
        self._lock = Lock()

    @property
    def root(self) -> str:
        return self._transport.root

    def send(self, request: Request) -> Answer:
        with self._lock:  # whoever waits keeps the others waiting: they would have to anyway
            if len(self._sent) == self._sent.maxlen:
                clock.pause(max(0.0, self._sent[0] + MINUTE / MILLIS - clock.monotonic()))
            self._sent.append(clock.monotonic())
        return self._transport.send(request)
