"""The stores: both against one model that is a plain list, and under threads; that in memory counted in steps."""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from eachlabs_mock.core.clock import END_OF_TIME, WorldClock
from eachlabs_mock.core.limits import UNKNOWN_WAIT, Rate
from eachlabs_mock.core.prediction import TERMINAL, Plan, Prediction, Status, after_read, status_at
from eachlabs_mock.emulator.store import Store, StoreFullError, WorldRecords
from eachlabs_mock.stores.memory import MemoryStore
from eachlabs_mock.stores.sqlite import SqliteStore
from eachlabs_mock.stores.sqlite_database import SqliteDatabase
from helpers.records import START, ending, endless, record
from helpers.restarts import crashed

CAPACITY = 5
ROOM = 100_000
LENGTHS = st.sampled_from([10, 10, 10, 40_000])
"""Of inputs: two of the longest fill the room."""
CAP = 3
RATE = Rate(3, 10)
PAGE = Rate(100, 60_000)
WORLDS = ("a", "b")
PLANS = st.sampled_from(
    [ending(0), ending(4), ending(4, Status.ERROR), ending(9), endless(), ending(2, unit="reads"), endless("reads")]
)


def first_wait(passes: Callable[[int], bool], most: int) -> int:
    """Return the least number of milliseconds after which *passes*; over *most*, the wait of those who cannot know."""
    return next((wait for wait in range(most + 1) if passes(wait)), UNKNOWN_WAIT)


def fit(*predictions: Prediction) -> bool:
    """Tell whether a store has room for all these; what holds a text, besides its characters, is some 50 bytes."""
    return len(predictions) <= CAPACITY and sum(len(each.input) for each in predictions) <= ROOM - 1000


