"""The pure parts of `eachlabs-mock load`: counts, ramps of users, where load may go, and what is said of a run."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.load.counters import MAX_NAMES, OTHERS, Counters, percentile, rounded
from eachlabs_mock.load.driver.shared import SharedState, json_object
from eachlabs_mock.load.metrics import Latency, Metrics, compute_metrics, step_of
from eachlabs_mock.load.options import run_time
from eachlabs_mock.load.plan import Plan, environment, own_arguments
from eachlabs_mock.load.ramps import RAMPS, users_at
from eachlabs_mock.load.target import NotLocalError, is_loopback, loopback
from eachlabs_mock.load.text import headline, progress_line, rows

EVENTS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["answered", "created"]), st.integers(1, 5)))
TIMES = st.lists(st.integers(1, 999), min_size=1)


def counters(**seconds: dict[str, int]) -> Counters:
    """Return counters from counts by the name of their second, such as `s3`."""
    made = Counters()
    for second, counts in seconds.items():
        for name, number in counts.items():
            made.count(int(second[1:]), name, number)
    return made


def a_run() -> Counters:
    """Three seconds of two users."""
    made = counters(
        s7={"came": 2, "request:create": 2, "answered": 2, "created": 2},
        s8={"request:poll": 2, "answered": 1, "refused:Rate limit exceeded": 1, "done": 1},
        s9={"request:poll": 1, "error:poll: HTTP 500": 1, "left": 2},
    )
    for second, kind, milliseconds in (
        (7, "create", 3),
        (7, "create", 5),
        (8, "poll", 1),
        (8, "poll", 2),
        (9, "poll", 9),
    ):
        made.time(second, kind, milliseconds)
    return made


def metrics(made: Counters, price: str | None = "0.025", max_seconds: int = 60) -> Metrics:
    found = compute_metrics(made, None if price is None else Decimal(price), max_seconds)
    assert found is not None
    return found


@given(ours=EVENTS, theirs=EVENTS)
def test_tallies_add_up_however_they_are_parted(ours: list[Any], theirs: list[Any]) -> None:
    whole, one, other = Counters(), Counters(), Counters()
    for part, events in ((one, ours), (other, theirs)):
        for second, name, number in events:
            for each in (whole, part):
                each.count(second, name, number)
                each.time(second, name, number)

    one.add(other.drain())

    assert one.dump() == whole.dump()
    assert other.dump() == "{}"


def test_a_tally_takes_so_many_different_names_and_counts_the_rest_together() -> None:
    made = Counters()

    for number in range(MAX_NAMES + 5):
        made.count(0, f"error:{number}")

    assert made.seconds[0].counts[OTHERS] == 5
    assert len(made.seconds[0].counts) == MAX_NAMES + 1


@pytest.mark.parametrize(
    ("milliseconds", "kept"), [(0, 1), (0.4, 1), (1.6, 2), (999, 999), (1234, 1230), (1235.6, 1240), (98_765, 98_800)]
)
def test_times_are_kept_to_three_digits(milliseconds: float, kept: int) -> None:
    assert rounded(milliseconds) == kept


@given(times=TIMES, share=st.floats(0.01, 1))
def test_a_percentile_is_the_least_time_that_so_many_do_not_exceed(times: list[int], share: float) -> None:
    found = percentile(Counter(times), share)

    assert sum(each <= found for each in times) >= share * len(times)
    assert sum(each < found for each in times) < share * len(times)


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="there are no times"):
        percentile(Counter(), 0.5)


@pytest.mark.parametrize(
    ("ramp", "users"),
    [
        ("steady", [5, 60, 60, 60, 60, 60, 60]),
        ("climb", [1, 12, 24, 30, 36, 48, 60]),
        ("steps", [5, 15, 30, 45, 45, 60, 60]),
        ("spike", [5, 6, 60, 60, 6, 6, 6]),
    ],
)
def test_each_ramp_has_its_users_at_each_moment(ramp: str, users: list[int]) -> None:
    moments = (0, 20, 40, 50, 60, 80, 100)

    assert [users_at(ramp, at, users=60, spawn_rate=5, run_time=100) for at in moments] == users


@given(
    ramp=st.sampled_from(list(RAMPS)),
    elapsed=st.floats(0, 1000),
    users=st.integers(1, 99),
    spawn_rate=st.floats(0.1, 99),
)
def test_there_is_always_a_user_and_never_one_too_many(
    ramp: str, elapsed: float, users: int, spawn_rate: float
) -> None:
    assert 1 <= users_at(ramp, elapsed, users=users, spawn_rate=spawn_rate, run_time=30) <= users


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8780/v1",
        "http://127.9.9.9/v1",
        "http://localhost:1/v1",
        "http://[::1]:8780/v1",
        "http://127.0.0.1/outputs/a.webp",
    ],
)
def test_this_machine_may_be_loaded(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.eachlabs.ai/v1",
        "http://api.eachlabs.ai/v1",
        "http://10.0.0.1:8780/v1",
        "http://0.0.0.0:8780/v1",
        "http://localhost.example.com/v1",
        "http://127.0.0.1@example.com/v1",
        "http://127.0.0.1:0/v1",
        "http://127.0.0.1:x/v1",
        "http://[::1/v1",
        "https://127.0.0.1/v1",
        "http:///v1",
        "127.0.0.1:8780",
        "http://127.0.0.1/v1?a=b",
        "http://127.0.0.1/v1#a",
        "",
    ],
)
def test_nobody_else_may_be_loaded(url: str) -> None:
    with pytest.raises(NotLocalError, match="load is sent only to this machine"):
        loopback(url)


def test_the_slash_at_the_end_of_a_base_url_is_dropped() -> None:
    assert loopback("http://127.0.0.1:8780/v1/") == "http://127.0.0.1:8780/v1"


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("2m", 120), ("1m30s", 90), ("45", 45), ("10m", 600)])
def test_run_times_are_minutes_and_seconds(text: str, seconds: int) -> None:
    assert run_time(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "11m", "1h", "-5s", "s", "5 s", "601"])
def test_other_texts_are_no_run_times(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time from 1s to 10m, such as 30s or 1m30s"):
        run_time(text)


@pytest.mark.parametrize(
    ("content", "found"),
    [(b'{"a": 1}', {"a": 1}), (b"[1]", {}), (b"<html>", {}), (b"", {}), (None, {}), (b"\xff", {})],
)
def test_what_is_no_json_object_is_read_as_an_empty_one(content: bytes | None, found: dict[str, Any]) -> None:
    assert json_object(content) == found


def test_every_figure_of_a_small_run() -> None:
    found = metrics(a_run())

    assert found == Metrics(
        seconds=3,
        users=2,
        requests=5,
        answered=3,
        refused={"Rate limit exceeded": 1},
        errors={"poll: HTTP 500": 1},
        created=2,
        done=1,
        failed=0,
        lost=0,
        unfinished=1,
        in_flight_peak=2,
        in_flight_mean=4 / 3,
        latencies={"create": Latency(2, 3, 5, 5, 5), "poll": Latency(3, 2, 9, 9, 9)},
        spend=Decimal("0.025"),
        times=[0, 1, 2],
        lines={
            "requests": {"achieved": [2, 1, 0], "refused": [0, 1, 0], "errors": [0, 0, 1]},
            "throughput": {"done": [0, 60, 0], "failed or lost": [0, 0, 0]},
            "latency": {"p50": [3, 1, 9], "p95": [5, 2, 9], "p99": [5, 2, 9]},
            "refusals": {"Rate limit exceeded": [0, 1, 0]},
            "in_flight": {"in flight": [2, 1, 1], "users": [2, 2, 2]},
            "cost": {"USD": [0, 1.5, 0]},
        },
    )
    assert (found.per_second, found.done_per_minute, found.spend_per_minute) == (1.0, 20.0, Decimal("0.5"))


def test_what_comes_while_a_run_is_being_ended_counts_for_its_last_second() -> None:
    found = metrics(a_run(), max_seconds=2)

    assert (found.seconds, found.requests) == (2, 5)
    assert found.lines["requests"]["errors"] == [0, 1]


def test_seconds_without_anything_are_there_all_the_same() -> None:
    found = metrics(counters(s1={"request:create": 1}, s4={"request:create": 1}))

    assert found.times == [0, 1, 2, 3]
    assert found.lines["latency"]["p50"] == [None, None, None, None]


def test_what_users_have_left_behind_is_in_flight_no_more() -> None:
    made = counters(
        s0={"request:create": 3, "created": 3}, s1={"abandoned": 2}, s2={"done": 1}, s3={"created": 1, "abandoned": 1}
    )

    found = metrics(made)

    assert found.lines["in_flight"]["in flight"] == [3, 3, 0, 1]
    assert found.unfinished == 3


def test_there_are_no_figures_where_nothing_was_asked() -> None:
    assert compute_metrics(counters(s1={"came": 1}), None, 60) is None
    assert compute_metrics(Counters(), None, 60) is None


@pytest.mark.parametrize(("seconds", "step"), [(1, 1), (60, 1), (61, 2), (120, 2), (300, 5), (600, 10), (9999, 60)])
def test_a_line_has_sixty_points_at_most_where_it_can(seconds: int, step: int) -> None:
    assert step_of(seconds) == step


def test_a_point_of_a_long_line_is_the_mean_of_its_seconds() -> None:
    made = counters(s0={"request:create": 1, "answered": 4}, s1={"answered": 2}, s120={"answered": 9})

    assert metrics(made, max_seconds=200).lines["requests"]["achieved"][:2] == [6 / 5, 0]


def test_the_run_in_words() -> None:
    assert list(rows(metrics(a_run()))) == [
        ("requests", "5 in 3 s; 1.0 per second answered"),
        ("refused (429)", "1 Rate limit exceeded"),
        ("errors", "1 poll: HTTP 500"),
        ("predictions", "2 created: 1 done, 0 failed, 0 lost, 1 unfinished"),
        ("throughput", "20.0 predictions per minute"),
        ("latency, create", "p50 3 ms, p95 5 ms, p99 5 ms, max 5 ms"),
        ("latency, poll", "p50 2 ms, p95 9 ms, p99 9 ms, max 9 ms"),
        ("in flight", "1.3 on average, 2 at most, 2 users"),
        ("per prediction", "2.5 requests"),
        ("spend", "0.025 USD, 0.50 USD per minute"),
    ]


def test_only_the_commonest_errors_are_listed() -> None:
    errors = {f"error:{name}": number for number, name in enumerate("abcdef", 1)}

    said = dict(rows(metrics(counters(s0={"request:create": 21} | errors), None)))

    assert said["errors"] == "6 f; 5 e; 4 d; 3 c; 2 b; others"
    assert said["spend"] == "unknown: the model has no known price"
    assert "per prediction" not in said


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"request:poll": 4, "answered": 4}, "All 4 requests were answered"),
        ({"request:poll": 4, "answered": 3, "refused:x": 1}, "25.0% of 4 requests were refused"),
        ({"request:poll": 4, "error:y": 2}, "2 errors in 4 requests"),
        ({"request:poll": 4, "answered": 2, "refused:x": 1, "error:y": 1}, "1 error in 4 requests"),
    ],
)
def test_the_headline_is_the_worst_that_happened(counts: dict[str, int], said: str) -> None:
    assert headline(metrics(counters(s0=counts))) == said


def test_progress_is_about_the_last_seconds_that_are_over() -> None:
    busy = {"answered": 10, "refused:x": 4, "error:y": 2, "done": 1}

    assert progress_line(counters(s0={"answered": 99}, s1=busy, s2=busy, s3={"answered": 99}), 2) == (
        "eachlabs-mock:    3 s: 10.0 requests per second answered, 4.0 refused, 2.0 errors; 60 predictions per minute"
    )


def test_a_run_alone_is_told_to_locust() -> None:
    assert list(Plan(users=3, run_time=9, one_key=True, fetch=True).arguments()) == [
        "--users=3",
        "--spawn-rate=5.0",
        "--run-time=9",
        "--exit-code-on-error=0",
        "--mode=poll",
        "--poll=1.0",
        "--model=qwen-image",
        "--ramp=steady",
        "--at-most=10000",
        "--one-key",
        "--fetch",
    ]


def test_a_master_is_told_where_to_listen_and_for_how_many_to_wait() -> None:
    assert list(Plan(role="master", host="::1", port=9, workers=3).arguments())[-5:] == [
        "--master",
        "--master-bind-host=::1",
        "--master-bind-port=9",
        "--expect-workers=3",
        "--expect-workers-max-wait=120",
    ]


def test_a_worker_is_told_nothing_but_where_its_master_is() -> None:
    plan = Plan(role="worker", host="a.test", port=9)

    assert list(plan.arguments()) == ["--worker", "--master-host=a.test", "--master-port=9"]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(), "20 users (steady, one key each, a poll every 1 s) for 30 s against http://127.0.0.1/v1"),
        (
            Plan(mode="webhook", one_key=True),
            "20 users (steady, one key for all, webhooks) for 30 s against http://127.",
        ),
        (Plan(role="master", workers=2), "a poll every 1 s) for 30 s against the emulators of 2 workers"),
        (Plan(role="worker"), "a worker of the master at 127.0.0.1:5557, against http://127.0.0.1/v1"),
    ],
)
def test_what_is_going_to_happen_is_said(plan: Plan, said: str) -> None:
    assert said in plan.sentence("http://127.0.0.1/v1")


def test_locust_knows_by_itself_or_is_told_every_option_of_a_plan() -> None:
    locust_s = {"--users", "--spawn-rate", "--run-time", "--exit-code-on-error"}

    told = {each.partition("=")[0] for each in Plan(one_key=True, fetch=True).arguments()}

    assert told == locust_s | {name for name, _ in own_arguments()}


def test_no_variable_of_locust_reaches_it() -> None:
    made = environment({"LOCUST_USERS": "9", "PATH": "/bin"}, "http://127.0.0.1/v1", "k", Path("/t/counters.json"))

    assert made == {
        "PATH": "/bin",
        "EACHLABS_LOAD_URL": "http://127.0.0.1/v1",
        "EACHLABS_LOAD_KEY": "k",
        "EACHLABS_LOAD_RESULT": "/t/counters.json",
    }


def test_users_have_keys_of_their_own_or_share_one() -> None:
    shared = SharedState("http://127.0.0.1:8780/v1", "")

    assert shared.key(own=True) != shared.key(own=True)
    assert shared.key(own=False) == shared.key(own=False)
    assert SharedState("http://127.0.0.1:8780/v1", "theirs").key(own=False) == "theirs"
    assert (shared.root, shared.path) == ("http://127.0.0.1:8780", "/v1")


def test_no_more_predictions_are_created_than_may_be() -> None:
    shared = SharedState("http://127.0.0.1:8780/v1", "")

    assert [shared.may_create(2) for _ in range(3)] == [True, True, False]
    assert shared.is_full


def test_a_bench_counts_into_the_present_second() -> None:
    shared = SharedState("http://127.0.0.1:8780/v1", "")

    shared.count("came", 2)
    shared.time("poll", 3.2)

    assert sum(each.counts["came"] for each in shared.counters.seconds.values()) == 2
    assert [each.times for each in shared.counters.seconds.values()][-1] == {"poll": {3: 1}}
