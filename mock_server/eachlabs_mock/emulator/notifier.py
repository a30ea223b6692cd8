"""Wakes callers that wait for a change in a world; together they check their conditions only now and then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import TypeVar

from eachlabs_mock.core import MILLIS, Stopwatch, real_deadline, real_remaining, real_sleep, real_wait_for

T = TypeVar("T")

_REST = 9
"""Rest after a check, in multiples of its duration: all waiting callers together check a tenth of the time at most."""

_LONGEST_REST = 1.0
"""Real seconds."""


class Notifier:
    """Wakes waiting callers after a change. Thread-safe."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._changes = 0
        self._waiting = 0

    def notify(self) -> None:
        """Make the waiting callers check again."""
        with self._changed:
            self._changes += 1
            if self._waiting:
                self._changed.notify_all()

    def wait(self, check: Callable[[], T], enough: Callable[[T], bool], real_seconds: float, pause: float) -> T:
        """Return the result of *check* once it is *enough*, or its last result after *real_seconds*.

        A slow check delays nobody: `notify` does not wait for it, and a rest follows it.

        :param pause: real seconds until the next check where nothing notifies: the passing of time does not.
        """
        deadline = real_deadline(real_seconds)
        with self._one_more():
            while True:
                changes, watch = self._changes, Stopwatch()
                seen = check()
                if enough(seen) or not real_remaining(deadline):
                    return seen
                rest = min(watch.millis() / MILLIS * _REST * self._waiting, _LONGEST_REST)
                real_sleep(min(rest, real_remaining(deadline)))
                self._await_change(changes, min(pause, real_remaining(deadline)))

    def _await_change(self, changes: int, real_seconds: float) -> None:
        with self._changed:
            real_wait_for(self._changed, lambda: self._changes != changes, real_seconds)

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
        try:
            yield
        finally:
            with self._changed:
                self._waiting -= 1
