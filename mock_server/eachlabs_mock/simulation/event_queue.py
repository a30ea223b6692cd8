"""The event queue of the simulation: processes that wait on a virtual clock."""

from collections.abc import Generator
from heapq import heappop, heappush
from itertools import count

from eachlabs_mock.core import Instant, WorldClock

Process = Generator[int, None, None]
"""A generator that yields the milliseconds to wait before it is resumed."""


class EventQueue:
    """Resumes processes in order of time; processes due at the same instant run in the order of their waits.

    :param clock: a manual clock that only this queue moves.
    """

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._order = count()
        self._waiting: list[tuple[Instant, int, Process]] = []

    def start(self, process: Process) -> None:
        """Run *process* from now until it waits."""
        wait = next(process, None)
        if wait is not None:
            heappush(self._waiting, (self._clock.now() + wait, next(self._order), process))

    def run(self, until: Instant) -> None:
        """Run all events before *until*, and leave the clock there."""
        while self._waiting and self._waiting[0][0] < until:
            at, _, process = heappop(self._waiting)
            self._clock.move_to(at)
            self.start(process)
        self._clock.move_to(until)
