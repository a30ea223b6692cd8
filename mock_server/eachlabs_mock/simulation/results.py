"""What came of a simulation, in figures: pure sums over its record."""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from eachlabs_mock.core import MILLIS, Instant, Rate
from eachlabs_mock.simulation.spread import Spread
from eachlabs_mock.simulation.trace import Job, Record, Request
from eachlabs_mock.simulation.workload import MINUTE, Question


@dataclass(frozen=True, slots=True)
class Jobs:
    """Where the jobs are at the end: every one that arrived is in one of the other three."""

    arrived: int
    done: int
    with_a_worker: int
    queued: int


@dataclass(frozen=True, slots=True)
class Requests:
    """What was asked.

    :param per_prediction: all of them, by predictions created; None: there was none.
    :param refused: refusals by their key.
    """

    sent: int
    creates: int
    polls: int
    per_prediction: float | None
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the rate limit was used, from 0 to 1.

    :param polls: by polling alone, on average.
    :param peak: in the fullest window.
    """

    mean: float
    polls: float
    peak: float


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of it.

    :param in_flight: predictions, on average over the minute.
    """

    minute: int
    arrived: int
    done: int
    refused: int
    in_flight: float


@dataclass(frozen=True, slots=True)
class Answer:
    """All figures. Times are seconds.

    :param throughput: jobs done per minute.
    :param waiting: in the queue, of the jobs that were taken.
    :param result: from arrival to result, of the jobs that are done.
    :param late: from the end of a prediction until its worker knew, on average.
    :param share: of the rate limit; None: it is off.
    :param busy: how many workers have a job, on average.
    :param spend: USD; None: the price is not known.
    """

    jobs: Jobs
    throughput: float
    waiting: Spread | None
    result: Spread | None
    late: float | None
    requests: Requests
    share: Share | None
    in_flight_mean: float
    in_flight_peak: int
    busy: float
    spend: Decimal | None
    minutes: Sequence[Minute]


def answer(question: Question, record: Record) -> Answer:
    """Return the figures of *record*."""
    jobs, end = record.jobs, question.end
    lives = list(record.lives())
    done = [(each.arrived, each.ends, each.seen) for each in jobs if each.seen is not None and each.ends is not None]
    ledger = record.ledger
    return Answer(
        jobs=_jobs(jobs),
        throughput=len(done) * MINUTE / end,
        waiting=Spread.of((each.taken - each.arrived) / MILLIS for each in jobs if each.taken is not None),
        result=Spread.of((seen - arrived) / MILLIS for arrived, _, seen in done),
        late=_mean((seen - ends) / MILLIS for _, ends, seen in done),
        requests=_requests(record.requests, len(lives)),
        share=_share(question, record.requests),
        in_flight_mean=occupied(lives, 0, end) / end,
        in_flight_peak=most_at_once(lives),
        busy=occupied(((each.taken, each.seen or end) for each in jobs if each.taken is not None), 0, end) / end,
        spend=None if ledger is None or ledger.unpriced else ledger.total,
        minutes=_minutes(end, record, lives),
    )


def occupied(spans: Iterable[tuple[Instant, Instant]], begin: Instant, end: Instant) -> int:
    """Return the milliseconds, in sum, for which *spans* last between *begin* and *end*."""
    return sum(max(0, min(last, end) - max(first, begin)) for first, last in spans)


def most_at_once(spans: Iterable[tuple[Instant, Instant]]) -> int:
    """Return how many of *spans* there were at once at most; one that ends at an instant is gone at it."""
    steps = sorted((at, step) for first, last in spans for at, step in ((first, 1), (last, -1)) if first < last)
    return max(accumulate(step for _, step in steps), default=0)


def fullest(instants: Sequence[Instant], rate: Rate) -> int:
    """Return how many of *instants*, in create, the fullest window of *rate* has."""
    window: deque[Instant] = deque()
    most = 0
    for at in instants:
        while window and rate.leaves_at(window[0]) <= at:
            window.popleft()
        window.append(at)
        most = max(most, len(window))
    return most


def counted(question: Question, requests: Iterable[Request]) -> list[Request]:
    """Return those of *requests* that use up the rate: what the window let through, or as the settings have it."""
    settings = question.settings
    kinds = {"create"} if settings.count == "creates" else {"create", "poll"}
    return [
        each for each in requests if each.kind in kinds and (each.refused != "rate_limited" or settings.count_refused)
    ]


def _jobs(jobs: Sequence[Job]) -> Jobs:
    done = sum(each.seen is not None for each in jobs)
    queued = sum(each.taken is None for each in jobs)
    return Jobs(len(jobs), done, len(jobs) - done - queued, queued)


def _requests(requests: Sequence[Request], predictions: int) -> Requests:
    creates = sum(each.kind == "create" for each in requests)
    refused = Counter(each.refused for each in requests if each.refused)
    per_prediction = len(requests) / predictions if predictions else None
    return Requests(len(requests), creates, len(requests) - creates, per_prediction, dict(sorted(refused.items())))


def _share(question: Question, requests: Iterable[Request]) -> Share | None:
    rate = question.settings.rate
    if rate is None:
        return None
    used = counted(question, requests)
    room = rate.limit * question.end / rate.period
    polls = sum(each.kind == "poll" for each in used)
    return Share(len(used) / room, polls / room, fullest([each.at for each in used], rate) / rate.limit)


def _minutes(end: Instant, record: Record, lives: Sequence[tuple[Instant, Instant]]) -> list[Minute]:
    begins = range(0, end, MINUTE)
    arrived = _per_minute((each.arrived for each in record.jobs), begins)
    done = _per_minute((each.seen for each in record.jobs if each.seen is not None), begins)
    refused = _per_minute((each.at for each in record.requests if each.refused), begins)
    in_flight = _in_flight(begins, end, lives)
    return [Minute(n, arrived[n], done[n], refused[n], in_flight[n]) for n in range(len(begins))]


def _per_minute(instants: Iterable[Instant], begins: range) -> Counter[int]:
    return Counter(at // begins.step for at in instants)


def _in_flight(begins: range, end: Instant, lives: Sequence[tuple[Instant, Instant]]) -> list[float]:
    sums = Counter[int]()
    for first, last in lives:
        for number in range(first // MINUTE, bisect_right(begins, min(last, end))):
            sums[number] += occupied([(first, last)], begins[number], min(begins[number] + MINUTE, end))
    return [sums[n] / (min(begin + MINUTE, end) - begin) for n, begin in enumerate(begins)]


def _mean(figures: Iterable[float]) -> float | None:
    known = list(figures)
    return sum(known) / len(known) if known else None
