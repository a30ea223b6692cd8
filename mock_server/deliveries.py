"""What is known of a world's webhooks: those that will fall due, and those that were attempted. No I/O here."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count

from mock_server.clock import Instant
from mock_server.prediction import Prediction

KEPT = 1000
"""Deliveries kept for inspection, per world; the oldest make way."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a webhook.

    :param accepted: whether the receiver answered with a 2xx.
    :param status_code: what the receiver answered; None when no answer came.
    :param response: the beginning of its body.
    :param error: why it failed, in words; empty when it was accepted.
    """

    created_at: Instant
    accepted: bool
    status_code: int | None
    response: str
    error: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook and all attempts at it so far."""

    prediction_id: str
    url: str
    request: bytes
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """An attempt that falls due at an instant; *number* counts from 1."""

    prediction: Prediction
    number: int = 1


class Outbox:
    """A world's webhooks: pending ones by instant, attempted ones for inspection. Safe to use from several threads."""

    def __init__(self) -> None:
        self._pending: list[tuple[Instant, int, Due]] = []
        self._order = count()
        self._deliveries: OrderedDict[str, Delivery] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, at: Instant, due: Due) -> None:
        """Note that *due* is to be attempted *at* that instant."""
        with self._lock:
            heappush(self._pending, (at, next(self._order), due))

    def next_at(self) -> Instant | None:
        """Return the instant of the next attempt; None when none is pending."""
        with self._lock:
            return self._pending[0][0] if self._pending else None

    def pending(self) -> tuple[tuple[Instant, Due], ...]:
        """Return all attempts to come and their instants, in order."""
        with self._lock:
            return tuple((at, due) for at, _, due in sorted(self._pending))

    def take_due(self, upto: Instant) -> list[Due]:
        """Return, and forget as pending, what has fallen due by *upto*; nothing is ever returned twice."""
        taken = []
        with self._lock:
            while self._pending and self._pending[0][0] <= upto:
                taken.append(heappop(self._pending)[2])
        return taken

    def record(self, delivery: Delivery, attempt: Attempt) -> None:
        """Add *attempt* to what is known of *delivery*."""
        with self._lock:
            known = self._deliveries.get(delivery.prediction_id, delivery)
            self._deliveries[delivery.prediction_id] = Delivery(
                known.prediction_id, known.url, known.request, (*known.attempts, attempt)
            )
            if len(self._deliveries) > KEPT:
                self._deliveries.popitem(last=False)

    def restore(self, pending: Iterable[tuple[Instant, Due]], deliveries: Iterable[Delivery]) -> None:
        """Put *pending* and *deliveries* in the place of all there is."""
        with self._lock:
            self._pending = [(at, next(self._order), due) for at, due in pending]
            heapify(self._pending)
            self._deliveries = OrderedDict((each.prediction_id, each) for each in deliveries)

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return the attempted deliveries, oldest first."""
        with self._lock:
            return tuple(self._deliveries.values())
