"""The outbox: what falls due leaves it once and in order, what was attempted stays to be looked at."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.emulator.outbox import KEPT, Attempt, Delivery, Outbox, PendingAttempt
from helpers.records import record

ACCEPTED = Attempt(1, accepted=True, status_code=200, response="ok", error="")
FAILED = Attempt(0, accepted=False, status_code=500, response="no", error="HTTP 500")

INSTANTS = st.lists(st.integers(0, 30), max_size=20)


def outbox_with(instants: list[int]) -> Outbox:
    outbox = Outbox()
    for number, at in enumerate(instants):
        outbox.put(at, PendingAttempt(record(number)))
    return outbox


def delivery(number: int = 1) -> Delivery:
    return Delivery(record(number).id, "http://127.0.0.1/hook", b"{}")


def test_nothing_is_pending_at_first() -> None:
    assert Outbox().next_at() is None


@given(INSTANTS.filter(bool))
def test_the_earliest_is_next(instants: list[int]) -> None:
    assert outbox_with(instants).next_at() == min(instants)


@given(INSTANTS, st.integers(-1, 31))
def test_exactly_what_has_fallen_due_is_taken_and_in_order(instants: list[int], upto: int) -> None:
    due = sorted((at, number) for number, at in enumerate(instants) if at <= upto)

    taken = outbox_with(instants).take_due(upto)

    assert [each.prediction.id for each in taken] == [record(number).id for _, number in due]


@given(INSTANTS, st.lists(st.integers(0, 31)))
def test_nothing_is_taken_twice_and_nothing_is_lost(instants: list[int], cuts: list[int]) -> None:
    outbox = outbox_with(instants)

    taken = [each for upto in [*cuts, 31] for each in outbox.take_due(upto)]

    assert sorted(each.prediction.id for each in taken) == [record(number).id for number in range(len(instants))]
    assert outbox.next_at() is None


def test_threads_that_take_at_once_share_what_is_due() -> None:
    outbox, barrier = outbox_with([0] * 1000), threading.Barrier(8)

    def take(_: int) -> list[PendingAttempt]:
        barrier.wait(10)
        return outbox.take_due(0)

    with ThreadPoolExecutor(8) as pool:
        taken = [due.prediction.id for dues in pool.map(take, range(8)) for due in dues]

    assert sorted(taken) == [record(number).id for number in range(1000)]


def test_an_attempt_is_first_unless_it_says_otherwise() -> None:
    assert PendingAttempt(record()).number == 1


def tried(outbox: Outbox, number: int, attempt: Attempt = FAILED) -> Delivery:
    begun = outbox.begin(delivery(number))
    outbox.record(begun.prediction_id, attempt)
    return begun


def test_what_falls_due_together_goes_by_order_of_creation() -> None:
    outbox = Outbox()
    for number in (3, 1, 2):
        outbox.put(5, PendingAttempt(record(number)))

    assert [each.prediction.ordinal for each in outbox.take_due(5)] == [1, 2, 3]


def test_attempts_at_one_webhook_stand_together_in_order() -> None:
    outbox = Outbox()

    tried(outbox, 1, FAILED)
    tried(outbox, 1, ACCEPTED)

    [known] = outbox.deliveries()
    assert known.attempts == (FAILED, ACCEPTED)


def test_deliveries_are_numbered_and_listed_in_the_order_in_which_they_began() -> None:
    outbox = Outbox()
    for number in (2, 1, 2):
        outbox.begin(delivery(number))

    for number in (1, 2):
        outbox.record(record(number).id, ACCEPTED)

    assert [(each.prediction_id, each.number) for each in outbox.deliveries()] == [(record(2).id, 1), (record(1).id, 2)]
    assert outbox.last_number == 2


def test_a_delivery_is_not_listed_before_an_attempt_at_it_is_over() -> None:
    outbox = Outbox()

    outbox.begin(delivery())

    assert outbox.deliveries() == ()


@pytest.mark.parametrize("more", [0, 1, 5])
def test_only_so_many_deliveries_are_kept_and_the_oldest_go(more: int) -> None:
    outbox = Outbox()

    for number in range(KEPT + more):
        tried(outbox, number)

    kept = outbox.deliveries()
    assert (len(kept), kept[0].prediction_id) == (1000, record(more).id)


@pytest.mark.parametrize("since", [0, 1, 5, 6, 1004, 1005, 1006])
def test_since_means_the_same_after_the_oldest_have_gone(since: int) -> None:
    outbox = Outbox()
    for number in range(KEPT + 5):
        tried(outbox, number)

    assert [each.number for each in outbox.deliveries(since)] == list(range(max(since, 5) + 1, 1006))


def test_an_attempt_whose_delivery_has_made_way_is_not_recorded() -> None:
    outbox = Outbox()

    outbox.record(record().id, ACCEPTED)

    assert outbox.deliveries() == ()


def test_what_is_forgotten_leaves_its_number_behind_and_what_is_under_way_is_not() -> None:
    outbox = Outbox()
    tried(outbox, 1)
    outbox.begin(delivery(2))

    outbox.forget()
    outbox.record(record(2).id, ACCEPTED)
    tried(outbox, 1)

    assert [(each.prediction_id, each.number) for each in outbox.deliveries()] == [(record(2).id, 2), (record(1).id, 3)]
