"""Hands for work that mostly waits: few at work, many aside, none lost."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest

from eachlabs_mock.webhooks import worker_pool as crew_module
from eachlabs_mock.webhooks.worker_pool import MOST_WORKING, OverrunError, WorkerPool

PATIENCE = 20
"""Real seconds after which a test that waits for an event gives up."""

MANY = 10_000


class Held:
    """Work that lasts until it is let go, and counts those who are at it."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()

    def __call__(self) -> None:
        self.begun.release()
        assert self.may_end.wait(PATIENCE)

    def have_begun(self, number: int) -> bool:
        return all(self.begun.acquire(timeout=PATIENCE) for _ in range(number))


@contextmanager
def holding() -> Iterator[Held]:
    held = Held()
    try:
        yield held
    finally:
        held.may_end.set()


def while_blocked(workers: WorkerPool, work: Callable[[], None]) -> Callable[[], None]:
    def waiting() -> None:
        with workers.while_blocked():
            work()

    return waiting


def test_work_is_done_and_said_to_be() -> None:
    done: list[int] = []

    assert WorkerPool("hand", 3, MANY).submit(lambda: done.append(1)).wait(PATIENCE)
    assert done == [1]


def test_no_more_are_at_work_than_there_is_room_for() -> None:
    workers = WorkerPool("hand", 50, MANY)
    with holding() as held:
        events = [workers.submit(held) for _ in range(20)]
        assert held.have_begun(MOST_WORKING)

        assert not held.begun.acquire(timeout=0.05)
    assert all(each.wait(PATIENCE) for each in events)


def test_those_who_stand_aside_hold_up_nobody() -> None:
    workers = WorkerPool("hand", 50, MANY)
    with holding() as held:
        for _ in range(30):
            workers.submit(while_blocked(workers, held))

        assert held.have_begun(30)
        assert workers.submit(lambda: None).wait(PATIENCE)


def test_there_are_no_more_hands_than_allowed_and_the_rest_is_done_after_them() -> None:
    workers = WorkerPool("hand", 5, MANY)
    with holding() as held:
        events = [workers.submit(while_blocked(workers, held)) for _ in range(9)]
        assert held.have_begun(5)

        assert not held.begun.acquire(timeout=0.05)
    assert all(each.wait(PATIENCE) for each in events)


def test_hand_is_used_again() -> None:
    workers, names = WorkerPool("hand", 50, MANY), set()
    for _ in range(20):
        assert workers.submit(lambda: names.add(threading.get_ident())).wait(PATIENCE)

    assert len(names) <= MOST_WORKING


def test_idle_hands_end_and_new_ones_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "IDLE", 0.01)
    hands: list[threading.Thread] = []
    workers = WorkerPool("hand", 5, MANY)
    assert workers.submit(lambda: hands.append(threading.current_thread())).wait(PATIENCE)
    hands[0].join(PATIENCE)

    assert not hands[0].is_alive()
    assert workers.submit(lambda: None).wait(PATIENCE)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hands wait for more work for an hour, unless they are dismissed."""
    monkeypatch.setattr(crew_module, "IDLE", 3_600)


@pytest.mark.usefixtures("patient")
def test_dismissed_hands_end_at_once_and_work_is_done_all_the_same() -> None:
    workers, hands = WorkerPool("hand", 5, MANY), set[threading.Thread]()

    def note() -> None:
        hands.add(threading.current_thread())

    assert workers.submit(note).wait(PATIENCE)

    workers.shutdown()
    assert workers.submit(note).wait(PATIENCE)

    for each in hands:
        each.join(PATIENCE)
    assert not any(each.is_alive() for each in hands)


@pytest.mark.usefixtures("patient")
def test_hands_that_are_busy_when_dismissed_finish_and_end() -> None:
    workers, hands = WorkerPool("busy hand", 5, MANY), list[threading.Thread]()
    with holding() as held:
        events = [workers.submit(held) for _ in range(MOST_WORKING + 1)]
        assert held.have_begun(MOST_WORKING)
        hands += [each for each in threading.enumerate() if each.name == "busy hand"]
        workers.shutdown()
    assert all(each.wait(PATIENCE) for each in events)

    for each in hands:
        each.join(PATIENCE)
    assert not any(each.is_alive() for each in hands)


def test_of_thousands_of_jobs_from_many_threads_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "IDLE", 0.0001)  # so that hands come and go all the time
    workers, done = WorkerPool("hand", 8, MANY), []

    def give(_: int) -> list[threading.Event]:
        return [workers.submit(while_blocked(workers, lambda: done.append(1))) for _ in range(500)]

    with ThreadPoolExecutor(4) as givers:
        events = [event for given in givers.map(give, range(4)) for event in given]
    workers.shutdown()

    assert all(each.wait(PATIENCE) for each in events)
    assert len(done) == 2000


def test_work_that_fails_is_done_with_and_the_next_is_taken_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    workers = WorkerPool("hand", 1, MANY)

    failed = [workers.submit(partial(int, "no number")) for _ in range(MOST_WORKING + 1)]

    assert all(each.wait(PATIENCE) for each in failed)
    assert workers.submit(lambda: None).wait(PATIENCE)


def test_no_more_work_waits_than_there_is_room_for() -> None:
    workers, done = WorkerPool("hand", 5, 3), []
    with holding() as held:
        events = [workers.submit(held) for _ in range(MOST_WORKING)]
        assert held.have_begun(MOST_WORKING)
        events += [workers.submit(lambda: done.append(1)) for _ in range(3)]

        with pytest.raises(OverrunError):
            workers.submit(lambda: done.append(2))
    assert all(each.wait(PATIENCE) for each in events)
    assert done == [1, 1, 1]
    assert workers.submit(lambda: None).wait(PATIENCE)
