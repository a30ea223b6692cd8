"""A notifier for whoever waits for something to happen: each looks for itself, but all of them only now and then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Event
from typing import TypeVar

from eachlabs_mock.core import MILLIS, Stopwatch, real_deadline, real_remaining

T = TypeVar("T")

_LEISURE = 9
"""Rest after a look, in times of what it took: all who wait together look for a tenth of the time at most."""

_LONGEST_REST = 1.0
"""Real seconds."""


class Notifier:
    """Rings when something has happened. Safe between threads."""

    def __init__(self) -> None:
        self._happened = Condition()
        self._rings = 0
        self._waiting = 0

    def notify(self) -> None:
        """Let whoever waits look again."""
        with self._happened:
            self._rings += 1
            if self._waiting:
                self._happened.notify_all()

    def wait(self, look: Callable[[], T], enough: Callable[[T], bool], real_seconds: float, pause: float) -> T:
        """Return what *look* sees once that is *enough*, or what it saw last when *real_seconds* are over.

        It holds nobody up: whoever rings waits for no look, and one that takes long is followed by a rest as long as
        others need to get on.

        :param pause: look again after so many real seconds, even if nothing rings: time passes silently.
        """
        deadline = real_deadline(real_seconds)
        with self._one_more():
            while True:
                rings, watch = self._rings, Stopwatch()
                seen = look()
                if enough(seen) or not real_remaining(deadline):
                    return seen
                rest = min(watch.millis() / MILLIS * _LEISURE * self._waiting, _LONGEST_REST)
                Event().wait(min(rest, real_remaining(deadline)))
                self._await_another(rings, min(pause, real_remaining(deadline)))

    def _await_another(self, rings: int, real_seconds: float) -> None:
        with self._happened:
            self._happened.wait_for(lambda: self._rings != rings, real_seconds)

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        with self._happened:
            self._waiting += 1
        try:
            yield
        finally:
            with self._happened:
                self._waiting -= 1
