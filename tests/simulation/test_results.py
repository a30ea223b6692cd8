"""The results of a simulation, its bottleneck and the recommendation, in examples with every figure known."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.simulation import report
from eachlabs_mock.simulation.capacity import Demand, achievable, best_workload, capacity, polls_needed, tightest
from eachlabs_mock.simulation.recommendation import Recommendation, recommend
from eachlabs_mock.simulation.results import (
    Distribution,
    Jobs,
    Minute,
    Requests,
    Results,
    Share,
    fullest_window,
    most_at_once,
    summarize,
)
from eachlabs_mock.simulation.run import run
from eachlabs_mock.simulation.trace import Trace
from eachlabs_mock.simulation.workload import Workload, parse_arrivals

SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: tuple(sorted(pair))), max_size=12)


def a_workload(text: str = "6/min", **changed: Any) -> Workload:
    """By default: a job every 10 s for a minute, one worker, a poll every 3 s, predictions of 4 s, usual limits."""
    settings = Settings(**{"duration": 4.0} | changed.pop("settings", {}))
    asked = {"workers": 1, "minutes": 1.0, "poll": 3000, "seed": 7}
    return Workload(**asked | changed, arrivals=replace(parse_arrivals(text), evenly=True), settings=settings)


def answered(workload: Workload) -> Results:
    return summarize(workload, run(workload))


def advised(workload: Workload) -> Recommendation:
    trace = run(workload)
    said = recommend(workload, trace, summarize(workload, trace), run)
    assert said is not None
    return said


def demand(text: str = "30/min", durations: tuple[int, ...] = (4000,), **changed: Any) -> Demand:
    return Demand(a_workload(text, **changed), durations)


def test_every_figure_of_a_small_run() -> None:
    results = answered(a_workload())

    assert results == Results(
        jobs=Jobs(arrived=5, done=5, with_a_worker=0, queued=0),
        throughput=5.0,
        waiting=Distribution(0.0, 0.0, 0.0),
        result=Distribution(6.0, 6.0, 6.0),
        late=2.0,
        requests=Requests(sent=15, creates=5, polls=10, per_prediction=3.0, refused={}),
        share=Share(mean=0.15, polls=0.1, peak=0.15),
        in_flight_mean=5 * 4 / 60,
        in_flight_peak=1,
        busy=5 * 6 / 60,
        spend=Decimal("0.125"),
        minutes=[Minute(minute=0, arrived=5, done=5, refused=0, in_flight=5 * 4 / 60)],
    )


def test_figures_of_a_run_in_which_nothing_came() -> None:
    results = answered(a_workload("1/h"))

    assert results.jobs == Jobs(0, 0, 0, 0)
    assert (results.waiting, results.result, results.late, results.requests.per_prediction) == (None, None, None, None)
    assert results.spend == Decimal(0)


def test_predictions_are_in_flight_in_the_minutes_in_which_they_are() -> None:
    results = answered(a_workload("1/min", minutes=2.5, workers=9, poll=None, settings={"duration": 70.0}))

    assert [each.in_flight for each in results.minutes] == [0, 1, (10 + 30) / 30]


def test_spend_is_unknown_where_the_price_is() -> None:
    assert answered(a_workload(model="flux-2-pro")).spend is None


def test_share_is_none_where_the_rate_is_off() -> None:
    assert answered(a_workload(settings={"rate_limit": None})).share is None


def test_only_creates_share_a_rate_that_counts_only_them() -> None:
    assert answered(a_workload(settings={"count": "creates"})).share == Share(0.05, 0.0, 0.05)


def test_refusals_use_up_a_rate_that_counts_them() -> None:
    settings = {"rate_limit": Rate(1, 60_000), "count_refused": True}

    results = answered(a_workload(settings=settings))

    assert results.share is not None
    assert results.share.mean == results.requests.sent


@given(spans=SPANS)
def test_most_at_once_is_what_counting_at_every_instant_finds(spans: list[tuple[int, int]]) -> None:
    counted = max(sum(first <= at < last for first, last in spans) for at in range(51))

    assert most_at_once(spans) == counted


@given(instants=st.lists(st.integers(0, 60), max_size=20).map(sorted), period=st.integers(1, 30))
def test_the_fullest_window_is_what_counting_in_every_window_finds(instants: list[int], period: int) -> None:
    counted = max(sum(at - period < each <= at for each in instants) for at in range(61))

    assert fullest_window(instants, Rate(1, period)) == counted


def test_the_fullest_fixed_window_begins_and_ends_with_its_period() -> None:
    assert fullest_window([8, 9, 10, 11, 12], Rate(1, 10, "fixed")) == 3


@pytest.mark.parametrize(
    ("values", "distribution"),
    [
        ([], None),
        ([3], Distribution(3, 3, 3)),
        (range(1, 101), Distribution(50, 95, 100)),
        ([2, 1], Distribution(1, 2, 2)),
    ],
)
def test_percentiles_are_values_of_the_distribution(values: list[float], distribution: Distribution | None) -> None:
    assert Distribution.of(values) == distribution


@pytest.mark.parametrize(("duration", "number"), [(0, 1), (1, 1), (3000, 1), (3001, 2), (9000, 3)])
def test_a_prediction_is_looked_at_until_its_end_is_seen(duration: int, number: int) -> None:
    assert polls_needed(duration, 3000) == number


def test_ceilings_are_what_each_limit_bears_by_itself() -> None:
    assert capacity(demand(workers=3)) == {"workers": 3 * 60 / 6, "rate": 100 / 3, "cap": 10 * 60 / 4}


def test_there_is_no_ceiling_where_a_limit_is_off() -> None:
    results = capacity(demand(settings={"rate_limit": None, "max_in_flight": None}))

    assert (results["rate"], results["cap"]) == (None, None)
    assert tightest(results) == ("workers", 10.0)


@pytest.mark.parametrize("changed", [{"poll": None}, {"settings": {"count": "creates"}}])
def test_a_prediction_counts_once_with_webhooks_or_where_only_creates_count(changed: dict[str, Any]) -> None:
    assert capacity(demand(**changed))["rate"] == 100


def test_what_fits_already_stays_but_for_the_workers() -> None:
    better = best_workload(demand("6/min", workers=40))

    assert (better.poll, better.workers) == (3000, 1)


def test_bursts_need_room() -> None:
    even, poisson = demand("32/min"), demand("32/min")
    poisson = replace(poisson, workload=replace(poisson.workload, arrivals=parse_arrivals("32/min")))

    assert (best_workload(even).poll, best_workload(even).workers) == (3000, 4)
    assert (best_workload(poisson).poll, best_workload(poisson).workers) == (4000, 4)


def test_where_no_poll_interval_is_long_enough_there_are_webhooks() -> None:
    better = best_workload(demand("60/min"))

    assert (better.poll, better.workers) == (None, 4)


def test_where_one_key_cannot_bear_it_all_the_most_that_it_bears_is_fitted() -> None:
    flooded = demand("600/min", poll=None, workers=40)

    assert achievable(flooded) == 100
    assert best_workload(flooded).workers == 7


def test_the_poll_interval_stays_where_there_is_no_rate() -> None:
    assert best_workload(demand("60/min", settings={"rate_limit": None})).poll == 3000


def test_advice_where_it_fits() -> None:
    said = advised(a_workload("6/min"))

    assert (
        said.text
        == "The load fits: arrivals are 6 per minute, and the tightest limit, the number of workers, allows 10."
    )
    assert (said.flags, said.trial) == ("", None)


def test_advice_where_fewer_workers_would_be_enough() -> None:
    assert advised(a_workload("6/min", workers=40)).text.endswith(", allows 33.3. --workers 1 would be enough.")


def test_advice_on_too_few_workers_is_tried() -> None:
    said = advised(a_workload("20/min", minutes=10))

    assert said.limit == "workers"
    assert said.text == (
        "The bottleneck is the number of workers: arrivals are 20 per minute, and it allows at most 10. "
        "Better: --workers 2."
    )
    assert said.trial is not None
    assert said.trial.throughput == pytest.approx(20, rel=0.02)


def test_advice_on_too_many_polls() -> None:
    said = advised(a_workload("40/min", minutes=10, workers=20, poll=1000))

    assert said.text == (
        "The bottleneck is the rate limit: arrivals are 40 per minute, and it allows at most 20. "
        "Better: --poll 4 --workers 3."
    )
    assert said.trial is not None
    assert said.trial.requests.refused == {}


def test_advice_on_more_than_one_key_bears() -> None:
    said = advised(a_workload("600/min", minutes=2, workers=40, poll=None))

    assert said.text == (
        "The bottleneck is the rate limit: arrivals are 600 per minute, and it allows at most 100. "
        "One API key allows at most 100; --workers 7 would come close to it."
    )


def test_advice_where_bursts_are_refused() -> None:
    workload = replace(a_workload(minutes=20, workers=10), arrivals=parse_arrivals("30/min"))

    assert advised(workload).text.startswith(
        "The average load fits, but bursts are refused: arrivals are 30 per minute, "
    )


def test_advice_where_nothing_would_do_better() -> None:
    workload = a_workload("60/min", workers=4, poll=None, settings={"max_in_flight": 4, "rate_limit": Rate(1, 1000)})
    trace = run(workload)
    refused = replace(summarize(workload, trace), requests=Requests(2, 2, 0, 1.0, {"rate_limited": 1}))

    said = recommend(workload, trace, refused, run)

    assert said is not None
    assert said.text.endswith("No other --poll or --workers would do better.")


def test_there_is_no_advice_where_nothing_was_created() -> None:
    workload = a_workload("1/h")

    assert recommend(workload, run(workload), answered(workload), run) is None


def test_the_table_of_a_run() -> None:
    workload = a_workload("20/min", minutes=1, settings={"rate_limit": Rate(20, 60_000)})
    trace = run(workload)
    results = summarize(workload, trace)

    lines = list(report.lines(results, recommend(workload, trace, results, run)))

    assert lines[:13] == [
        "jobs                  19 arrived: 6 done, 1 in progress, 12 queued",
        "throughput            6.0 per minute",
        "wait for a worker     median 9.0 s, p95 18.0 s, max 18.0 s",
        "arrival to result     median 12.0 s, p95 21.0 s, max 21.0 s",
        "end to result         2.0 s on average",
        "requests              21: 7 creates, 14 polls, 3.0 per prediction",
        "refused (429)         1 rate_limited",
        "rate limit used       100% on average, 65% by polls, 100% in the fullest window",
        "in flight             0.5 on average, 1 at most",
        "busy workers          0.9 on average",
        "capacity per minute   10.0 (number of workers), 6.7 (rate limit), 150.0 (in-flight limit)",
        "spend                 0.175 USD",  # the seventh has succeeded too, but no read has shown it yet
        "",
    ]
    assert lines[13].startswith(
        "The bottleneck is the rate limit: arrivals are 20 per minute, and it allows at most 6.67."
    )
    assert lines[14].startswith("Simulated with ")


def test_the_table_of_a_run_without_anything() -> None:
    results = answered(a_workload("1/h", settings={"rate_limit": None}))

    assert list(report.lines(results, None)) == [
        "jobs                  0 arrived: 0 done, 0 in progress, 0 queued",
        "throughput            0.0 per minute",
        "wait for a worker     -",
        "arrival to result     -",
        "end to result         -",
        "requests              0: 0 creates, 0 polls",
        "refused (429)         none",
        "in flight             0.0 on average, 0 at most",
        "busy workers          0.0 on average",
        "spend                 0 USD",
    ]


def test_the_table_says_which_limits_are_off_and_which_price_is_not_known() -> None:
    workload = a_workload(model="flux-2-pro", settings={"max_in_flight": None})
    trace = run(workload)
    results = summarize(workload, trace)

    said = "\n".join(report.lines(results, recommend(workload, trace, results, run)))

    assert "33.3 (rate limit), off (in-flight limit)" in said
    assert "spend                 unknown: the model has no known price; set --price SLUG=USD" in said


def test_durations_are_those_of_all_predictions_created() -> None:
    assert Trace().durations() == []
    assert run(a_workload(minutes=0.2)).durations() == [4000]
