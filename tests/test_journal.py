"""The journal: numbered, bounded, and a bell for whoever waits."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.journal import KEPT, Entry, Journal

PATIENCE = 20
"""Real seconds after which a test that waits for an event gives up."""

FACTS: dict[str, Any] = {
    "at": 5,
    "method": "GET",
    "path": "/v1/models",
    "status": 200,
    "request_id": "r",
    "request": b"",
    "response": b"[]",
}


def journal_of(number: int) -> Journal:
    journal = Journal()
    for _ in range(number):
        journal.add(**FACTS)
    return journal


def numbers(journal: Journal, since: int = 0) -> list[int]:
    return [each.number for each in journal.entries(since)]


def test_a_new_journal_is_empty() -> None:
    assert Journal().entries() == ()


def test_an_entry_is_kept_as_it_was_noted() -> None:
    assert journal_of(1).entries() == (Entry(number=1, **FACTS),)


@given(st.integers(0, 40), st.integers(0, 50))
def test_since_leaves_out_what_was_seen(number: int, since: int) -> None:
    assert numbers(journal_of(number), since) == list(range(since + 1, number + 1))


def test_the_oldest_make_way_and_the_newest_is_last() -> None:
    assert numbers(journal_of(KEPT + 3)) == list(range(4, KEPT + 4))


def test_numbers_are_not_used_again() -> None:
    journal = journal_of(2)
    journal.clear()
    journal.add(**FACTS)

    assert numbers(journal) == [3]


def test_entries_of_many_threads_are_all_kept_and_numbered() -> None:
    journal = Journal()
    threads = [threading.Thread(target=lambda: [journal.add(**FACTS) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers(journal)) == list(range(1, 401))


def test_what_is_enough_already_is_not_waited_for() -> None:
    assert journal_of(1).wait(lambda: 7, lambda seen: seen == 7, 0, 0) == 7


@pytest.mark.parametrize("patience", [0, 0.001])
def test_a_wait_that_is_over_returns_what_it_saw_last(patience: float) -> None:
    assert journal_of(2).wait(lambda: "too little", lambda _: False, patience, 1) == "too little"


def test_a_ring_lets_a_wait_look_again() -> None:
    journal = Journal()
    looked = threading.Semaphore(0)
    enough = threading.Event()

    def look() -> bool:
        looked.release()
        return enough.is_set()

    seen: list[bool] = []
    waiting = threading.Thread(target=lambda: seen.append(journal.wait(look, bool, PATIENCE, PATIENCE)))
    waiting.start()
    assert looked.acquire(timeout=PATIENCE)
    enough.set()
    journal.ring()

    waiting.join(PATIENCE)
    assert seen == [True]


def test_a_wait_looks_again_after_each_pause_even_if_nothing_rings() -> None:
    looks = iter(range(100))

    assert Journal().wait(lambda: next(looks), lambda seen: seen == 3, PATIENCE, 0.001) == 3
