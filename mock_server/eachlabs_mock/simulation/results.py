"""The results of a simulation, computed from its trace."""

import math
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Self

from eachlabs_mock.core import MILLIS, Instant, Rate
from eachlabs_mock.simulation.trace import Job, Request, Trace
from eachlabs_mock.simulation.workload import MINUTE, Workload


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution of values; percentiles by nearest rank, so that each is one of the values."""

    median: float
    p95: float
    max: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self | None:
        """Return the distribution of *values*; None if there are none."""
        ordered = sorted(values)
        return cls(_percentile(ordered, 0.5), _percentile(ordered, 0.95), ordered[-1]) if ordered else None


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs at the end of the simulation: `arrived` is the sum of the other three."""

    arrived: int
    done: int
    with_a_worker: int
    queued: int


@dataclass(frozen=True, slots=True)
class Requests:
    """The number of requests.

    :param per_prediction: requests per created prediction; None: no prediction was created.
    :param refused: refusals by key.
    """

    sent: int
    creates: int
    polls: int
    per_prediction: float | None
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Share:
    """The share of the rate limit in use, from 0 to 1.

    :param polls: by polls alone, on average.
    :param peak: in the fullest window.
    """

    mean: float
    polls: float
    peak: float


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of the simulation.

    :param in_flight: mean number of predictions in flight.
    """

    minute: int
    arrived: int
    done: int
    refused: int
    in_flight: float


@dataclass(frozen=True, slots=True)
class Results:
    """All results. Times are in seconds.

    :param throughput: completed jobs per minute.
    :param waiting: time in the queue, of the jobs that a worker took.
    :param result: time from arrival to result, of the completed jobs.
    :param late: mean time from the end of a prediction until its worker saw it.
    :param share: use of the rate limit; None: the limit is off.
    :param busy: mean number of workers with a job.
    :param spend: USD; None: the price is unknown.
    """

    jobs: Jobs
    throughput: float
    waiting: Distribution | None
    result: Distribution | None
    late: float | None
    requests: Requests
    share: Share | None
    in_flight_mean: float
    in_flight_peak: int
    busy: float
    spend: Decimal | None
    minutes: Sequence[Minute]


def summarize(workload: Workload, trace: Trace) -> Results:
    """Return the results of *trace*."""
    jobs, end = trace.jobs, workload.end
    lifetimes = list(trace.lifetimes())
    done = [(job.arrived, job.ends, job.seen) for job in jobs if job.seen is not None and job.ends is not None]
    ledger = trace.ledger
    return Results(
        jobs=_jobs(jobs),
        throughput=len(done) * MINUTE / end,
        waiting=Distribution.of((job.taken - job.arrived) / MILLIS for job in jobs if job.taken is not None),
        result=Distribution.of((seen - arrived) / MILLIS for arrived, _, seen in done),
        late=_mean((seen - ends) / MILLIS for _, ends, seen in done),
        requests=_requests(trace.requests, len(lifetimes)),
        share=_share(workload, trace.requests),
        in_flight_mean=occupied(lifetimes, 0, end) / end,
        in_flight_peak=most_at_once(lifetimes),
        busy=occupied(((job.taken, job.seen or end) for job in jobs if job.taken is not None), 0, end) / end,
        spend=None if ledger is None or ledger.unpriced else ledger.total,
        minutes=_minutes(end, trace, lifetimes),
    )


def occupied(spans: Iterable[tuple[Instant, Instant]], begin: Instant, end: Instant) -> int:
    """Return the total milliseconds of *spans* that lie between *begin* and *end*."""
    return sum(max(0, min(last, end) - max(first, begin)) for first, last in spans)


def most_at_once(spans: Iterable[tuple[Instant, Instant]]) -> int:
    """Return the greatest number of overlapping *spans*; a span does not include its end."""
    steps = sorted((at, step) for first, last in spans for at, step in ((first, 1), (last, -1)) if first < last)
    return max(accumulate(step for _, step in steps), default=0)


def fullest_window(instants: Sequence[Instant], rate: Rate) -> int:
    """Return the greatest number of *instants*, which are in order, within one window of *rate*."""
    window: deque[Instant] = deque()
    most = 0
    for at in instants:
        while window and rate.leaves_at(window[0]) <= at:
            window.popleft()
        window.append(at)
        most = max(most, len(window))
    return most


def counted_requests(workload: Workload, requests: Iterable[Request]) -> list[Request]:
    """Return the *requests* that count against the rate limit under the settings of *workload*."""
    settings = workload.settings
    kinds = {"create"} if settings.count == "creates" else {"create", "poll"}
    return [
        request
        for request in requests
        if request.kind in kinds and (request.refused != "rate_limited" or settings.count_refused)
    ]


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]


def _jobs(jobs: Sequence[Job]) -> Jobs:
    done = sum(job.seen is not None for job in jobs)
    queued = sum(job.taken is None for job in jobs)
    return Jobs(len(jobs), done, len(jobs) - done - queued, queued)


def _requests(requests: Sequence[Request], predictions: int) -> Requests:
    creates = sum(request.kind == "create" for request in requests)
    refused = Counter(request.refused for request in requests if request.refused)
    per_prediction = len(requests) / predictions if predictions else None
    return Requests(len(requests), creates, len(requests) - creates, per_prediction, dict(sorted(refused.items())))


def _share(workload: Workload, requests: Iterable[Request]) -> Share | None:
    rate = workload.settings.rate
    if rate is None:
        return None
    used = counted_requests(workload, requests)
    allowed = rate.limit * workload.end / rate.period
    polls = sum(request.kind == "poll" for request in used)
    peak = fullest_window([request.at for request in used], rate) / rate.limit
    return Share(len(used) / allowed, polls / allowed, peak)


def _minutes(end: Instant, trace: Trace, lifetimes: Sequence[tuple[Instant, Instant]]) -> list[Minute]:
    begins = range(0, end, MINUTE)
    arrived = _per_minute(job.arrived for job in trace.jobs)
    done = _per_minute(job.seen for job in trace.jobs if job.seen is not None)
    refused = _per_minute(request.at for request in trace.requests if request.refused)
    in_flight = _in_flight(begins, end, lifetimes)
    return [Minute(n, arrived[n], done[n], refused[n], in_flight[n]) for n in range(len(begins))]


def _per_minute(instants: Iterable[Instant]) -> Counter[int]:
    return Counter(at // MINUTE for at in instants)


def _in_flight(begins: range, end: Instant, lifetimes: Sequence[tuple[Instant, Instant]]) -> list[float]:
    sums = Counter[int]()
    for first, last in lifetimes:
        for number in range(first // MINUTE, bisect_right(begins, min(last, end))):
            sums[number] += occupied([(first, last)], begins[number], min(begins[number] + MINUTE, end))
    return [sums[n] / (min(begin + MINUTE, end) - begin) for n, begin in enumerate(begins)]


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None
