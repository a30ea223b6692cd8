"""Threads that take on one piece of work after another: few work at once, and any number wait for the network."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Work = Callable[[], None]

AT_WORK = 2
"""Hands that are at work at once: more would only take the interpreter from each other, and from all callers."""

IDLE = 5.0
"""Real seconds that a hand waits for more work before it ends."""


class OverrunError(Exception):
    """There is no room for more work."""


class WorkerPool:
    """Threads for jobs that mostly wait. A job that waits (`while_blocked`) makes room for another one.

    Daemons, so that what hangs holds up no end.

    :param name: of the threads.
    :param most: hands there are at most, those that wait included.
    :param most_jobs: that wait for a hand.
    """

    def __init__(self, name: str, most: int, most_jobs: int) -> None:
        self._name = name
        self._most = most
        self._most_jobs = most_jobs
        self._lock = threading.Lock()
        self._jobs: deque[Work] = deque()
        self._hands = 0
        self._at_work = 0
        self._idle = 0  # hands that nobody has called yet
        self._is_dismissed = False
        self._calls = threading.Semaphore(0)

    def submit(self, work: Work) -> threading.Event:
        """Have *work* done; the event is set when it is, or has failed.

        :raises OverrunError: too much waits already.
        """
        done = threading.Event()

        def job() -> None:
            try:
                work()
            finally:
                done.set()

        with self._lock:
            if len(self._jobs) >= self._most_jobs:
                raise OverrunError
            self._jobs.append(job)
            self._call_hand()
        return done

    def shutdown(self) -> None:
        """Let hands that have nothing to do go at once, now and from now on. What there is to do is done."""
        with self._lock:
            self._is_dismissed = True
            while self._idle:
                self._call_one()

    @contextmanager
    def while_blocked(self) -> Iterator[None]:
        """Make room for another hand while the one that does this waits for something."""
        with self._lock:
            self._at_work -= 1
            self._call_hand()
        try:
            yield
        finally:
            with self._lock:
                self._at_work += 1

    def _call_hand(self) -> None:
        """Have one more hand at work, if there is work and room for it; the lock is held."""
        if not self._jobs or self._at_work >= AT_WORK:
            return
        if self._idle:
            self._call_one()
        elif self._hands < self._most:
            self._hands += 1
            self._at_work += 1
            threading.Thread(target=self._toil, name=self._name, daemon=True).start()

    def _call_one(self) -> None:
        self._idle -= 1
        self._at_work += 1
        self._calls.release()

    def _toil(self) -> None:
        try:
            while job := self._next():
                job()
        except BaseException:  # the job's own affair, but another hand has to take this one's place
            with self._lock:
                self._leave()
                self._call_hand()
            raise

    def _leave(self) -> None:
        self._at_work -= 1
        self._hands -= 1

    def _next(self) -> Work | None:
        """Return the next job for a hand that is at work; None, where it may go."""
        with self._lock:
            if self._jobs and self._at_work <= AT_WORK:
                return self._jobs.popleft()
            if self._is_dismissed:  # and it must not take the call of one that is to go as well
                self._leave()
                return None
            self._at_work -= 1
            self._idle += 1
        while not self._calls.acquire(timeout=IDLE):
            with self._lock:
                if self._idle:  # else it has been called just now
                    self._idle -= 1
                    self._hands -= 1
                    return None
        return self._job_for_a_called_hand()

    def _job_for_a_called_hand(self) -> Work | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._leave()  # others were quicker, or all are dismissed
            return None
