"""A pool of threads for jobs that mostly wait for the network: few work at once, any number of them wait."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from eachlabs_mock.core import real_acquire

Job = Callable[[], None]

MOST_WORKING = 2
"""Workers that work at the same time: more would only compete for the interpreter with each other and with calls."""

IDLE = 5.0
"""Real seconds after which an idle worker ends."""


class OverrunError(Exception):
    """The queue of jobs is full."""


class WorkerPool:
    """Threads for jobs that mostly wait. A job that waits (`while_blocked`) makes room for another one.

    The threads are daemons, so a job that hangs does not delay the end of the process.

    :param name: of the threads.
    :param most: workers at most, blocked ones included.
    :param most_jobs: jobs in the queue at most.
    """

    def __init__(self, name: str, most: int, most_jobs: int) -> None:
        self._name = name
        self._most = most
        self._most_jobs = most_jobs
        self._lock = threading.Lock()
        self._jobs: deque[Job] = deque()
        self._workers = 0
        self._working = 0
        self._idle = 0  # workers that wait for a call
        self._is_shut_down = False
        self._calls = threading.Semaphore(0)

    def submit(self, job: Job) -> threading.Event:
        """Queue *job*; the returned event is set when it has ended or failed.

        :raises OverrunError: the queue is full.
        """
        done = threading.Event()

        def run() -> None:
            try:
                job()
            finally:
                done.set()

        with self._lock:
            if len(self._jobs) >= self._most_jobs:
                raise OverrunError
            self._jobs.append(run)
            self._call_worker()
        return done

    def shutdown(self) -> None:
        """End idle workers, now and from now on; the jobs in the queue are still done."""
        with self._lock:
            self._is_shut_down = True
            while self._idle:
                self._call_idle()

    @contextmanager
    def while_blocked(self) -> Iterator[None]:
        """Let another worker work while this job waits for something."""
        with self._lock:
            self._working -= 1
            self._call_worker()
        try:
            yield
        finally:
            with self._lock:
                self._working += 1

    def _call_worker(self) -> None:
        """Put one more worker to work if there are a job and room for it; the lock is held."""
        if not self._jobs or self._working >= MOST_WORKING:
            return
        if self._idle:
            self._call_idle()
        elif self._workers < self._most:
            self._workers += 1
            self._working += 1
            threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def _call_idle(self) -> None:
        self._idle -= 1
        self._working += 1
        self._calls.release()

    def _work(self) -> None:
        try:
            while job := self._next():
                job()
        except BaseException:  # the job failed: another worker replaces this one
            with self._lock:
                self._leave()
                self._call_worker()
            raise

    def _leave(self) -> None:
        self._working -= 1
        self._workers -= 1

    def _next(self) -> Job | None:
        """Return the next job for a worker that works; None: the worker ends."""
        with self._lock:
            if self._jobs and self._working <= MOST_WORKING:
                return self._jobs.popleft()
            if self._is_shut_down:  # do not take the call of another worker that ends as well
                self._leave()
                return None
            self._working -= 1
            self._idle += 1
        while not real_acquire(self._calls, IDLE):
            with self._lock:
                if self._idle:  # else it has just been called
                    self._idle -= 1
                    self._workers -= 1
                    return None
        return self._job_after_call()

    def _job_after_call(self) -> Job | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._leave()  # other workers took the jobs, or the pool is shut down
            return None
