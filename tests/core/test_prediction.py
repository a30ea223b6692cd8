"""The status of a prediction as a function of its record and the elapsed time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.prediction import TERMINAL, Plan, Prediction, Status, after_read, next_change, status_at
from helpers.records import START, ending, endless, predictions, record

TIMED = predictions(st.just("milliseconds"))
READ = predictions(st.just("reads"), longest=20)
ELAPSED = st.integers(0, 20_000)
AT_ONCE = Plan(((0, Status.SUCCESS),), 1)


def read_times(prediction: Prediction, instants: list[int]) -> list[Prediction]:
    """Return *prediction* as each of the reads at *instants* leaves it."""
    versions = []
    for now in instants:
        prediction = after_read(prediction, now)
        versions.append(prediction)
    return versions


@pytest.mark.parametrize("end", [Status.SUCCESS, Status.ERROR])
@pytest.mark.parametrize(("elapsed", "ended"), [(0, False), (2_499, False), (2_500, True), (10**12, True)])
def test_the_end_begins_exactly_at_its_instant(end: Status, elapsed: int, ended: bool) -> None:  # noqa: FBT001  # a column
    expected = end if ended else Status.PROCESSING

    assert status_at(record(plan=ending(2_500, end)), START + elapsed) is expected


@pytest.mark.parametrize("plan", [ending(0), AT_ONCE])
def test_a_plan_of_no_length_has_ended_at_its_creation(plan: Plan) -> None:
    assert status_at(record(plan=plan), START) is Status.SUCCESS


def test_an_endless_plan_still_runs_after_a_century() -> None:
    assert status_at(record(plan=endless()), START + 100 * 31_557_600_000) is Status.PROCESSING


@given(TIMED, ELAPSED, ELAPSED)
def test_a_terminal_status_never_changes(prediction: Prediction, one: int, other: int) -> None:
    earlier, later = sorted([one, other])
    shown = status_at(prediction, prediction.created_at + earlier)

    if shown in TERMINAL:
        assert status_at(prediction, prediction.created_at + later) is shown


@given(TIMED, st.lists(ELAPSED, min_size=2))
def test_statuses_come_in_the_order_of_the_plan(prediction: Prediction, elapsed: list[int]) -> None:
    order = [status for _, status in prediction.plan.steps]
    shown = [order.index(status_at(prediction, prediction.created_at + each)) for each in sorted(elapsed)]

    assert shown == sorted(shown)


@given(TIMED, ELAPSED)
def test_status_changes_exactly_at_the_next_change(prediction: Prediction, elapsed: int) -> None:
    now = prediction.created_at + elapsed
    at = next_change(prediction, now)
    until = at if at is not None else now + 50_000

    shown = status_at(prediction, now)
    assert {status_at(prediction, now + (until - 1 - now) * part // 8) for part in range(9)} == {shown}
    assert at is None or status_at(prediction, at) is not shown


@given(TIMED, ELAPSED)
def test_the_next_change_lies_ahead(prediction: Prediction, elapsed: int) -> None:
    now = prediction.created_at + elapsed
    at = next_change(prediction, now)

    assert at is None or at > now


@given(TIMED, ELAPSED)
def test_only_an_endless_or_ended_prediction_has_no_next_change(prediction: Prediction, elapsed: int) -> None:
    now = prediction.created_at + elapsed
    runs_on = prediction.plan.ends_after is not None and status_at(prediction, now) is Status.PROCESSING

    assert (next_change(prediction, now) is not None) == runs_on


@given(TIMED)
def test_a_prediction_ends_at_the_first_instant_of_a_terminal_status(prediction: Prediction) -> None:
    at = prediction.ends_at

    if at is None:
        assert prediction.plan == endless()
    else:
        assert status_at(prediction, at) in TERMINAL
        assert at == prediction.created_at or status_at(prediction, at - 1) not in TERMINAL


@given(TIMED, st.integers())
def test_a_read_leaves_a_timed_prediction_as_it_is(prediction: Prediction, now: int) -> None:
    assert after_read(prediction, now) is prediction


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_the_wanted_read_is_the_first_to_show_the_end(wanted: int) -> None:
    versions = read_times(record(plan=ending(wanted, unit="reads")), [START] * wanted)

    shown = [str(status_at(version, START)) for version in versions]
    assert shown == ["processing"] * (wanted - 1) + ["success"]


def test_the_read_that_ends_a_prediction_dates_its_end() -> None:
    versions = read_times(record(plan=ending(2, unit="reads")), [START + 5, START + 8, START + 13])

    assert [version.ends_at for version in versions] == [None, START + 8, START + 8]


def test_a_read_after_the_end_changes_nothing() -> None:
    [ended] = read_times(record(plan=ending(1, unit="reads")), [START])

    assert after_read(ended, START + 1) is ended


@given(READ, st.lists(st.integers(0, 1000), max_size=30))
def test_reads_never_take_an_end_back(prediction: Prediction, gaps: list[int]) -> None:
    instants = [START + sum(gaps[: n + 1]) for n in range(len(gaps))]
    versions = read_times(prediction, instants)
    ended = [status_at(version, now) in TERMINAL for version, now in zip(versions, instants, strict=True)]

    assert ended == sorted(ended)


@given(READ, st.integers(0, 30), st.integers(0, 10**9))
def test_time_alone_moves_nothing_that_is_counted_in_reads(prediction: Prediction, reads: int, passed: int) -> None:
    read = prediction._replace(reads=reads)

    assert status_at(read, START + passed) is status_at(read, START)
    assert next_change(read, START) is None


@given(READ, st.integers(1, 30))
def test_each_read_counts_once_until_the_end(prediction: Prediction, times: int) -> None:
    last = read_times(prediction, [START] * times)[-1]
    ends = prediction.plan.ends_after

    assert last.reads == (times if ends is None else min(times, max(ends, 1)))


def test_output_addresses_start_with_the_base_of_the_create_request() -> None:
    prediction = record(public_base="https://emulator.test", outputs=("a-1.png", "a-2.png"))

    assert prediction.output_urls == (
        "https://emulator.test/outputs/a-1.png",
        "https://emulator.test/outputs/a-2.png",
    )


@pytest.mark.parametrize(("plan", "after"), [(ending(7), 7), (ending(0), 0), (endless(), None), (AT_ONCE, 0)])
def test_a_plan_knows_how_long_it_takes(plan: Plan, after: int | None) -> None:
    assert plan.ends_after == after


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        record().reads = 1  # type: ignore[misc]