class StoreMachine(RuleBasedStateMachine):
    """Does to a store and to a plain list what an emulator might do, and compares the two."""

    def opened(self) -> Store:
        return MemoryStore(CAPACITY, self.now, ROOM)

    @initialize()
    def begin(self) -> None:
        self.clocks = {world: WorldClock("manual", start=START) for world in WORLDS}
        self.store = self.opened()
        self.records: list[Prediction] = []
        self.arrivals: dict[str, list[int]] = {world: [] for world in WORLDS}
        self.evicted: dict[str, Counter[tuple[str, Status]]] = {world: Counter() for world in WORLDS}
        self.created = 0

    def now(self, world: str) -> int:
        return self.clocks[world].now()

    def has_ended(self, prediction: Prediction) -> bool:
        return status_at(prediction, self.now(prediction.world)) in TERMINAL

    def window_passes(self, world: str, after: int) -> bool:
        return sum(each + RATE.period > self.now(world) + after for each in self.arrivals[world]) < RATE.limit

    def slot_is_free(self, world: str, after: int) -> bool:
        now = self.now(world) + after
        ends = [each.ends_at for each in self.records if each.world == world]
        return sum(end is None or end > now for end in ends) < CAP

    @rule(world=st.sampled_from(WORLDS), passed=st.integers(0, 6))
    def time_passes(self, world: str, passed: int) -> None:
        self.clocks[world].move_to(self.now(world) + passed)

    @rule(world=st.sampled_from(WORLDS), count_refused=st.booleans())
    def a_request_is_counted_if_it_passes(self, world: str, count_refused: bool) -> None:  # noqa: FBT001  # drawn
        passes = self.window_passes(world, 0)
        if passes or count_refused:
            self.arrivals[world].append(self.now(world))
        expected = 0 if passes else first_wait(lambda wait: self.window_passes(world, wait), RATE.period)

        assert self.store.admit(world, self.now(world), RATE, count_refused=count_refused) == expected

    @rule(world=st.sampled_from(WORLDS), plan=PLANS, model=st.sampled_from(["m", "n"]), length=LENGTHS)
    def a_prediction_is_added_where_there_is_room(self, world: str, plan: Plan, model: str, length: int) -> None:
        self.created += 1
        facts = {"world": world, "plan": plan, "model": model, "input": "x" * length}
        new = record(self.created, created_at=self.now(world), **facts)
        if not self.slot_is_free(world, 0):
            expected = first_wait(lambda wait: self.slot_is_free(world, wait), 20)
            assert self.store.add(new, CAP) == expected
            return
        if not fit(new, *(each for each in self.records if not self.has_ended(each))):
            with pytest.raises(StoreFullError):
                self.store.add(new, CAP)
            return
        assert self.store.add(new, CAP) == 0
        self.note_who_made_way(new)
        self.records.append(new)

    def note_who_made_way(self, new: Prediction) -> None:
        gone = [each for each in self.records if self.store.get(each.id) is None]
        stayed = [each for each in self.records if each not in gone]
        assert fit(new, *stayed)
        assert not gone or any(not fit(new, each, *stayed) for each in gone)  # and no more than had to
        for each in gone:
            assert self.has_ended(each)
            longer = [other for other in stayed if other.world == each.world and self.has_ended(other)]
            assert all((each.ends_at or 0) <= (other.ends_at or 0) for other in longer)
            self.evicted[each.world][each.model, status_at(each, self.now(each.world))] += 1
            self.records.remove(each)

    @precondition(lambda self: self.records)
    @rule(which=st.integers(0, CAPACITY - 1))
    def a_read_replaces_a_record_once(self, which: int) -> None:
        old = self.records[which % len(self.records)]
        new = after_read(old, self.now(old.world))

        assert self.store.replace(old, new)
        self.records[self.records.index(old)] = new
        if new is not old:
            assert not self.store.replace(old, old._replace(reads=99))

    @rule(world=st.sampled_from(WORLDS))
    def a_world_is_put_in_its_own_place(self, world: str) -> None:
        store = self.store

        store.restore(world, WorldRecords(store.of_world(world), store.arrivals(world), store.evicted(world)))

    @rule(world=st.sampled_from(WORLDS))
    def a_world_is_forgotten(self, world: str) -> None:
        self.store.forget(world)

        self.records = [each for each in self.records if each.world != world]
        self.arrivals[world] = []
        self.evicted[world].clear()

    @rule(number=st.integers(0, CAPACITY))
    def what_was_forgotten_cannot_be_replaced(self, number: int) -> None:
        gone = record(self.created + number + 1)

        assert not self.store.replace(gone, gone)

    @invariant()
    def the_same_is_stored(self) -> None:
        for world in WORLDS:
            assert self.store.of_world(world) == tuple(each for each in self.records if each.world == world)
            assert self.store.evicted(world) == self.evicted[world]
            assert self.store.arrivals(world) == tuple(self.arrivals[world][-RATE.limit :])
        assert all(self.store.get(each.id) is each for each in self.records)

    @invariant()
    def the_same_waits_are_advised(self) -> None:
        for world in WORLDS:
            slot = first_wait(lambda wait, world=world: self.slot_is_free(world, wait), 20)  # type: ignore[misc]
            window = first_wait(lambda wait, world=world: self.window_passes(world, wait), 20)  # type: ignore[misc]
            assert self.store.slot_wait(world, self.now(world), CAP) == slot
            assert self.store.window_wait(world, self.now(world), RATE) == window


class SqliteMachine(StoreMachine):
    """Does the same to a store in a file, and kills its process at any moment."""

    def opened(self) -> Store:
        self.directory = TemporaryDirectory()
        self.path = Path(self.directory.name, "store.db")
        return SqliteStore(SqliteDatabase(self.path), CAPACITY, self.now, ROOM)

    @rule()
    def its_process_is_killed(self) -> None:
        killed, self.path = self.store, crashed(self.path)
        self.store = SqliteStore(SqliteDatabase(self.path), CAPACITY, self.now, ROOM)
        killed.close()

        # Whoever came later reads a record of its own.
        self.records, before = [self.store.get(each.id) or each for each in self.records], self.records
        assert self.records == before

    def teardown(self) -> None:
        self.store.close()
        self.directory.cleanup()


