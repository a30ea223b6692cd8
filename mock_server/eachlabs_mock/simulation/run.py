"""Runs a simulation: workers take jobs from a queue, create predictions, wait out refusals and await the results."""

from collections import deque
from collections.abc import Callable, Generator
from http import HTTPStatus
from typing import Literal, TypeVar

from eachlabs_mock.core import MILLIS, UNKNOWN_WAIT, ApiError, Prediction, WorldClock, retry_after
from eachlabs_mock.simulation.event_queue import EventQueue, Process
from eachlabs_mock.simulation.service import Service
from eachlabs_mock.simulation.trace import Job, Request, Trace
from eachlabs_mock.simulation.workload import Workload, WorkloadTooLargeError

MAX_REQUESTS = 1_000_000
"""A simulation with more requests is aborted: it would take over half a minute."""

T = TypeVar("T")


def run(workload: Workload) -> Trace:
    """Simulate *workload* from an empty world at instant 0.

    :raises ApiError: the service refuses a request permanently, for example because the model is unknown.
    :raises ModelFileError: a model file of the settings has an error.
    :raises WorkloadTooLargeError: there would be more than `MAX_REQUESTS` requests.
    """
    clock = WorldClock("manual", start=0)
    events = EventQueue(clock)
    simulation = _Simulation(workload, clock, events)
    events.start(simulation.arrivals())
    events.run(workload.end)
    simulation.trace.ledger = simulation.service.ledger()
    return simulation.trace


class _Simulation:
    """The workers and their job queue."""

    def __init__(self, workload: Workload, clock: WorldClock, events: EventQueue) -> None:
        self.service = Service(workload, clock)
        self.trace = Trace()
        self._workload = workload
        self._clock = clock
        self._events = events
        self._idle = workload.workers
        self._queue: deque[Job] = deque()

    def arrivals(self) -> Process:
        """Add jobs to the queue as they arrive, and start idle workers."""
        for at in self._workload.arrivals.instants(self._workload.seed, self._workload.end):
            yield at - self._clock.now()
            job = Job(at)
            self.trace.jobs.append(job)
            self._queue.append(job)
            if self._idle:
                self._idle -= 1
                self._events.start(self._worker())

    def _worker(self) -> Process:
        while self._queue:
            job = self._queue.popleft()
            job.taken = self._clock.now()
            prediction = yield from self._retry("create", self.service.create)
            job.accepted, job.ends = prediction.created_at, prediction.ends_at
            yield from self._await_end(prediction)
            job.seen = self._clock.now()
        self._idle += 1

    def _await_end(self, prediction: Prediction) -> Process:
        poll = self._workload.poll
        if poll is None:
            yield (prediction.ends_at or 0) - prediction.created_at
            return
        ended = False
        while not ended:
            yield poll
            ended = yield from self._retry("poll", lambda: self.service.has_ended(prediction))

    def _retry(self, kind: Literal["create", "poll"], request: Callable[[], T]) -> Generator[int, None, T]:
        """Send *request* until it is accepted and return its result; wait out each refusal."""
        while True:
            try:
                result = request()
            except ApiError as error:
                self._log(kind, error.refusal.key)
                yield self._wait(error)
            else:
                self._log(kind, "")
                return result

    def _log(self, kind: Literal["create", "poll"], refused: str) -> None:
        self.trace.requests.append(Request(self._clock.now(), kind, refused))
        if len(self.trace.requests) > MAX_REQUESTS:
            minute = self._clock.now() / MILLIS / 60
            raise WorkloadTooLargeError(
                f"the simulation reached {MAX_REQUESTS:,} requests by minute {minute:.0f}; "
                f"reduce --minutes or --workers, or increase --poll"
            )

    def _wait(self, error: ApiError) -> int:
        if error.refusal.status != HTTPStatus.TOO_MANY_REQUESTS or error.wait is None:
            raise error
        if not self._workload.settings.retry_after:
            return self._workload.poll or UNKNOWN_WAIT
        return max(1, retry_after(error.wait)) * MILLIS
