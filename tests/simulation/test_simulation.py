"""Runs on the virtual clock: what always holds of them, and a few of which every instant is known."""

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.clock import MILLIS, WorldClock
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.simulation import run as running
from eachlabs_mock.simulation.event_queue import EventQueue, Process
from eachlabs_mock.simulation.results import summarize
from eachlabs_mock.simulation.run import run
from eachlabs_mock.simulation.trace import Job, Request
from eachlabs_mock.simulation.workload import Arrivals, Workload, WorkloadTooLargeError, parse_arrivals


def a_workload(text: str = "6/min", *, evenly: bool = True, **changed: Any) -> Workload:
    """By default: a job every 10 s for a minute, one worker, a poll every 3 s, predictions of 4 s, usual limits."""
    settings = Settings(**{"duration": 4.0} | changed.pop("settings", {}))
    asked = {"workers": 1, "minutes": 1.0, "poll": 3000, "seed": 7}
    return Workload(**asked | changed, arrivals=replace(parse_arrivals(text), evenly=evenly), settings=settings)


RATES = st.none() | st.builds(Rate, st.integers(1, 30), st.integers(1, 60).map(lambda seconds: seconds * MILLIS))

WORKLOADS = st.builds(
    lambda per_minute, evenly, rate, cap, window, count, duration, **asked: Workload(
        arrivals=Arrivals("", 60_000 / per_minute, evenly),
        settings=Settings(rate_limit=rate, max_in_flight=cap, window=window, count=count, duration=duration),
        **asked,
    ),
    per_minute=st.integers(1, 90),
    evenly=st.booleans(),
    rate=RATES,
    cap=st.none() | st.integers(1, 12),
    window=st.sampled_from(["sliding", "fixed"]),
    count=st.sampled_from(["all", "creates"]),
    duration=st.none() | st.floats(0.001, 40),
    workers=st.integers(1, 20),
    minutes=st.floats(0.1, 2),
    poll=st.none() | st.integers(500, 20_000),
    seed=st.integers(0, 2**32),
)


