"""The rate window and the in-flight cap, against models that just count."""

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.limits import UNKNOWN_WAIT, Rate, retry_after, slot_wait, window_wait

PAGE = Rate(100, 60_000)
NOW = 1_770_249_600_000
"""The beginning of a minute."""

RATES = st.builds(Rate, st.integers(1, 6), st.integers(1, 50), st.sampled_from(["sliding", "fixed"]))
GAPS = st.lists(st.integers(0, 30), max_size=40)
CAPS = st.integers(1, 5)
ENDS = st.lists(st.none() | st.integers(-20, 60), max_size=10)
"""Ends of predictions, as milliseconds from now."""


def counted(arrivals: Sequence[int], now: int, rate: Rate) -> int:
    """Count the arrivals in the window of *now*, without any cleverness."""
    if rate.kind == "fixed":
        return sum(each // rate.period == now // rate.period for each in arrivals)
    return sum(now - rate.period < each <= now for each in arrivals)


def let_through(gaps: Sequence[int], rate: Rate) -> tuple[list[int], int]:
    """Return the arrivals that passed, of those that came with *gaps* between them; and the instant of the last."""
    passed: list[int] = []
    now = NOW
    for now in accumulate(gaps, initial=NOW):
        if window_wait(passed, now, rate) == 0:
            passed.append(now)
    return passed, now


@given(RATES, GAPS)
def test_no_window_ever_holds_more_than_the_limit(rate: Rate, gaps: list[int]) -> None:
    passed, last = let_through(gaps, rate)

    assert max(counted(passed, now, rate) for now in range(NOW, last + rate.period)) <= rate.limit


@given(RATES, GAPS)
def test_a_request_passes_exactly_when_the_window_has_room(rate: Rate, gaps: list[int]) -> None:
    passed, last = let_through(gaps, rate)

    for now in range(last, last + rate.period + 2):
        assert (window_wait(passed, now, rate) == 0) == (counted(passed, now, rate) < rate.limit)


@given(RATES, GAPS)
def test_waiting_as_advised_works_and_a_millisecond_less_does_not(rate: Rate, gaps: list[int]) -> None:
    passed, last = let_through(gaps, rate)
    wait = window_wait(passed, last, rate)

    assert counted(passed, last + wait, rate) < rate.limit
    assert wait == 0 or counted(passed, last + wait - 1, rate) == rate.limit


@pytest.mark.parametrize(("before", "wait"), [(0, 0), (99, 0), (100, 60_000)])
def test_the_hundredth_passes_and_the_next_waits(before: int, wait: int) -> None:
    assert window_wait([NOW] * before, NOW, PAGE) == wait


@pytest.mark.parametrize(("passed", "wait"), [(0, 60_000), (1, 59_999), (59_999, 1), (60_000, 0), (60_001, 0)])
def test_a_request_leaves_the_sliding_window_a_minute_after_it_arrived(passed: int, wait: int) -> None:
    assert window_wait([NOW] * 100, NOW + passed, PAGE) == wait


@pytest.mark.parametrize(("arrived", "passed", "wait"), [(0, 0, 60_000), (59_999, 59_999, 1), (59_999, 60_000, 0)])
def test_all_leave_the_fixed_window_when_the_next_minute_begins(arrived: int, passed: int, wait: int) -> None:
    assert window_wait([NOW + arrived] * 100, NOW + passed, Rate(100, 60_000, "fixed")) == wait


@pytest.mark.parametrize("limit", [None, PAGE])
def test_nothing_counted_means_no_waiting(limit: Rate | None) -> None:
    assert window_wait([], NOW, limit) == 0


def test_without_a_rate_limit_no_request_waits() -> None:
    assert window_wait([NOW] * 10_000, NOW, None) == 0


def slot_is_free(ends: Sequence[int | None], now: int, cap: int) -> bool:
    return sum(end is None or end > now for end in ends) < cap


@given(ENDS, CAPS)
def test_a_slot_is_free_exactly_when_fewer_than_the_cap_are_in_flight(ends: list[int | None], cap: int) -> None:
    assert (slot_wait(ends, 0, cap) == 0) == slot_is_free(ends, 0, cap)


@given(ENDS, CAPS)
def test_waiting_for_a_slot_as_advised_works_and_less_does_not(ends: list[int | None], cap: int) -> None:
    wait = slot_wait(ends, 0, cap)

    if wait == UNKNOWN_WAIT:
        assert not slot_is_free(ends, 10**9, cap)
    else:
        assert slot_is_free(ends, wait, cap)
        assert wait == 0 or not slot_is_free(ends, wait - 1, cap)


@pytest.mark.parametrize(("running", "wait"), [(0, 0), (9, 0), (10, 2_500), (12, 2_500)])
def test_the_tenth_gets_a_slot_and_the_next_waits(running: int, wait: int) -> None:
    assert slot_wait([NOW + 2_500] * running, NOW, 10) == wait


@pytest.mark.parametrize(("passed", "wait"), [(2_499, 1), (2_500, 0)])
def test_a_slot_is_free_the_instant_a_prediction_ends(passed: int, wait: int) -> None:
    assert slot_wait([NOW + 2_500, *[NOW + 9_000] * 9], NOW + passed, 10) == wait


@pytest.mark.parametrize(
    ("ends", "wait"),
    [
        ([None] * 10, 60_000),
        ([*[None] * 9, NOW + 500], 500),
        ([*[None] * 10, NOW + 500], 60_000),
    ],
)
def test_where_no_end_is_known_a_minute_is_advised(ends: list[int | None], wait: int) -> None:
    assert slot_wait(ends, NOW, 10) == wait


def test_without_a_cap_no_create_waits() -> None:
    assert slot_wait([None] * 10_000, NOW, None) == 0


@pytest.mark.parametrize(
    ("wait", "seconds"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (59_999, 60), (60_000, 60)]
)
def test_retry_after_is_rounded_up_to_whole_seconds(wait: int, seconds: int) -> None:
    assert retry_after(wait) == seconds


@given(st.integers(0, 10**9))
def test_retry_after_never_falls_short_and_never_by_a_second_too_long(wait: int) -> None:
    assert 0 <= retry_after(wait) * 1000 - wait < 1000
