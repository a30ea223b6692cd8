"""Stays below a rate limit that cannot be switched off: waits before requests that would exceed it."""

from collections import deque
from threading import Lock
from typing import Final

from eachlabs_contract.history import Answer, Request
from eachlabs_contract.spec import MILLIS, MINUTE
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.transport import Transport

PER_MINUTE: Final = 80
"""Four fifths of the documented 100 (page, "Rate Limits"): other programs may use the key too."""


class RateLimitedTransport:
    """Sends at most *per_minute* requests through another transport in any 60 s of real time."""

    def __init__(self, transport: Transport, per_minute: int = PER_MINUTE) -> None:
        self._transport = transport
        self._sent: deque[float] = deque(maxlen=per_minute)
        self._lock = Lock()

    @property
    def root(self) -> str:
        return self._transport.root

    def send(self, request: Request) -> Answer:
        with self._lock:  # all other threads would have to wait too
            if len(self._sent) == self._sent.maxlen:
                clock.pause(max(0.0, self._sent[0] + MINUTE / MILLIS - clock.monotonic()))
            self._sent.append(clock.monotonic())
        return self._transport.send(request)
