"""How much workers, rate and cap bear at most, and which poll interval and workers fit. Pure arithmetic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eachlabs_mock.core import MILLIS
from eachlabs_mock.simulation.workload import MINUTE, Question

BURSTS = 2.0
"""Standard deviations of a Poisson number of jobs that a rate window is to bear on top of its mean."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one prediction asks for.

    :param durations: in milliseconds, of the predictions that there were; at least one.
    """

    question: Question
    durations: Sequence[int]

    def requests(self, poll: int | None) -> float:
        """Return how many requests of one prediction count against the rate, when it is polled so often."""
        if poll is None or self.question.settings.count == "creates":
            return 1
        return 1 + sum(looks(each, poll) for each in self.durations) / len(self.durations)

    def held(self, poll: int | None) -> float:
        """Return for how many milliseconds it keeps a worker, on average."""
        if poll is None:
            return self.in_flight
        return poll * sum(looks(each, poll) for each in self.durations) / len(self.durations)

    @property
    def in_flight(self) -> float:
        """For how many milliseconds it is in flight, on average."""
        return sum(self.durations) / len(self.durations)


def looks(duration: int, poll: int) -> int:
    """Return how often a prediction is looked at until its end is seen; never less than once."""
    return max(1, -(-duration // poll))


def ceilings(demand: Demand) -> Mapping[str, float | None]:
    """Return how many predictions a minute each limit bears at most; None: it is off."""
    question, settings = demand.question, demand.question.settings
    rate, cap = settings.rate, settings.max_in_flight
    return {
        "workers": question.workers * MINUTE / demand.held(question.poll),
        "rate": None if rate is None else rate.limit * MINUTE / rate.period / demand.requests(question.poll),
        "cap": None if cap is None else cap * MINUTE / demand.in_flight,
    }


def lowest(found: Mapping[str, float | None]) -> tuple[str, float]:
    """Return the limit that is met first, and what it bears."""
    return min(((name, each) for name, each in found.items() if each is not None), key=lambda pair: pair[1])


def best(demand: Demand) -> Question:
    """Return the question with the poll interval (or webhooks) and the workers that fit what comes.

    Where one key cannot bear all of it, they fit the most that it can bear.
    """
    question = demand.question
    per_minute = bearable(demand)
    is_flooded = per_minute < question.arrivals.per_minute
    bursts = 0 if is_flooded or question.arrivals.evenly else BURSTS
    poll = _fitting_poll(demand, per_minute, bursts)
    load = per_minute * demand.held(poll) / MINUTE
    # The square root rule of staffing: the load, and its root for the bursts.
    return replace(question, poll=poll, workers=math.ceil(round(load + (math.sqrt(load) if bursts else 0), 6)))


def bearable(demand: Demand) -> float:
    """Return how many of the jobs that come in a minute one key can bear, however cleverly they are done."""
    settings = demand.question.settings
    rate, cap = settings.rate, settings.max_in_flight
    most = [demand.question.arrivals.per_minute]
    most += [rate.limit * MINUTE / rate.period] if rate else []
    most += [cap * MINUTE / demand.in_flight] if cap else []
    return min(most)


def _fitting_poll(demand: Demand, per_minute: float, bursts: float) -> int | None:
    """Return the shortest poll interval, in whole seconds unless it is the present one, that the rate bears.

    None: not even the longest, or there are webhooks already.
    """
    question, rate = demand.question, demand.question.settings.rate
    if question.poll is None or rate is None:
        return question.poll
    jobs = per_minute * rate.period / MINUTE
    room = rate.limit / (jobs + bursts * math.sqrt(jobs))
    longest = -(-max(demand.durations) // MILLIS) * MILLIS  # any longer one looks once, too
    candidates = (question.poll, *range((question.poll // MILLIS + 1) * MILLIS, longest + 1, MILLIS))
    return next((each for each in candidates if demand.requests(each) <= room), None)