@given(workload=WORKLOADS)
def test_no_window_ever_lets_more_requests_through_than_the_limit(workload: Workload) -> None:
    kinds = {"create"} if workload.settings.count == "creates" else {"create", "poll"}

    passed = [each.at for each in run(workload).requests if each.refused != "rate_limited" and each.kind in kinds]

    rate = workload.settings.rate
    if rate is not None and rate.kind == "sliding":
        assert all(later - first >= rate.period for first, later in zip(passed, passed[rate.limit :], strict=False))
    elif rate is not None:
        assert max(Counter(at // rate.period for at in passed).values(), default=0) <= rate.limit


@given(workload=WORKLOADS)
def test_no_more_predictions_are_ever_in_flight_than_the_cap(workload: Workload) -> None:
    results = summarize(workload, run(workload))

    assert results.in_flight_peak <= (workload.settings.max_in_flight or math.inf)
    assert results.in_flight_mean <= results.in_flight_peak <= workload.workers


@given(workload=WORKLOADS)
def test_every_job_that_came_is_done_or_with_a_worker_or_queued(workload: Workload) -> None:
    results = summarize(workload, run(workload))

    jobs = results.jobs
    assert jobs.arrived == jobs.done + jobs.with_a_worker + jobs.queued
    assert jobs.with_a_worker <= workload.workers
    assert jobs.arrived == sum(each.arrived for each in results.minutes)
    assert jobs.done == sum(each.done for each in results.minutes)


@given(workload=WORKLOADS)
def test_the_instants_of_every_job_are_in_order(workload: Workload) -> None:
    for each in run(workload).jobs:
        life = [each.arrived, each.taken, each.accepted, each.ends, each.seen]

        known = [at for at in life if at is not None]
        assert life[: len(known)] == known, "nothing comes before what it needs"
        assert all(before <= after for before, after in pairwise(known))


@given(workload=WORKLOADS)
def test_nothing_is_refused_where_limits_are_off(workload: Workload) -> None:
    off = replace(workload, settings=replace(workload.settings, rate_limit=None, max_in_flight=None))

    assert summarize(off, run(off)).requests.refused == {}


@given(workload=WORKLOADS)
def test_jobs_are_taken_in_the_order_in_which_they_came(workload: Workload) -> None:
    taken = [each.taken for each in run(workload).jobs]

    known = [at for at in taken if at is not None]
    assert taken[: len(known)] == known
    assert known == sorted(known)


@given(workload=WORKLOADS)
def test_a_run_repeats(workload: Workload) -> None:
    assert run(workload) == run(workload)


def test_another_seed_brings_jobs_at_other_instants() -> None:
    ours, theirs = (run(a_workload(evenly=False, seed=seed, minutes=10)).jobs for seed in (7, 8))

    assert [each.arrived for each in ours] != [each.arrived for each in theirs]


def test_a_job_lives_through_its_instants() -> None:
    trace = run(a_workload(minutes=0.3))

    assert trace.jobs == [Job(arrived=10_000, taken=10_000, accepted=10_000, ends=14_000, seen=16_000)]
    assert trace.requests == [
        Request(10_000, "create", ""),
        Request(13_000, "poll", ""),
        Request(16_000, "poll", ""),
    ]


def test_a_webhook_tells_of_the_end_at_that_instant_without_a_poll() -> None:
    trace = run(a_workload(minutes=0.3, poll=None))

    assert trace.jobs == [Job(arrived=10_000, taken=10_000, accepted=10_000, ends=14_000, seen=14_000)]
    assert trace.requests == [Request(10_000, "create", "")]


def test_a_job_waits_for_a_worker() -> None:
    trace = run(a_workload("30/min", minutes=0.2))

    assert [(each.arrived, each.taken) for each in trace.jobs] == [
        (2000, 2000),
        (4000, 8000),
        (6000, None),
        (8000, None),
        (10_000, None),
    ]


def test_whoever_is_refused_by_the_rate_asks_again_after_retry_after() -> None:
    trace = run(a_workload("12/min", poll=None, workers=2, minutes=0.3, settings={"rate_limit": Rate(1, 10_000)}))

    assert trace.requests[:3] == [
        Request(5000, "create", ""),
        Request(10_000, "create", "rate_limited"),
        Request(15_000, "create", ""),
    ]


def test_whoever_is_refused_by_the_cap_asks_again_when_a_slot_is_free() -> None:
    trace = run(a_workload("60/min", poll=None, workers=2, minutes=0.1, settings={"max_in_flight": 1}))

    assert trace.requests[:3] == [
        Request(1000, "create", ""),
        Request(2000, "create", "too_many_in_flight"),
        Request(5000, "create", ""),
    ]


def test_whoever_is_refused_without_retry_after_asks_again_at_the_pace_of_the_polls() -> None:
    settings = {"rate_limit": Rate(1, 10_000), "retry_after": False}

    trace = run(a_workload("12/min", minutes=0.2, settings=settings))

    assert trace.requests == [
        Request(5000, "create", ""),
        Request(8000, "poll", "rate_limited"),
        Request(11_000, "poll", "rate_limited"),
    ]


def test_by_little_s_law_as_many_are_in_flight_as_come_while_one_is() -> None:
    workload = a_workload("30/min", workers=100, minutes=60, settings={"rate_limit": None})

    results = summarize(workload, run(workload))

    assert results.in_flight_mean == pytest.approx(30 / 60 * 4, rel=0.002)
    assert results.busy == pytest.approx(30 / 60 * 6, rel=0.002), "a worker is held until the poll at 6 s"
    assert results.throughput == pytest.approx(30, rel=0.003)


def test_jobs_come_as_often_as_asked_on_average() -> None:
    assert len(list(parse_arrivals("35/min").instants(7, 1000 * 60_000))) == pytest.approx(35_000, rel=0.01)


@pytest.mark.parametrize(("text", "per_minute"), [("35/min", 35), ("0.5/s", 30), ("90/h", 1.5)])
def test_arrivals_are_counted_by_second_minute_or_hour(text: str, per_minute: float) -> None:
    assert parse_arrivals(text).per_minute == pytest.approx(per_minute)


@pytest.mark.parametrize("text", ["", "35", "35/day", "0/min", "-1/min", "x/min", "nan/min", "inf/min", "/min"])
def test_other_texts_are_no_arrivals(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not N/s, N/min or N/h with N over 0, such as 35/min"):
        parse_arrivals(text)


def test_a_model_that_nobody_knows_ends_the_run() -> None:
    with pytest.raises(ApiError, match="Unknown model 'x'"):
        run(a_workload(model="x"))


def test_a_run_that_would_never_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MAX_REQUESTS", 10)

    with pytest.raises(
        WorkloadTooLargeError, match=r"the simulation reached 10 requests by minute 1; reduce --minutes"
    ):
        run(a_workload())


def test_what_falls_on_one_instant_happens_in_the_order_in_which_it_was_waited_for() -> None:
    clock, seen = WorldClock("manual", start=0), list[str]()

    def process(name: str) -> Process:
        yield 5
        seen.append(name)

    events = EventQueue(clock)
    for name in "abc":
        events.start(process(name))
    events.run(6)

    assert seen == ["a", "b", "c"]
    assert clock.now() == 6


def test_what_falls_on_the_end_does_not_happen_any_more() -> None:
    seen = list[str]()

    def process() -> Process:
        yield 5
        seen.append("too late")

    events = EventQueue(WorldClock("manual", start=0))
    events.start(process())
    events.run(5)

    assert seen == []
