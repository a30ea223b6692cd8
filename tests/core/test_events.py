"""Events computed from records: status changes, expiries, departures from the rate window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.events import Event, changes, departures, expiries
from eachlabs_mock.core.limits import Rate, window_wait
from eachlabs_mock.core.prediction import Plan, Status, after_read, status_at
from helpers.records import START, TAKES, ending, endless, plans, record

ID = record().id
SLIDING = Rate(2, 1_000)
FIXED = Rate(2, 1_000, "fixed")


@pytest.mark.parametrize(
    ("plan", "passed", "at"),
    [
        (ending(), 0, [TAKES]),
        (ending(), TAKES - 1, [TAKES]),
        (ending(), TAKES, []),
        (ending(0), 0, []),
        (ending(status=Status.ERROR), 0, [TAKES]),
        (endless(), 0, []),
        (ending(3, unit="reads"), 0, []),
    ],
)
def test_a_prediction_changes_once_at_its_end_if_that_comes_by_itself(plan: Plan, passed: int, at: list[int]) -> None:
    found = changes([record(plan=plan)], START + passed)

    assert list(found) == [Event(START + each, "status", ID) for each in at]


@given(st.lists(plans()), st.integers(0, 12_000))
def test_a_status_changes_exactly_at_its_event(each: list[Plan], passed: int) -> None:
    records = {record(number).id: record(number, plan=plan) for number, plan in enumerate(each)}
    now = START + passed

    for event in changes(records.values(), now):
        changing = records[event.prediction_id]
        assert event.at > now
        assert status_at(changing, event.at - 1) == status_at(changing, now) != status_at(changing, event.at)


@pytest.mark.parametrize(
    ("plan", "expiry", "at"),
    [
        (ending(), 60_000, [TAKES + 60_000]),
        (ending(0), 1_000, [1_000]),
        (ending(status=Status.ERROR), 60_000, []),
        (endless(), 60_000, []),
        (ending(2, unit="reads"), 60_000, []),
    ],
)
def test_only_an_output_expires_and_so_long_after_its_success(plan: Plan, expiry: int, at: list[int]) -> None:
    assert list(expiries([record(plan=plan)], expiry)) == [Event(START + each, "expiry", ID) for each in at]


def test_an_output_that_was_read_to_its_end_expires_after_that_read() -> None:
    read = after_read(record(plan=ending(1, unit="reads")), START + 70)

    assert list(expiries([read], 1_000)) == [Event(START + 1_070, "expiry", ID)]


@pytest.mark.parametrize(
    ("arrivals", "rate", "now", "at"),
    [
        ([], SLIDING, 100, []),
        ([100], None, 100, []),
        ([100], SLIDING, 100, [1_100]),
        ([100], SLIDING, 1_099, [1_100]),
        ([100], SLIDING, 1_100, []),
        ([100, 300], SLIDING, 200, [1_100]),
        ([100, 300], SLIDING, 1_100, [1_300]),
        ([100, 300], SLIDING, 1_300, []),
        ([100], FIXED, 100, [1_000]),
        ([900, 1_100], FIXED, 1_000, [2_000]),
    ],
)
def test_the_next_departure_is_that_of_the_oldest_arrival_still_in_the_window(
    arrivals: list[int], rate: Rate | None, now: int, at: list[int]
) -> None:
    assert list(departures(arrivals, rate, now)) == [Event(each, "window") for each in at]


@given(st.lists(st.integers(0, 3_000), min_size=2, max_size=2), st.sampled_from([SLIDING, FIXED]), st.integers(0, 5))
def test_a_full_window_lets_the_next_request_through_at_its_next_departure(
    arrivals: list[int], rate: Rate, since: int
) -> None:
    arrivals.sort()
    now = arrivals[-1] + since
    if wait := window_wait(arrivals, now, rate):
        assert [event.at for event in departures(arrivals, rate, now)] == [now + wait]


def test_events_stand_in_the_order_of_time() -> None:
    late, early = Event(2, "status", "a"), Event(1, "window")

    assert sorted([late, early]) == [early, late]
