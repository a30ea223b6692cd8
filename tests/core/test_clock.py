"""The clock of a world: the real one with faked machine time, the manual one, and its helpers."""

import threading
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core import clock
from eachlabs_mock.core.clock import Alarm, Stopwatch, WorldClock, millis, utc_text

START_WALL = 1_770_249_600_123
NS = 1_000_000


@dataclass
class Machine:
    """Stands in for the module `time`: a wall clock and a monotonic one, set as a test likes."""

    wall_ns: int = START_WALL * NS
    steady_ns: int = 5_000 * NS

    def time_ns(self) -> int:
        return self.wall_ns

    def monotonic_ns(self) -> int:
        return self.steady_ns

    def monotonic(self) -> float:
        return self.steady_ns / 1e9

    def perf_counter_ns(self) -> int:
        return self.steady_ns

    def passes(self, seconds: float) -> None:
        self.steady_ns += round(seconds * 1e9)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    fake = Machine()
    monkeypatch.setattr(clock, "time", fake)
    return fake


@pytest.mark.usefixtures("machine")
def test_real_clock_starts_at_the_wall_clock() -> None:
    assert WorldClock().now() == START_WALL


def test_real_clock_passes_a_second_in_a_second(machine: Machine) -> None:
    real = WorldClock()

    machine.passes(1)

    assert real.now() == START_WALL + 1000


@pytest.mark.parametrize("wall_shift", [-3_600, 3_600])
def test_setting_the_wall_clock_moves_no_running_clock(machine: Machine, wall_shift: int) -> None:
    real = WorldClock()

    machine.wall_ns += wall_shift * 1000 * NS

    assert real.now() == START_WALL


@pytest.mark.parametrize(("speed", "passed"), [(0.001, 10), (0.5, 5_000), (1, 10_000), (10, 100_000), (1000, 10**7)])
def test_scaled_clock_is_proportional_to_real_time(machine: Machine, speed: float, passed: int) -> None:
    scaled = WorldClock("scaled", speed)

    machine.passes(10)

    assert scaled.now() == START_WALL + passed


@given(st.lists(st.integers(0, 10**12)), st.floats(0.001, 100_000))
def test_real_clock_never_goes_back(elapsed_ns: list[int], speed: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        machine = Machine()
        patch.setattr(clock, "time", machine)
        real = WorldClock("scaled", speed)
        shown = [real.now()]
        for each in elapsed_ns:
            machine.steady_ns += each
            machine.wall_ns -= each
            shown.append(real.now())

    assert shown == sorted(shown)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(("speed", "seconds"), [(1, 20), (10, 2), (0.5, 40)])
def test_waiting_for_an_instant_takes_its_distance_over_the_speed(speed: float, seconds: float) -> None:
    assert WorldClock("scaled", speed).real_seconds_until(START_WALL + 20_000) == seconds


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("instant", [START_WALL, START_WALL - 1, 0])
def test_an_instant_that_has_come_needs_no_waiting(instant: int) -> None:
    assert WorldClock().real_seconds_until(instant) == 0


def test_manual_clock_stands_still() -> None:
    manual = WorldClock("manual", start=5)

    assert (manual.now(), manual.now()) == (5, 5)


def test_manual_clock_shows_what_it_was_moved_to() -> None:
    manual = WorldClock("manual", start=5)

    manual.move_to(8)

    assert manual.now() == 8


def test_manual_clock_may_be_moved_to_where_it_is() -> None:
    manual = WorldClock("manual", start=5)

    manual.move_to(5)

    assert manual.now() == 5


def test_manual_clock_refuses_to_go_back() -> None:
    manual = WorldClock("manual", start=5)

    with pytest.raises(ValueError, match="never goes back: 4 is before 5"):
        manual.move_to(4)


@pytest.mark.parametrize(("instant", "seconds"), [(4, 0), (5, 0), (6, None)])
def test_a_manual_clock_never_reaches_a_later_time_by_itself(instant: int, seconds: float | None) -> None:
    assert WorldClock("manual", start=5).real_seconds_until(instant) == seconds


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, 0), (0.0004, 0), (0.0006, 1), (0.001, 1), (2.5, 2500), (86_400, 86_400_000)]
)
def test_seconds_become_the_nearest_millisecond(seconds: float, expected: int) -> None:
    assert millis(seconds) == expected


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (7, "1970-01-01T00:00:00.007Z"),
        (1_770_249_600_000, "2026-02-05T00:00:00.000Z"),
        (1_770_249_659_999, "2026-02-05T00:00:59.999Z"),
    ],
)
def test_instants_read_as_iso_8601_in_utc(instant: int, text: str) -> None:
    assert utc_text(instant) == text


def test_stopwatch_counts_real_milliseconds(machine: Machine) -> None:
    watch = Stopwatch()

    machine.passes(0.25)

    assert watch.millis() == 250


def test_deadline_runs_down_to_nothing_and_no_further(machine: Machine) -> None:
    deadline = clock.real_deadline(2)
    left = [clock.real_remaining(deadline)]

    for _ in range(3):
        machine.passes(1)
        left.append(clock.real_remaining(deadline))

    assert left == [2, 1, 0, 0]


def test_alarm_rung_beforehand_ends_the_wait_at_once() -> None:
    alarm = Alarm()

    alarm.notify()

    alarm.wait(None)


def test_alarm_wakes_a_thread_that_waits_for_ever() -> None:
    alarm = Alarm()
    waiter = threading.Thread(target=alarm.wait, args=(None,), daemon=True)
    waiter.start()

    alarm.notify()

    waiter.join(10)
    assert not waiter.is_alive()


def test_a_ring_is_used_up_by_one_wait() -> None:
    alarm = Alarm()
    alarm.notify()
    alarm.wait(None)
    waiter = threading.Thread(target=alarm.wait, args=(None,), daemon=True)
    waiter.start()

    waiter.join(0.02)
    was_waiting = waiter.is_alive()

    alarm.notify()
    waiter.join(10)
    assert was_waiting


def test_alarm_gives_up_after_its_time() -> None:
    Alarm().wait(0)


def test_manual_clock_goes_on_from_where_it_was_when_set_to_real(machine: Machine) -> None:
    changed = WorldClock("manual", start=5)

    changed.set_mode("real")
    machine.passes(2)

    assert (changed.mode, changed.now()) == ("real", 2005)


def test_real_clock_stands_still_when_set_to_manual(machine: Machine) -> None:
    changed = WorldClock(start=5)
    machine.passes(1)

    changed.set_mode("manual")
    machine.passes(2)

    assert changed.now() == 1005


def test_clock_takes_a_new_speed_from_the_present_on(machine: Machine) -> None:
    changed = WorldClock(start=0)
    machine.passes(1)

    changed.set_mode("scaled", 10)
    machine.passes(1)

    assert changed.now() == 11_000


def test_running_clock_may_be_moved_on(machine: Machine) -> None:
    moved = WorldClock(start=0)
    machine.passes(1)

    moved.move_to(5000)
    machine.passes(1)

    assert moved.now() == 6000


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("mode", ["manual", "auto"])
def test_clock_that_stands_still_promises_no_instant(mode: clock.Mode) -> None:
    assert WorldClock(mode, start=5).real_seconds_until(6) is None
