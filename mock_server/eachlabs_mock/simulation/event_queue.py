"""A virtual clock and the processes that wait for it: the whole of a discrete-event simulation's machinery."""

from collections.abc import Generator
from heapq import heappop, heappush
from itertools import count

from eachlabs_mock.core import Instant, WorldClock

Process = Generator[int, None, None]
"""Something that takes its time: it yields the milliseconds it waits, and goes on after them."""


class Agenda:
    """What is going to happen, in order; what falls on one instant happens in the order in which it was waited for.

    :param clock: a manual one; nothing else may move it.
    """

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._order = count()
        self._waiting: list[tuple[Instant, int, Process]] = []

    def start(self, process: Process) -> None:
        """Let *process* begin now."""
        wait = next(process, None)
        if wait is not None:
            heappush(self._waiting, (self._clock.now() + wait, next(self._order), process))

    def run(self, until: Instant) -> None:
        """Let everything before *until* happen, and leave the clock there."""
        while self._waiting and self._waiting[0][0] < until:
            at, _, process = heappop(self._waiting)
            self._clock.move_to(at)
            self.start(process)
        self._clock.move_to(until)
