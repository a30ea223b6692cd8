"""Intervals that are said to fit do fit, as a simulation against the limits shows; money adds up."""

from collections import deque
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.history.journal import Limits
from eachlabs_contract.manners.account import Spend, measure_spend
from eachlabs_contract.manners.capacity import Ceiling, ceiling, crowds, measure_capacity
from eachlabs_contract.manners.catalogue import judge_all
from eachlabs_contract.manners.pace import (
    busiest,
    cycle,
    fitting_interval,
    gaps,
    is_growing,
    lasting_interval,
    polls_needed,
)
from eachlabs_contract.manners.prices import price_list
from eachlabs_contract.manners.wording import usd
from helpers.journals import Book, instant

PAGE = Limits()
LIMITS = st.builds(Limits, st.integers(2, 120), st.integers(100, 60_000), st.none() | st.integers(1, 20))
DURATION = st.integers(1, 40_000)


def slot(interval: int, duration: int, phase: int, until: int) -> list[int]:
    """When one caller sends who creates, polls to the end, and creates the next at once."""
    sent, at = [], phase
    while at < until:
        sent += [at, *(at + interval * turn for turn in range(1, polls_needed(interval, duration) + 1))]
        at += cycle(interval, duration)
    return [each for each in sent if each < until]


def passes(instants: list[int], limits: Limits) -> bool:
    """Whether a sliding window lets all of these through."""
    window: deque[int] = deque()
    for at in sorted(instants):
        while window and at - window[0] >= limits.window:
            window.popleft()
        window.append(at)
        if len(window) > (limits.requests or 0):
            return False
    return True


@given(LIMITS, st.integers(1, 12), DURATION, st.lists(st.integers(0, 60_000), min_size=12, max_size=12))
def test_recommended_interval_lasts_whenever_the_callers_begin(
    limits: Limits, at_once: int, duration: int, phases: list[int]
) -> None:
    interval = lasting_interval(limits, at_once, duration)
    if interval is None:
        return
    until = 3 * limits.window
    sent = [at for phase in phases[:at_once] for at in slot(interval, duration, phase % limits.window, until)]

    assert passes(sent, limits)


@given(LIMITS, st.integers(1, 12), st.lists(st.integers(0, 60_000), min_size=12, max_size=12))
def test_fitting_interval_leaves_room_for_a_create_each(limits: Limits, at_once: int, phases: list[int]) -> None:
    interval = fitting_interval(limits, at_once)
    if interval is None:
        return
    sent = [
        at
        for phase in phases[:at_once]
        for at in [phase, *range(phase + interval, phase + 2 * limits.window, interval)]
    ]

    assert passes(sent, limits)


def test_a_millisecond_less_than_the_fitting_interval_does_not_fit() -> None:
    interval = fitting_interval(PAGE, 10)

    assert interval == 6667
    # Ten callers that began together: a create each, and a tenth poll just within the minute.
    assert passes([at for _ in range(10) for at in range(0, 60_000, 6667)], PAGE)
    assert not passes([at for _ in range(10) for at in [0, *range(0, 60_000, 6666)]], PAGE)


@pytest.mark.parametrize(("at_once", "interval"), [(1, 607), (2, 1225), (10, 6667), (50, 60_000), (51, None)])
def test_more_at_once_must_be_polled_less_often(at_once: int, interval: int | None) -> None:
    assert fitting_interval(PAGE, at_once) == interval


def test_no_limit_asks_for_no_interval() -> None:
    off = Limits(requests=None)

    assert (fitting_interval(off, 1), lasting_interval(off, 1, 17_000), crowds(off, 17_000)) == (None, None, ())


@pytest.mark.parametrize(("at_once", "interval"), [(1, 625), (2, 1305), (10, 10_000), (60, None)])
def test_lasting_interval_of_the_page(at_once: int, interval: int | None) -> None:
    assert lasting_interval(PAGE, at_once, 17_000) == interval


@given(LIMITS, st.integers(1, 20_000), DURATION)
def test_no_schedule_gets_more_through_than_the_ceiling(limits: Limits, interval: int, duration: int) -> None:
    """Slots that go on for ever, as many as the cap allows and each as soon as it may, never end more predictions."""
    most = ceiling(limits, interval, duration).per_minute
    assert most is not None
    each, busy = 1 + polls_needed(interval, duration), cycle(interval, duration)

    assert most * each * limits.window <= (limits.requests or 0) * 60_000
    assert limits.in_flight is None or most * busy <= limits.in_flight * 60_000


@pytest.mark.parametrize(
    ("limits", "interval", "duration", "expected"),
    [
        (PAGE, 1000, 2500, Ceiling(Fraction(25), "requests")),  # a create and 3 polls each
        (PAGE, 10_000, 17_000, Ceiling(Fraction(30), "slots")),  # ten slots, 20 s each
        (PAGE, None, 17_000, Ceiling(Fraction(600, 17), "slots")),
        (Limits(in_flight=None), None, 17_000, Ceiling(Fraction(100), "requests")),
        (Limits(requests=None, in_flight=None), 1000, 17_000, Ceiling(None, "")),
    ],
)
def test_ceiling_is_that_of_the_limit_met_first(
    limits: Limits, interval: int | None, duration: int, expected: Ceiling
) -> None:
    assert ceiling(limits, interval, duration) == expected


