"""What is known of a world's webhooks: those that will fall due, and those that were attempted. No I/O here."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Literal, Protocol

from eachlabs_mock.core import Instant, Message, Prediction

KEPT = 1000
"""Deliveries kept for inspection, per world; the oldest make way."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a webhook.

    :param accepted: whether the receiver answered with a 2xx.
    :param status_code: what the receiver answered; None when no answer came.
    :param response: the beginning of its body.
    :param error: why it failed, in words; empty when it was accepted.
    :param faults: names of those that struck the webhook.
    """

    created_at: Instant
    accepted: bool
    status_code: int | None
    response: str
    error: str
    faults: tuple[str, ...] = ()

    @property
    def status(self) -> Literal["SUCCESS", "FAILED"]:
        """What came of it, in a word."""
        return "SUCCESS" if self.accepted else "FAILED"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook and all attempts at it so far.

    :param number: counts a world's deliveries from 1, in the order in which their first attempts began.
    """

    prediction_id: str
    url: str
    request: bytes
    number: int = 0
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingAttempt:
    """An attempt that falls due at an instant.

    :param number: counts from 1.
    :param letters: what goes out, in create, where that is settled already; None: it is not.
    :param faults: names of those that have settled it.
    :param key: names it among the pending of its world; 0: the first, which its prediction implies; None: it is not
        among them.
    """

    prediction: Prediction
    number: int = 1
    letters: tuple[Message, ...] | None = None
    faults: tuple[str, ...] = ()
    key: int | None = None


IMPLIED = 0
"""The key of an attempt that the record of its prediction implies, until its letters are settled: whoever has that
record needs no note of it."""


class Custody(Protocol):
    """Keeps the webhooks of one world where the end of the process does not reach them.

    What it cannot keep it lets go of, except where it says that it raises `StoreUnwritableError`.
    """

    def put(self, at: Instant, due: PendingAttempt, instead_of: int | None) -> None:
        """Note that *due* is pending, no longer under the key *instead_of*, where it had one."""
        ...

    def claim(self, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        """Note that *due* is being attempted, and pending no longer; or raise, and it must not be."""
        ...

    def settle(self, delivery: Delivery) -> None:
        """Note *delivery*, no attempt at which is under way."""
        ...

    def drop(self, prediction_id: str) -> None:
        """Forget the delivery for a prediction."""
        ...

    def forget(self) -> None:
        """Forget all deliveries, except those of which an attempt is under way; or raise."""
        ...


class Unkept:
    """The custody of those who end with the process."""

    def put(self, at: Instant, due: PendingAttempt, instead_of: int | None) -> None:
        pass

    def claim(self, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        pass

    def settle(self, delivery: Delivery) -> None:
        pass

    def drop(self, prediction_id: str) -> None:
        pass

    def forget(self) -> None:
        pass


class Outbox:
    """A world's webhooks: pending ones by instant, attempted ones for inspection. Safe to use from several threads."""

    def __init__(self, custody: Custody | None = None) -> None:
        self._custody = custody or Unkept()
        self._pending: list[tuple[Instant, int, int, PendingAttempt]] = []
        self._keys = count(IMPLIED + 1)
        self._deliveries: OrderedDict[str, Delivery] = OrderedDict()
        self._last_number = 0
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def last_number(self) -> int:
        """The number of the latest delivery; 0: there was none."""
        return self._last_number

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is to be sent."""
        return self._is_closed

    def close(self) -> None:
        """Forget what is pending, and take nothing more."""
        with self._lock:
            self._is_closed = True
            self._pending.clear()

    def put(self, at: Instant, due: PendingAttempt) -> None:
        """Note that *due* is to be attempted *at* that instant; what falls due together goes by order of creation."""
        with self._lock:
            if self._is_closed:
                return
            if due.key == IMPLIED and due.letters is None:
                heappush(self._pending, self._entry(at, due))
                return
            entry = self._entry(at, replace(due, key=None))
            self._custody.put(at, entry[-1], due.key)
            heappush(self._pending, entry)

    def next_at(self) -> Instant | None:
        """Return the instant of the next attempt; None when none is pending."""
        with self._lock:
            return self._pending[0][0] if self._pending else None

    def pending(self) -> tuple[tuple[Instant, PendingAttempt], ...]:
        """Return all attempts to come and their instants, in create."""
        with self._lock:
            return tuple((at, due) for at, *_, due in sorted(self._pending))

    def take_due(self, upto: Instant) -> list[PendingAttempt]:
        """Return, and forget as pending, what has fallen due by *upto*; nothing is ever returned twice."""
        taken = []
        with self._lock:
            while self._pending and self._pending[0][0] <= upto:
                taken.append(heappop(self._pending)[-1])
        return taken

    def begin(self, delivery: Delivery) -> Delivery:
        """Return *delivery* as it is known, or with a number of its own; it is shown once an attempt at it is over."""
        with self._lock:
            if known := self._deliveries.get(delivery.prediction_id):
                return known
            self._last_number += 1
            self._deliveries[delivery.prediction_id] = new = replace(delivery, number=self._last_number)
            if len(self._deliveries) > KEPT:
                self._custody.drop(self._deliveries.popitem(last=False)[0])
            return new

    def claim(self, delivery: Delivery, due: PendingAttempt, now: Instant) -> None:
        """Note, before its first byte, that *due* is being attempted: whatever happens, it is not again.

        :raises StoreUnwritableError: that cannot be noted, so it must not be.
        """
        with self._lock:
            if not self._is_closed:
                self._custody.claim(self._deliveries.get(delivery.prediction_id, delivery), due, now)

    def record(self, prediction_id: str, *attempts: Attempt) -> None:
        """Add *attempts* to what is known of the delivery they were begun for; to nothing, if that has made way."""
        with self._lock:
            if known := self._deliveries.get(prediction_id):
                known = self._deliveries[prediction_id] = replace(known, attempts=(*known.attempts, *attempts))
            if self._is_closed:
                return
            if known:
                self._custody.settle(known)
            else:
                self._custody.drop(prediction_id)

    def forget(self) -> None:
        """Forget the attempted deliveries; their numbers are not used again."""
        with self._lock:
            if not self._is_closed:
                self._custody.forget()
            under_way = ((name, each) for name, each in self._deliveries.items() if not each.attempts)
            self._deliveries = OrderedDict(under_way)

    def restore(
        self, pending: Iterable[tuple[Instant, PendingAttempt]], deliveries: Iterable[Delivery], last_number: int
    ) -> None:
        """Put all this in the place of all there is. What has a key keeps it."""
        with self._lock:
            given = list(pending)
            self._keys = count(max((due.key or IMPLIED for _, due in given), default=IMPLIED) + 1)
            self._pending = [self._entry(at, due) for at, due in given]
            heapify(self._pending)
            self._deliveries = OrderedDict((each.prediction_id, each) for each in deliveries)
            self._last_number = last_number

    def deliveries(self, since: int = 0) -> tuple[Delivery, ...]:
        """Return the attempted deliveries after number *since*, oldest first."""
        with self._lock:
            return tuple(each for each in self._deliveries.values() if each.attempts and each.number > since)

    def _entry(self, at: Instant, due: PendingAttempt) -> tuple[Instant, int, int, PendingAttempt]:
        number = next(self._keys)
        return at, due.prediction.ordinal, number, due if due.key is not None else replace(due, key=number)
