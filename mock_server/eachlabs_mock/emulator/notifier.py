"""Wakes callers that wait for a change in a world; together they check their conditions only now and then."""

from collections.abc import Callable
from typing import TypeVar

from eachlabs_mock.core import MILLIS, Alarm, Stopwatch, real_deadline, real_remaining, real_sleep

T = TypeVar("T")

_REST = 9
"""Rest after a check, in multiples of its duration: all waiting callers together check a tenth of the time at most."""

_LONGEST_REST = 1.0
"""Real seconds."""


class Notifier:
    """Wakes waiting callers after a change. Thread-safe."""

    def __init__(self) -> None:
        self._alarms: list[Alarm] = []  # one of each waiting caller

    def notify(self) -> None:
        """Make the waiting callers check again."""
        for alarm in tuple(self._alarms):
            alarm.notify()

    def wait(self, check: Callable[[], T], enough: Callable[[T], bool], real_seconds: float, pause: float) -> T:
        """Return the result of *check* once it is *enough*, or its last result after *real_seconds*.

        A slow check delays no other thread: `notify` does not wait for it, and a rest follows it.

        :param pause: real seconds until the next check without a notice: the passing of time sends none.
        """
        deadline, alarm = real_deadline(real_seconds), Alarm()
        self._alarms.append(alarm)
        try:
            while True:
                watch, result = Stopwatch(), check()
                if enough(result) or not real_remaining(deadline):
                    return result
                rest = min(watch.millis() / MILLIS * _REST * len(self._alarms), _LONGEST_REST)
                real_sleep(min(rest, real_remaining(deadline)))
                alarm.wait(min(pause, real_remaining(deadline)))
        finally:
            self._alarms.remove(alarm)