@given(st.lists(st.integers(0, 300)).map(sorted), st.integers(1, 50))
def test_busiest_window_is_as_busy_as_any(instants: list[int], window: int) -> None:
    first, end = busiest(instants, window)

    assert end - first == max((sum(at <= each < at + window for each in instants) for at in instants), default=0)
    assert all(each - instants[first] < window for each in instants[first:end])


@pytest.mark.parametrize(
    ("waits", "grow"),
    [([1, 2], True), ([1, 1], False), ([100, 101, 103], False), ([1, 2, 4, 8], True), ([4, 2, 1], False)],
)
def test_waits_grow_where_the_later_ones_are_clearly_longer(waits: list[int], grow: bool) -> None:  # noqa: FBT001  # a row
    assert is_growing(waits) is grow


def test_gaps_leave_out_what_came_at_the_same_instant() -> None:
    assert gaps([0, 0, 5, 5, 7]) == [5, 2]


# the report


def page_loop(*numbers: int) -> Book:
    """The page's loop: a poll a second until the end."""
    book = Book()
    for number in numbers:
        book.made(number).create(0, number)
    for at in (1000, 2000, 3000):
        for number in numbers:
            book.poll(at, number, said="success" if at == 3000 else "processing")
    return book


def test_one_second_loop_takes_60_of_100_requests_and_two_break_the_limit() -> None:
    used = measure_capacity(page_loop(1).read())

    assert (used.interval, used.loop_share, used.loops) == (1000, Fraction(60, 100), 1)
    assert (used.creates, used.polls, used.most_polls, used.requests_each) == (1, 3, 3, Fraction(4))
    assert used.ceiling == Ceiling(Fraction(25), "requests")


def test_peak_counts_calls_and_the_polls_among_them() -> None:
    assert measure_capacity(page_loop(1, 2).fetch(3100).read()).peak == (8, 6)


def test_refusals_are_counted() -> None:
    assert measure_capacity(Book().poll(0, status=429).create(1, status=429).poll(2, status=404).read()).refused == 2


def test_duration_is_that_of_the_predictions_that_ended() -> None:
    book = Book().made(1).made(2, ends_at=instant(3500)).made(3, status="processing", ends_at=instant(9000))

    assert measure_capacity(book.read()).duration == 3000


def test_nothing_called_is_nothing_used() -> None:
    used = measure_capacity(Book().read())

    assert (used.interval, used.loop_share, used.loops, used.requests_each) == (None, None, 0, None)
    assert (used.peak, used.duration) == ((0, 0), 17_000)


def test_interval_is_not_known_on_a_still_clock() -> None:
    assert measure_capacity(Book("manual").poll(0).poll(1000).poll(2000).read()).interval is None


def test_intervals_are_worked_out_for_no_more_than_may_be_in_flight() -> None:
    assert [number for number, _ in crowds(Limits(in_flight=5), 17_000)] == [1, 2, 5]
    assert [number for number, _ in crowds(Limits(in_flight=None), 17_000)] == [1, 2, 5, 10, 20, 50]


# money


def spent(book: Book) -> Spend:
    journal = book.read()
    return measure_spend(journal, judge_all(journal))


def test_everything_collected_is_nothing_wasted() -> None:
    assert spent(page_loop(1, 2).fetch(3100, 1).fetch(3100, 2)) == Spend(2, 0, Decimal("0.050"), Decimal(), 0, 0)


def test_prediction_lost_in_two_ways_counts_once() -> None:
    seeded = {"prompt": "x", "seed": 1}
    book = Book().made(1).made(2).create(0, 1, given=seeded).create(9, 2, given=seeded).fetch(3000, 1)

    assert spent(book) == Spend(2, 0, Decimal("0.050"), Decimal("0.025"), 1, 0)


def test_prediction_whose_id_no_answer_told_is_for_nothing() -> None:
    assert spent(Book().made(1).create(0, status=500, answered=5)) == Spend(
        1, 0, Decimal("0.025"), Decimal("0.025"), 1, 1
    )


def test_price_is_told_by_the_bill_or_else_by_the_page() -> None:
    document = Book().made(1).made(2, model="other").read()

    assert price_list(document)["qwen-image"] == Decimal("0.050")  # a bill of two, all of it for one of them
    assert price_list(Book().read()) == {"qwen-image": Decimal("0.025")}


def test_execution_is_charged_at_its_acceptance_where_that_is_set() -> None:
    failed = Book(charge="accept").made(1, status="error").create(0, 1)

    assert spent(failed).for_nothing == 1
    assert spent(Book().made(1, status="error").create(0, 1)).for_nothing == 0


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0", "0.00 USD"), ("0.025", "0.025 USD"), ("0.050", "0.05 USD"), ("0.10", "0.10 USD"), ("120", "120.00 USD")],
)
def test_money_is_told_to_the_cent_or_as_fine_as_it_is(amount: str, told: str) -> None:
    assert usd(Decimal(amount)) == told
