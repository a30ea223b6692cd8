"""The throughput that workers, rate limit and in-flight limit allow, and the poll interval and workers that fit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eachlabs_mock.core import MILLIS
from eachlabs_mock.simulation.workload import MINUTE, Workload

BURSTS = 2.0
"""Standard deviations of a Poisson number of jobs that a rate window has to absorb above the mean."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one prediction costs in requests and time.

    :param durations: milliseconds of the simulated predictions; at least one.
    """

    workload: Workload
    durations: Sequence[int]

    def requests(self, poll: int | None) -> float:
        """Return the mean number of requests per prediction that count against the rate limit.

        :param poll: milliseconds between polls; None: webhooks.
        """
        if poll is None or self.workload.settings.count == "creates":
            return 1
        return 1 + self._mean_polls(poll)

    def busy(self, poll: int | None) -> float:
        """Return the mean milliseconds for which a prediction occupies a worker."""
        return self.in_flight if poll is None else poll * self._mean_polls(poll)

    @property
    def in_flight(self) -> float:
        """Mean milliseconds for which a prediction is in flight."""
        return sum(self.durations) / len(self.durations)

    def _mean_polls(self, poll: int) -> float:
        return sum(polls_needed(duration, poll) for duration in self.durations) / len(self.durations)


def polls_needed(duration: int, poll: int) -> int:
    """Return the number of polls until the end of a prediction is seen; at least 1."""
    return max(1, -(-duration // poll))


def capacity(demand: Demand) -> Mapping[str, float | None]:
    """Return the predictions per minute that each limit allows; None: the limit is off."""
    workload, settings = demand.workload, demand.workload.settings
    rate, cap = settings.rate, settings.max_in_flight
    return {
        "workers": workload.workers * MINUTE / demand.busy(workload.poll),
        "rate": None if rate is None else rate.limit * MINUTE / rate.period / demand.requests(workload.poll),
        "cap": None if cap is None else cap * MINUTE / demand.in_flight,
    }


def tightest(limits: Mapping[str, float | None]) -> tuple[str, float]:
    """Return the name and value of the lowest limit that is not off."""
    return min(((name, value) for name, value in limits.items() if value is not None), key=lambda limit: limit[1])


def best_workload(demand: Demand) -> Workload:
    """Return the workload with the poll interval (or webhooks) and the number of workers that fit the arrivals.

    If the limits of one key do not allow all arrivals, the result fits the most that they allow.
    """
    workload = demand.workload
    per_minute = achievable(demand)
    is_overloaded = per_minute < workload.arrivals.per_minute
    bursts = 0 if is_overloaded or workload.arrivals.evenly else BURSTS
    poll = _fitting_poll(demand, per_minute, bursts)
    load = per_minute * demand.busy(poll) / MINUTE
    # The square root staffing rule: the load plus its square root for bursts.
    return replace(workload, poll=poll, workers=math.ceil(round(load + (math.sqrt(load) if bursts else 0), 6)))


def achievable(demand: Demand) -> float:
    """Return the jobs per minute that one key can complete with any poll interval and number of workers."""
    settings = demand.workload.settings
    rate, cap = settings.rate, settings.max_in_flight
    limits = [demand.workload.arrivals.per_minute]
    limits += [rate.limit * MINUTE / rate.period] if rate else []
    limits += [cap * MINUTE / demand.in_flight] if cap else []
    return min(limits)


def _fitting_poll(demand: Demand, per_minute: float, bursts: float) -> int | None:
    """Return the shortest poll interval that the rate limit allows: the current one or one of whole seconds.

    None: webhooks are in use, or no interval fits.
    """
    workload, rate = demand.workload, demand.workload.settings.rate
    if workload.poll is None or rate is None:
        return workload.poll
    jobs = per_minute * rate.period / MINUTE
    allowed = rate.limit / (jobs + bursts * math.sqrt(jobs))
    longest = -(-max(demand.durations) // MILLIS) * MILLIS  # a longer interval needs one poll as well
    candidates = (workload.poll, *range((workload.poll // MILLIS + 1) * MILLIS, longest + 1, MILLIS))
    return next((poll for poll in candidates if demand.requests(poll) <= allowed), None)
