"""What happened in a simulation: every job and every request, as it was."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from eachlabs_mock.core import Instant, Ledger


@dataclass(slots=True)
class Job:
    """Something to be made: the instants of its life, each None until it has come.

    :param arrived: it came, and waits in the queue.
    :param taken: a worker takes it, and tries to create its prediction.
    :param accepted: the prediction was created.
    :param ends: the prediction ends, well or badly; known from its creation on.
    :param seen: the worker has learned of that, and is free again.
    """

    arrived: Instant
    taken: Instant | None = None
    accepted: Instant | None = None
    ends: Instant | None = None
    seen: Instant | None = None


class Request(NamedTuple):
    """One request.

    :param refused: the key of its row in the table of refusals; empty: it was not refused.
    """

    at: Instant
    kind: Literal["create", "poll"]
    refused: str


@dataclass(slots=True)
class Record:
    """All of a run, in create."""

    jobs: list[Job] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    ledger: Ledger | None = None

    def durations(self) -> list[int]:
        """Return how long each prediction takes, in milliseconds."""
        return [ends - accepted for accepted, ends in self.lives()]

    def lives(self) -> Iterator[tuple[Instant, Instant]]:
        """Yield when each prediction was created, and when it ends."""
        for each in self.jobs:
            if each.accepted is not None and each.ends is not None:
                yield each.accepted, each.ends
