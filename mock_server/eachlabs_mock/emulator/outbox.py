"""The webhooks of a world: pending attempts, and deliveries so far. No I/O."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Literal, Protocol

from eachlabs_mock.core import Instant, Message, Prediction

KEPT = 1000
"""Deliveries kept for inspection per world; beyond that the oldest is dropped."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a webhook.

    :param accepted: whether the receiver answered with a 2xx.
    :param status_code: HTTP status of the receiver's answer; None where none came.
    :param response: the beginning of the answer's body.
    :param error: why it failed; empty when it was accepted.
    :param faults: names of the faults that struck the webhook.
    """

    created_at: Instant
    accepted: bool
    status_code: int | None
    response: str
    error: str
    faults: tuple[str, ...] = ()

    @property
    def status(self) -> Literal["SUCCESS", "FAILED"]:
        """The result in one word."""
        return "SUCCESS" if self.accepted else "FAILED"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook and all attempts at it so far.

    :param number: counts the deliveries of a world from 1, in the order of their first attempts.
    """

    prediction_id: str
    url: str
    request: bytes
    number: int = 0
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingAttempt:
    """A scheduled attempt.

    :param number: of the attempt, from 1.
    :param messages: what is sent, in order; None: no faults have been applied yet.
    :param faults: names of the faults that were applied.
    :param key: identifies it among the pending attempts of its world; `IMPLIED`: the first attempt, which follows from
        the record of its prediction; None: it is not pending.
    """

    prediction: Prediction
    number: int = 1
    messages: tuple[Message, ...] | None = None
    faults: tuple[str, ...] = ()
    key: int | None = None


IMPLIED = 0
"""The key of an attempt that follows from the record of its prediction, until faults have been applied to it: it needs
no record of its own."""


class Custody(Protocol):
    """Keeps the webhooks of one world beyond the end of the process.

    Only `claim` and `forget` raise `StoreUnwritableError`; the other methods ignore that they cannot write.
    """

    def put(self, at: Instant, due: PendingAttempt, instead_of: int | None) -> None:
        """Record that *due* is pending, no longer under the key *instead_of* (None: it had none)."""
        ...

    def claim(self, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        """Record that *due* is being attempted, and no longer pending; if this raises, it must not be attempted."""
        ...

    def settle(self, delivery: Delivery) -> None:
        """Record *delivery*; no attempt at it is under way."""
        ...

    def drop(self, prediction_id: str) -> None:
        """Forget the delivery of a prediction."""
        ...

    def forget(self) -> None:
        """Forget all deliveries without an attempt under way."""
        ...


class Outbox:
    """The webhooks of a world: pending attempts by instant, and deliveries for inspection. Thread-safe.

    :param custody: keeps them beyond the end of the process; None: nothing does.
    """

    def __init__(self, custody: Custody | None = None) -> None:
        self._custody = custody
        self._pending: list[tuple[Instant, int, int, PendingAttempt]] = []
        self._keys = count(IMPLIED + 1)
        self._deliveries: OrderedDict[str, Delivery] = OrderedDict()
        self._last_number = 0
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def last_number(self) -> int:
        """The number of the latest delivery; 0 where there is none."""
        return self._last_number

    @property
    def is_closed(self) -> bool:
        """Whether its world has ended."""
        return self._is_closed

    def close(self) -> None:
        """Forget the pending attempts, and accept no more."""
        with self._lock:
            self._is_closed = True
            self._pending.clear()

    def put(self, at: Instant, due: PendingAttempt) -> None:
        """Schedule *due* for the instant *at*; attempts of one instant go in the order of creation."""
        with self._lock:
            if self._is_closed:
                return
            if due.key == IMPLIED and due.messages is None:
                heappush(self._pending, self._entry(at, due))
                return
            entry = self._entry(at, replace(due, key=None))
            if self._custody:
                self._custody.put(at, entry[-1], due.key)
            heappush(self._pending, entry)

    def next_at(self) -> Instant | None:
        """Return the instant of the next attempt; None where none is pending."""
        with self._lock:
            return self._pending[0][0] if self._pending else None

    def pending(self) -> tuple[tuple[Instant, PendingAttempt], ...]:
        """Return all pending attempts and their instants, in order."""
        with self._lock:
            return tuple((at, due) for at, *_, due in sorted(self._pending))

    def take_due(self, upto: Instant) -> list[PendingAttempt]:
        """Return the attempts due by *upto*, which are pending no longer."""
        taken = []
        with self._lock:
            while self._pending and self._pending[0][0] <= upto:
                taken.append(heappop(self._pending)[-1])
        return taken

    def begin(self, delivery: Delivery) -> Delivery:
        """Return *delivery* as recorded so far, or with a new number; it is listed once an attempt at it has ended."""
        with self._lock:
            if known := self._deliveries.get(delivery.prediction_id):
                return known
            self._last_number += 1
            self._deliveries[delivery.prediction_id] = new = replace(delivery, number=self._last_number)
            if len(self._deliveries) > KEPT:
                dropped, _ = self._deliveries.popitem(last=False)
                if self._custody:
                    self._custody.drop(dropped)
            return new

    def claim(self, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        """Record, before the first byte is sent, that *due* is being attempted, so that no later process repeats it.

        :raises StoreUnwritableError: it cannot be recorded, so *due* must not be attempted.
        """
        with self._lock:
            if self._custody and not self._is_closed:
                self._custody.claim(self._deliveries.get(delivery.prediction_id, delivery), due, now)

    def record(self, prediction_id: str, *attempts: Attempt) -> None:
        """Add *attempts* to the delivery of a prediction, unless it was dropped meanwhile."""
        with self._lock:
            if known := self._deliveries.get(prediction_id):
                known = self._deliveries[prediction_id] = replace(known, attempts=(*known.attempts, *attempts))
            if self._is_closed or not self._custody:
                return
            if known:
                self._custody.settle(known)
            else:
                self._custody.drop(prediction_id)

    def forget(self) -> None:
        """Forget the deliveries; their numbers are not reused."""
        with self._lock:
            if self._custody and not self._is_closed:
                self._custody.forget()
            under_way = ((name, delivery) for name, delivery in self._deliveries.items() if not delivery.attempts)
            self._deliveries = OrderedDict(under_way)

    def restore(
        self, pending: Iterable[tuple[Instant, PendingAttempt]], deliveries: Iterable[Delivery], last_number: int
    ) -> None:
        """Replace everything. Attempts keep their keys."""
        with self._lock:
            entries = list(pending)
            self._keys = count(max((due.key or IMPLIED for _, due in entries), default=IMPLIED) + 1)
            self._pending = [self._entry(at, due) for at, due in entries]
            heapify(self._pending)
            self._deliveries = OrderedDict((delivery.prediction_id, delivery) for delivery in deliveries)
            self._last_number = last_number

    def deliveries(self, since: int = 0) -> tuple[Delivery, ...]:
        """Return the deliveries after number *since* that have an ended attempt, oldest first."""
        with self._lock:
            return tuple(known for known in self._deliveries.values() if known.attempts and known.number > since)

    def _entry(self, at: Instant, due: PendingAttempt) -> tuple[Instant, int, int, PendingAttempt]:
        number = next(self._keys)
        return at, due.prediction.ordinal, number, due if due.key is not None else replace(due, key=number)
