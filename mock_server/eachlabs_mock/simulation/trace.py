"""The raw record of a simulation: every job and every request."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from eachlabs_mock.core import Instant, Ledger


@dataclass(slots=True)
class Job:
    """A job and the instants of its life; an instant is None until it is reached.

    :param arrived: the job enters the queue.
    :param taken: a worker takes the job and tries to create its prediction.
    :param accepted: the prediction is created.
    :param ends: the prediction ends, in success or failure; known once it is created.
    :param seen: the worker learns of the end and is free again.
    """

    arrived: Instant
    taken: Instant | None = None
    accepted: Instant | None = None
    ends: Instant | None = None
    seen: Instant | None = None


class Request(NamedTuple):
    """One request.

    :param refused: the key of the refusal; empty if the request was accepted.
    """

    at: Instant
    kind: Literal["create", "poll"]
    refused: str


@dataclass(slots=True)
class Trace:
    """All jobs and requests of a simulation, in order."""

    jobs: list[Job] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    ledger: Ledger | None = None

    def durations(self) -> list[int]:
        """Return the milliseconds that each prediction takes."""
        return [ends - accepted for accepted, ends in self.lifetimes()]

    def lifetimes(self) -> Iterator[tuple[Instant, Instant]]:
        """Yield the creation and the end of each prediction."""
        for job in self.jobs:
            if job.accepted is not None and job.ends is not None:
                yield job.accepted, job.ends
