"""Runs a simulation: jobs come, workers take them, create, are refused, wait, look, and take the next."""

from collections import deque
from collections.abc import Callable, Generator
from typing import Literal, TypeVar

from eachlabs_mock.core import MILLIS, UNKNOWN_WAIT, ApiError, Prediction, WorldClock, retry_after
from eachlabs_mock.simulation.event_queue import Agenda, Process
from eachlabs_mock.simulation.service import Service, begin
from eachlabs_mock.simulation.trace import Job, Record, Request
from eachlabs_mock.simulation.workload import Question, TooMuchError

MOST_REQUESTS = 1_000_000
"""A run that would send more is given up: it takes half a minute, and workers who are refused all day learn nothing."""

TOO_MANY = 429

T = TypeVar("T")


def run(question: Question) -> Record:
    """Return what happens.

    :raises ApiError: the service refuses for good, such as a model that it does not know.
    :raises ModelFileError: a model file of the settings has an error.
    :raises TooMuchError: workers would send millions of requests.
    """
    clock = begin()
    agenda = Agenda(clock)
    office = _Office(question, clock, agenda)
    agenda.start(office.intake())
    agenda.run(question.end)
    office.record.ledger = office.service.ledger()
    return office.record


class _Office:
    """Workers and their queue."""

    def __init__(self, question: Question, clock: WorldClock, agenda: Agenda) -> None:
        self.service = Service(question, clock)
        self.record = Record()
        self._question = question
        self._clock = clock
        self._agenda = agenda
        self._idle = question.workers
        self._queue: deque[Job] = deque()

    def intake(self) -> Process:
        """Let jobs come."""
        for at in self._question.arrivals.instants(self._question.seed, self._question.end):
            yield at - self._clock.now()
            job = Job(at)
            self.record.jobs.append(job)
            self._queue.append(job)
            if self._idle:
                self._idle -= 1
                self._agenda.start(self._worker())

    def _worker(self) -> Process:
        while self._queue:
            job = self._queue.popleft()
            job.taken = self._clock.now()
            prediction = yield from self._persist("create", self.service.create)
            job.accepted, job.ends = prediction.created_at, prediction.ends_at
            yield from self._await_end(prediction)
            job.seen = self._clock.now()
        self._idle += 1

    def _await_end(self, prediction: Prediction) -> Process:
        poll = self._question.poll
        if poll is None:
            yield (prediction.ends_at or 0) - prediction.created_at
            return
        ended = False
        while not ended:
            yield poll
            ended = yield from self._persist("poll", lambda: self.service.has_ended(prediction))

    def _persist(self, kind: Literal["create", "poll"], ask: Callable[[], T]) -> Generator[int, None, T]:
        """Return what *ask* returns; after each refusal wait as long as the service says."""
        while True:
            try:
                answer = ask()
            except ApiError as error:
                self._note(kind, error.refusal.key)
                yield self._wait(error)
            else:
                self._note(kind, "")
                return answer

    def _note(self, kind: Literal["create", "poll"], refused: str) -> None:
        self.record.requests.append(Request(self._clock.now(), kind, refused))
        if len(self.record.requests) > MOST_REQUESTS:
            minute = self._clock.now() / MILLIS / 60
            raise TooMuchError(
                f"{MOST_REQUESTS:,} requests were sent by minute {minute:.0f}; ask for fewer --minutes or --workers, "
                f"or a longer --poll"
            )

    def _wait(self, error: ApiError) -> int:
        if error.refusal.status != TOO_MANY or error.wait is None:
            raise error
        if not self._question.settings.retry_after:
            return self._question.poll or UNKNOWN_WAIT
        return max(1, retry_after(error.wait)) * MILLIS
