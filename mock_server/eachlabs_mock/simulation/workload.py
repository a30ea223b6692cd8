"""The input of a simulation: the number of workers, how often jobs arrive, and how their results are awaited."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from eachlabs_mock.core import MILLIS, Instant, draw
from eachlabs_mock.settings import Settings

MINUTE = 60 * MILLIS
"""Milliseconds."""

UNITS = {"s": MILLIS, "min": MINUTE, "h": 60 * MINUTE}
"""The time units of arrival rates, in milliseconds."""


class WorkloadTooLargeError(Exception):
    """The simulation would take too long; the message says which options to reduce."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How often jobs arrive.

    :param text: the rate as the user wrote it, such as ``35/min``.
    :param gap: mean milliseconds between two arrivals.
    :param evenly: whether all gaps are equal; otherwise arrivals are a Poisson process.
    """

    text: str
    gap: float
    evenly: bool = False

    @property
    def per_minute(self) -> float:
        """Mean number of jobs per minute."""
        return MINUTE / self.gap

    def instants(self, seed: int, until: Instant) -> Iterator[Instant]:
        """Yield the arrival time of each job before *until*; the clock starts at 0."""
        at, number = 0.0, 0
        while True:
            number += 1
            at += self.gap if self.evenly else -math.log(1 - draw(seed, "simulation", "arrival", number)) * self.gap
            if round(at) >= until:
                return
            yield round(at)


def parse_arrivals(text: str) -> Arrivals:
    """Parse an arrival rate of the form `N/s`, `N/min` or `N/h`.

    :raises ValueError: *text* has another form.
    """
    number, _, unit = text.partition("/")
    try:
        rate = float(number)
    except ValueError:
        rate = math.nan
    if unit not in UNITS or not 0 < rate < math.inf:
        raise ValueError(f"{text!r} is not N/s, N/min or N/h with N over 0, such as 35/min")
    return Arrivals(text, UNITS[unit] / rate)


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload to simulate.

    :param workers: number of concurrent workers; each takes a job, creates its prediction and waits for the result.
    :param minutes: length of the simulation on the virtual clock.
    :param poll: milliseconds between two polls of a prediction; None: a webhook reports the end.
    :param settings: those of the emulator; all workers use one API key and share its limits.
    """

    workers: int
    minutes: float
    arrivals: Arrivals
    poll: int | None
    seed: int
    model: str = "qwen-image"
    settings: Settings = field(default_factory=Settings)

    @property
    def end(self) -> Instant:
        """The end of the simulation; the clock starts at 0."""
        return round(self.minutes * MINUTE)
