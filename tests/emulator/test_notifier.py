"""The notifier: a waiting caller looks again when it is notified, and delays no other."""

import threading

import pytest

from eachlabs_mock.emulator import notifier
from eachlabs_mock.emulator.notifier import Notifier

PATIENCE = 20
"""Real seconds after which a test that waits for an event gives up."""


class Unhurried:
    """Looks take as long as it says, and rests take no time: they are noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *millis: float) -> None:
        self.rests: list[float] = []
        took = iter(millis)
        monkeypatch.setattr(notifier, "Stopwatch", lambda: self)
        monkeypatch.setattr(notifier, "real_sleep", self.sleep)
        self.millis = lambda: next(took)

    def sleep(self, real_seconds: float) -> None:
        self.rests.append(round(real_seconds, 6))


def in_a_thread(work: object) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]  # any callable is one
    thread.start()
    return thread


def test_what_is_enough_already_is_not_waited_for() -> None:
    assert Notifier().wait(lambda: 7, lambda seen: seen == 7, 0, 0) == 7


@pytest.mark.parametrize("patience", [0, 0.001])
def test_a_wait_that_is_over_returns_what_it_saw_last(patience: float) -> None:
    assert Notifier().wait(lambda: "too little", lambda _: False, patience, 1) == "too little"


def test_a_ring_lets_a_wait_look_again() -> None:
    rung = Notifier()
    looked = threading.Semaphore(0)
    enough = threading.Event()

    def look() -> bool:
        looked.release()
        return enough.is_set()

    seen: list[bool] = []
    waiting = in_a_thread(lambda: seen.append(rung.wait(look, bool, PATIENCE, PATIENCE)))
    assert looked.acquire(timeout=PATIENCE)
    enough.set()
    rung.notify()

    waiting.join(PATIENCE)
    assert seen == [True]


def test_what_happens_during_a_look_is_looked_at() -> None:
    rung = Notifier()
    looks = iter((False, True))

    def look() -> bool:
        rung.notify()
        return next(looks)

    assert rung.wait(look, bool, PATIENCE, PATIENCE)


def test_a_wait_looks_again_after_each_pause_even_if_nothing_rings() -> None:
    looks = iter(range(100))

    assert Notifier().wait(lambda: next(looks), lambda seen: seen == 3, PATIENCE, 0.001) == 3


def test_whoever_rings_waits_for_no_look() -> None:
    rung = Notifier()
    looking, go_on = threading.Event(), threading.Event()

    def look() -> bool:
        looking.set()
        return go_on.wait(PATIENCE)

    waiting = in_a_thread(lambda: rung.wait(look, bool, PATIENCE, PATIENCE))
    assert looking.wait(PATIENCE)
    ringing = in_a_thread(rung.notify)
    ringing.join(PATIENCE / 4)
    has_rung = not ringing.is_alive()

    go_on.set()
    waiting.join(PATIENCE)
    assert has_rung


def test_a_look_is_followed_by_a_rest_of_nine_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    unhurried = Unhurried(monkeypatch, 2, 40)
    looks = iter((1, 2, 3))

    assert Notifier().wait(lambda: next(looks), lambda seen: seen == 3, PATIENCE, 0) == 3
    assert unhurried.rests == [0.018, 0.36]


def test_nobody_rests_for_more_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    unhurried = Unhurried(monkeypatch, 500)
    looks = iter((1, 2))

    Notifier().wait(lambda: next(looks), lambda seen: seen == 2, PATIENCE, 0)

    assert unhurried.rests == [1]


def test_two_who_wait_rest_twice_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    rung = Notifier()
    looking, go_on = threading.Event(), threading.Event()

    def look() -> bool:
        looking.set()
        return go_on.wait(PATIENCE)

    other = in_a_thread(lambda: rung.wait(look, bool, PATIENCE, PATIENCE))
    assert looking.wait(PATIENCE)
    unhurried = Unhurried(monkeypatch, 2)
    looks = iter((1, 2))
    rung.wait(lambda: next(looks), lambda seen: seen == 2, PATIENCE, 0)

    go_on.set()
    other.join(PATIENCE)
    assert unhurried.rests == [0.036]
