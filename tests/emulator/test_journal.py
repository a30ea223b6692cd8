"""The journal: numbered and bounded."""

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.emulator.journal import KEPT, Entry, Journal

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


def test_each_exchange_is_told_of_once_it_can_be_seen() -> None:
    told: list[int] = []
    journal = Journal(notify=lambda: told.append(len(journal.entries())))
    journal.add(**FACTS)
    journal.add(**FACTS)

    assert told == [1, 2]