TestMemoryStore = StoreMachine.TestCase
TestMemoryStore.settings = settings(max_examples=settings().max_examples // 4, stateful_step_count=40)
TestSqliteStore = SqliteMachine.TestCase
TestSqliteStore.settings = TestMemoryStore.settings

MakeStore = Callable[..., Store]


@pytest.fixture(params=["memory", "sqlite"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Makes a store of each kind, in which it is always the same time."""
    made: list[Store] = []

    def make(capacity: int = 100_000, now: int = START) -> Store:
        file = SqliteDatabase(tmp_path / "store.db") if request.param == "sqlite" else None
        made.append(SqliteStore(file, capacity, lambda _: now) if file else a_store(capacity, now))
        return made[-1]

    yield make
    for each in made:
        each.close()


def a_store(capacity: int = 100_000, now: int = START) -> MemoryStore:
    return MemoryStore(capacity, lambda _: now)


@pytest.fixture
def hurry() -> Any:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def all_at_once(step: Callable[[int], int], times: int) -> list[int]:
    """Return what *step* returned to each of 16 threads, which began together and did it so many times in all."""
    barrier = threading.Barrier(16)

    def work(first: int) -> list[int]:
        barrier.wait(10)
        return [step(number) for number in range(first, times, 16)]

    with ThreadPoolExecutor(16) as pool:
        return [result for results in pool.map(work, range(16)) for result in results]


@pytest.mark.usefixtures("hurry")
def test_of_forty_creates_at_once_ten_pass(make_store: MakeStore) -> None:
    store = make_store()

    waits = all_at_once(lambda number: store.add(record(number), 10), 40)

    assert Counter(waits) == {0: 10, 2_500: 30}
    assert len(store.of_world("w")) == 10


@pytest.mark.usefixtures("hurry")
def test_of_four_hundred_requests_at_once_a_hundred_pass(make_store: MakeStore) -> None:
    store = make_store()

    waits = all_at_once(lambda _: store.admit("w", START, PAGE), 400)

    assert Counter(waits) == {0: 100, 60_000: 300}


@pytest.mark.usefixtures("hurry")
def test_of_many_replacements_of_one_record_one_wins(make_store: MakeStore) -> None:
    store, old = make_store(), record(plan=endless("reads"))
    store.add(old, None)

    wins = all_at_once(lambda number: store.replace(old, old._replace(reads=number + 1)), 64)

    assert sum(wins) == 1


@pytest.mark.usefixtures("hurry")
def test_a_full_store_stays_full_under_threads(make_store: MakeStore) -> None:
    store = make_store(capacity=20)
    ended = START - 10_000

    all_at_once(lambda number: store.add(record(number, created_at=ended + number), None), 400)

    assert len(store.of_world("w")) == 20
    assert store.evicted("w").total() == 380  # type: ignore[attr-defined]


def steps_of(work: Callable[[], Any]) -> int:
    """Count the lines of the emulator that *work* takes."""
    counted = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal counted
        if "eachlabs_mock" not in frame.f_code.co_filename:  # a garbage collection, say
            return None
        counted += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


def filled(number: int, plan: Plan) -> MemoryStore:
    """Return a store with *number* predictions, half of them of another world, and all requests counted that may be."""
    store = a_store(capacity=number, now=START + 5_000)
    for n in range(number):
        store.add(record(n, world="w" if n % 2 else "other", plan=plan, created_at=START + n // 1_000), None)
        store.admit("w", START, PAGE)
    return store


LATER = START + 10_000
ON_THE_WAY: Sequence[Any] = [
    pytest.param(lambda store: store.get(record(3).id), id="get"),
    pytest.param(lambda store: store.admit("w", LATER, PAGE), id="admit"),
    pytest.param(lambda store: store.admit("w", LATER, PAGE, count_refused=True), id="admit and count"),
    pytest.param(lambda store: store.window_wait("w", LATER, PAGE), id="window_wait"),
    pytest.param(lambda store: store.slot_wait("w", LATER, None), id="slot_wait without a cap"),
    pytest.param(lambda store: store.replace(record(3), record(3)), id="replace"),
    pytest.param(lambda store: store.evicted("w"), id="evicted"),
]


@pytest.fixture(scope="module", params=[ending(2_500), ending(10**9), endless()], ids=["ended", "running", "stuck"])
def few_and_many(request: pytest.FixtureRequest) -> tuple[MemoryStore, MemoryStore]:
    return filled(200, request.param), filled(10_000, request.param)


@pytest.mark.parametrize("work", ON_THE_WAY)
def test_a_request_costs_the_same_however_much_is_stored(
    few_and_many: tuple[MemoryStore, MemoryStore], work: Callable[[MemoryStore], Any]
) -> None:
    few, many = few_and_many

    assert steps_of(lambda: work(many)) == steps_of(lambda: work(few))


def steps_of_a_create(capacity: int) -> int:
    """Count the steps of one more create in a full store, whose predictions ended one after the other."""
    store = a_store(capacity)
    created = [record(n, plan=ending(1), created_at=START + n) for n in range(capacity + 10)]
    for each in created[:-1]:
        store.add(each, 10)
    return steps_of(lambda: store.add(created[-1], 10))


def test_a_create_in_a_full_store_costs_the_same_at_any_size() -> None:
    assert steps_of_a_create(10_000) == steps_of_a_create(10)


def test_without_a_rate_nothing_is_counted() -> None:
    store = a_store()

    waits = [store.admit("w", START, None) for _ in range(200)]

    assert waits == [0] * 200
    assert store.window_wait("w", START, PAGE) == 0


def test_without_a_cap_any_number_may_be_in_flight() -> None:
    store = a_store()

    assert [store.add(record(n, plan=endless()), None) for n in range(50)] == [0] * 50
    assert store.slot_wait("w", START, None) == 0


def test_a_refused_prediction_is_not_stored() -> None:
    store = a_store()
    store.add(record(1), 1)

    store.add(record(2), 1)

    assert store.get(record(2).id) is None


def test_the_oldest_ended_makes_way_and_is_counted_on() -> None:
    store = a_store(capacity=2, now=START + 9_000)
    for number, takes in ((1, 5_000), (2, 3_000)):
        store.add(record(number, plan=ending(takes, Status.ERROR)), None)

    store.add(record(3, created_at=START + 9_000), None)

    assert [each.id for each in store.of_world("w")] == [record(1).id, record(3).id]
    assert store.evicted("w") == {("qwen-image", Status.ERROR): 1}


def test_what_was_read_to_its_end_makes_way_after_what_ended_before() -> None:
    store, read = a_store(capacity=2), record(1, plan=ending(1, unit="reads"))
    for each in (read, record(2, plan=ending(5))):
        store.add(each, None)
    store.replace(read, after_read(read, START + 10))

    store.add(record(3, created_at=START + 20), None)

    assert [each.id for each in store.of_world("w")] == [record(1).id, record(3).id]


def test_what_was_forgotten_does_not_make_way_again() -> None:
    store = a_store(capacity=2)
    for number in (1, 2):
        store.add(record(number, plan=ending(0), created_at=START + number), None)
    store.forget("w")

    for number in (3, 4, 5):
        store.add(record(number, plan=ending(0), created_at=START + number), None)

    assert [each.id for each in store.of_world("w")] == [record(4).id, record(5).id]


def test_no_more_requests_are_remembered_than_the_limit_asks_for() -> None:
    store = a_store()

    for _ in range(1_000):
        store.admit("w", START, PAGE, count_refused=True)

    assert len(store._indexes["w"].arrivals) == 100


def test_what_ended_in_a_world_nobody_visits_makes_way_too() -> None:
    store = a_store(capacity=1, now=START + 2_500)
    store.add(record(1, world="quiet"), None)

    store.add(record(2, created_at=START), None)

    assert store.of_world("quiet") == ()


def test_whatever_a_dropped_world_left_makes_way() -> None:
    store = MemoryStore(1, lambda _: END_OF_TIME)
    store.add(record(1, world="dropped"), None)

    assert store.add(record(2), None) == 0


def test_a_large_input_makes_as_many_make_way_as_it_takes(make_store: MakeStore) -> None:
    store = make_store(capacity=50, now=START + 20)  # with room for 16 MiB
    for number in range(1, 15):
        store.add(record(number, plan=ending(number), input="x" * 2**20), None)

    assert store.add(record(15, created_at=START + 20, input="x" * 2**22), None) == 0

    assert [each.ordinal for each in store.of_world("w")] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    assert store.evicted("w") == {("qwen-image", Status.SUCCESS): 3}


def test_large_inputs_in_flight_fill_the_store(make_store: MakeStore) -> None:
    store = make_store(capacity=50)
    for number in range(1, 16):
        store.add(record(number, input="x" * 2**20), None)

    with pytest.raises(StoreFullError):
        store.add(record(16, input="x" * 2**20), None)
    assert store.add(record(17), None) == 0


def test_what_has_gone_leaves_its_room(make_store: MakeStore) -> None:
    store = make_store(capacity=50)
    for number in range(1, 16):
        store.add(record(number, input="x" * 2**20), None)
    records = WorldRecords(store.of_world("w"), (), {})

    store.restore("w", records)  # in its own place
    store.forget("w")
    store.restore("other", WorldRecords([each._replace(world="other") for each in records.predictions], (), {}))

    with pytest.raises(StoreFullError):
        store.restore("w", WorldRecords([record(99, input="x" * 2**20)], (), {}))


def test_what_is_in_flight_never_makes_way() -> None:
    store = a_store(capacity=1, now=START + 2_499)
    store.add(record(1), None)

    with pytest.raises(StoreFullError):
        store.add(record(2), None)
    assert store.get(record(1).id) is not None


def test_forgetting_a_world_leaves_the_others() -> None:
    store = a_store()
    store.add(record(1, world="a"), None)
    store.add(record(2, world="b"), None)

    store.forget("a")

    assert (store.of_world("a"), len(store.of_world("b"))) == ((), 1)


def test_forgetting_a_world_that_never_was_is_nothing() -> None:
    a_store().forget("never")


@pytest.mark.parametrize("number", [1, 2])
def test_a_replacement_that_comes_too_late_is_refused(number: int) -> None:
    store = a_store()
    store.add(record(1), None)

    assert not store.replace(record(number), record(number, reads=1))


def test_what_may_still_be_in_flight_is_listed_until_somebody_looks() -> None:
    store = a_store()
    listed = {
        "by the clock": record(1, plan=ending(4)),
        "never": record(2, plan=endless()),
        "by reads": record(3, plan=ending(1, unit="reads")),
    }
    for each in (*listed.values(), record(4, world="v")):
        store.add(each, None)

    assert {each.id for each in store.running("w")} == {each.id for each in listed.values()}
    store.add(record(5, created_at=START + 4), None)
    assert {each.id for each in store.running("w")} == {record(number).id for number in (2, 3, 5)}


def test_what_was_read_to_its_end_is_in_flight_no_longer() -> None:
    store = a_store()
    unread = record(1, plan=ending(1, unit="reads"))
    store.add(unread, None)

    store.replace(unread, after_read(unread, START + 1))

    assert store.running("w") == ()


def test_the_version_that_is_in_flight_is_the_latest() -> None:
    store = a_store()
    unread = record(1, plan=ending(3, unit="reads"))
    store.add(unread, None)
    read = after_read(unread, START + 1)

    store.replace(unread, read)

    assert store.running("w") == (read,)


def test_arrivals_are_those_that_were_counted_oldest_first() -> None:
    store = a_store()
    for passed in (0, 3, 3, 4):  # the fourth finds the window full
        store.admit("w", START + passed, RATE)

    assert store.arrivals("w") == (START, START + 3, START + 3)
    assert store.arrivals("v") == ()


def test_no_more_arrivals_are_kept_than_a_window_holds() -> None:
    store = a_store()
    for passed in range(0, 100, 10):
        store.admit("w", START + passed, RATE)

    assert store.arrivals("w") == (START + 70, START + 80, START + 90)


def test_nothing_of_a_world_without_a_limit_is_counted() -> None:
    store = a_store()
    store.admit("w", START, None)

    assert store.arrivals("w") == ()
