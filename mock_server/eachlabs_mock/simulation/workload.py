"""What is asked of a simulation: how many work, how often a job comes, how its result is waited for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from eachlabs_mock.core import MILLIS, Instant, draw
from eachlabs_mock.settings import Settings

MINUTE = 60 * MILLIS
"""Milliseconds."""

UNITS = {"s": MILLIS, "min": MINUTE, "h": 60 * MINUTE}
"""What arrivals may be counted by, in milliseconds."""


class TooMuchError(Exception):
    """The question asks for more than can be answered in a minute; the text says what would help."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How often a job comes.

    :param text: as it was asked for, such as ``35/min``.
    :param gap: milliseconds from one to the next, on average.
    :param evenly: whether every gap is the average one; else they are those of a Poisson process.
    """

    text: str
    gap: float
    evenly: bool = False

    @property
    def per_minute(self) -> float:
        """Jobs a minute, on average."""
        return MINUTE / self.gap

    def instants(self, seed: int, until: Instant) -> Iterator[Instant]:
        """Yield when each job comes, before *until*; the clock begins at 0."""
        at, number = 0.0, 0
        while True:
            number += 1
            at += self.gap if self.evenly else -math.log(1 - draw(seed, "simulation", "arrival", number)) * self.gap
            if round(at) >= until:
                return
            yield round(at)


def arrivals(text: str) -> Arrivals:
    """`N/s`, `N/min` or `N/h` as arrivals.

    :raises ValueError: it is none of them.
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
class Question:
    """One "what if".

    :param workers: each takes a job, creates its prediction, waits for the result, and takes the next.
    :param minutes: of the virtual clock; jobs come, and all is counted, until they are over.
    :param poll: milliseconds from one look at a prediction to the next; None: a webhook tells of its end.
    :param settings: those of the emulator; one API key is asked with, so that its limits are everybody's.
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
        """The instant at which it is over; the clock begins at 0."""
        return round(self.minutes * MINUTE)
