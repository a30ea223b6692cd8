"""An emulator with its store in a file, in this process: what is killed and started again is the same emulator."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from werkzeug.test import TestResponse

from eachlabs_mock.app import assemble
from eachlabs_mock.core.clock import WorldClock, restored_clock
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.emulator.world import world_of_key
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.stores.sqlite_database import SqliteDatabase, StoreFileError
from eachlabs_mock.webhooks.egress import Outcome
from helpers.harness import KEY, START
from helpers.owner import FAIL, HOOK, PATIENCE, STUCK, Postbox, named
from helpers.restarts import Lives, MakeLives

END = 4_000_000_000_000
"""Long after this test."""

OFTEN = {"webhook_attempts": 3, "max_predictions": 8, "rate_limit": Rate(20, 10_000)}


class Restarts(RuleBasedStateMachine):
    """Does to an emulator what callers and owners might do, and kills it at any moment."""

    @initialize()
    def begin(self) -> None:
        self.directory = TemporaryDirectory()
        self.code = 200
        self.lives = Lives(Path(self.directory.name, "store.db"), lambda *_: Outcome(self.code, "", "?"), **OFTEN)
        self.ids: list[str] = []
        self.request_ids: set[str] = set()

    def note(self, answer: TestResponse) -> None:
        request_id = answer.headers["X-Request-Id"]
        assert request_id not in self.request_ids
        self.request_ids.add(request_id)

    @rule(
        webhook=st.sampled_from(["", HOOK]),
        headers=st.sampled_from([{}, FAIL, STUCK, {"X-Mock-Fault": "drop"}]),
        prompt=st.sampled_from(["a kite", "[mock:fail]", "[mock:duplicate]", "[mock:late; seconds=3]", "[mock:early]"]),
    )
    def create(self, webhook: str, headers: dict[str, str], prompt: str) -> None:
        answer = self.lives.owner.create(webhook_url=webhook, headers=headers, prompt=prompt)
        self.note(answer)
        if answer.status_code == 200:
            assert answer.json["predictionID"] not in self.ids
            self.ids.append(answer.json["predictionID"])

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 50))
    def poll(self, which: int) -> None:
        self.note(self.lives.owner.read(self.ids[which % len(self.ids)]))

    @rule(seconds=st.sampled_from([0.1, 1, 2.5, 10]))
    def time_passes(self, seconds: float) -> None:
        self.lives.owner.ask("POST", "/clock/advance", {"seconds": seconds})

    @rule(code=st.sampled_from([200, 500]))
    def receiver_answers_otherwise(self, code: int) -> None:
        self.code = code

    @rule(
        change=st.sampled_from(
            [
                {"duration": 4},
                {"progress": "reads:2"},
                {"progress": "time"},
                {"output_expiry": 5},
                {"rate_limit": "off"},
            ]
        )
    )
    def change_settings(self, change: dict[str, Any]) -> None:
        self.lives.owner.ask("PATCH", "/settings", change)

    @rule(fault=st.sampled_from(["http_error", "fail", "late", "reorder", "drop"]), times=st.integers(1, 3))
    def arm(self, fault: str, times: int) -> None:
        self.lives.owner.ask("POST", "/faults", {"fault": fault, "times": times})

    @rule(scope=st.sampled_from(["journal", "faults", "clock", "all"]))
    def reset(self, scope: str) -> None:
        self.lives.owner.ask("POST", f"/reset?scope={scope}")
        if scope == "all":  # a new world, which counts from 1
            self.ids.clear()
            self.request_ids.clear()

    @rule()
    def import_what_was_exported(self) -> None:
        self.lives.owner.ask("PUT", "/state", self.lives.owner.ask("GET", "/state"))

    @rule()
    def kill(self) -> None:
        before = self.lives.state()

        self.lives.crash()

        assert self.lives.state() == before

    def teardown(self) -> None:
        self.lives.close()
        self.directory.cleanup()


TestRestarts = Restarts.TestCase
TestRestarts.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=25)


@pytest.fixture
def make_lives(tmp_path: Path) -> Iterator[MakeLives]:
    made: list[Lives] = []

    def make(**options: Any) -> Lives:
        made.append(Lives(tmp_path / "store.db", **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


class Hanging:
    """A receiver that does not answer before it may."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.called, self.released = threading.Event(), threading.Event()

    def send(self, _: str, body: bytes, *__: object) -> Outcome:
        self.bodies.append(body)
        self.called.set()
        assert self.released.wait(PATIENCE)
        return Outcome(200, "", "")


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    receiver = Hanging()
    yield receiver
    receiver.released.set()


def attempts(lives: Lives) -> list[tuple[str, str]]:
    """Return status and error of every attempt."""
    listed = lives.owner.ask("GET", "/deliveries")["deliveries"]
    return [(each["status"], each["error_message"]) for delivery in listed for each in delivery["attempts"]]


def cut_off(lives: Lives, hanging: Hanging, **settings: Any) -> None:
    """Kill the emulator while it attempts a webhook."""
    lives.owner.created(webhook_url=HOOK)
    moving = threading.Thread(target=lives.owner.ask, args=("POST", "/clock/advance", {"seconds": 2.5}))
    moving.start()
    assert hanging.called.wait(PATIENCE)
    before = lives.owner
    lives.crash(**settings)
    hanging.released.set()
    moving.join()
    before.app.emulator.store.close()


def pass_on(lives: Lives, seconds: float = 60) -> None:
    lives.owner.ask("POST", "/clock/advance", {"seconds": seconds})


def test_an_attempt_cut_off_is_failed_and_not_repeated(make_lives: MakeLives, hanging: Hanging) -> None:
    lives = make_lives(send=hanging.send, webhook_attempts=3)

    cut_off(lives, hanging)
    pass_on(lives)

    assert attempts(lives) == [("FAILED", "interrupted")]
    assert len(hanging.bodies) == 1


def test_an_attempt_cut_off_is_repeated_where_that_is_wanted(make_lives: MakeLives, hanging: Hanging) -> None:
    lives = make_lives(send=hanging.send)

    cut_off(lives, hanging, webhook_resend_interrupted=True)
    lives.crash()  # before it is
    pass_on(lives)

    assert attempts(lives) == [("FAILED", "interrupted"), ("SUCCESS", "")]
    assert hanging.bodies[0] == hanging.bodies[1]


def test_what_was_cut_off_once_is_told_once(make_lives: MakeLives, hanging: Hanging) -> None:
    lives = make_lives(send=hanging.send)
    cut_off(lives, hanging)

    for _ in range(2):
        lives.crash()

    assert attempts(lives) == [("FAILED", "interrupted")]


def test_what_fell_due_meanwhile_is_sent_and_once(make_lives: MakeLives) -> None:
    postbox = Postbox()
    lives = make_lives(send=postbox.send, clock="real", start=None, duration=0.001)
    created = lives.owner.created(webhook_url=HOOK)  # nothing is sent: its dispatcher has not been started

    for _ in range(2):
        dispatcher = lives.crash().app.dispatcher
        dispatcher.start()
        if not attempts(lives):
            lives.owner.ask("POST", "/deliveries/wait", {"count": 1, "timeout": PATIENCE})
        dispatcher.stop()

    assert [orjson.loads(each)["exec_id"] for each in postbox.bodies] == [created]


def test_the_webhook_of_a_prediction_that_made_way_is_sent_all_the_same(make_lives: MakeLives) -> None:
    postbox = Postbox()
    lives = make_lives(send=postbox.send, clock="real", start=None, duration=0.001, max_predictions=1)
    created = lives.owner.created(webhook_url=HOOK)
    lives.owner.world().clock.move_to(lives.owner.world().clock.now() + 5)
    lives.owner.created()

    lives.crash()
    pass_on(lives)
    lives.crash()
    pass_on(lives)

    assert [orjson.loads(each)["exec_id"] for each in postbox.bodies] == [created]


def test_what_made_way_and_was_sent_is_not_sent_again(make_lives: MakeLives) -> None:
    postbox = Postbox()
    lives = make_lives(send=postbox.send, clock="real", start=None, duration=0.001, max_predictions=1)
    lives.owner.created(webhook_url=HOOK)
    lives.owner.world().clock.move_to(lives.owner.world().clock.now() + 5)
    lives.owner.created()

    pass_on(lives)
    lives.crash()
    pass_on(lives)

    assert len(postbox.bodies) == 1


def ask_in_a_prompt(lives: Lives) -> None:
    lives.owner.created(webhook_url=HOOK, prompt="[mock:late; seconds=3]")


def import_it_again(lives: Lives) -> None:
    lives.owner.created(webhook_url=HOOK)
    pass_on(lives)
    lives.owner.created(webhook_url=HOOK)
    lives.owner.ask("PUT", "/state", lives.owner.ask("GET", "/state"))


def forget_deliveries(lives: Lives) -> None:
    lives.owner.created(webhook_url=HOOK)
    pass_on(lives)
    lives.owner.ask("POST", "/reset?scope=journal")


def have_the_last_make_way(lives: Lives) -> None:
    lives.owner.created()
    pass_on(lives)
    lives.owner.created(key="another")


def ask_too_often(lives: Lives) -> None:
    for _ in range(5):
        lives.owner.read("nothing")


def lose_a_webhook(lives: Lives) -> None:
    created = lives.owner.created(webhook_url=HOOK)
    pass_on(lives)
    lives.owner.ask("POST", "/faults", {"fault": "drop", "times": 1})
    lives.owner.ask("POST", f"/deliveries/{created}/redeliver")


@pytest.mark.parametrize(
    "work",
    [ask_in_a_prompt, import_it_again, forget_deliveries, have_the_last_make_way, ask_too_often],
)
def test_what_was_done_last_is_there_again(make_lives: MakeLives, work: Callable[[Lives], None]) -> None:
    lives = make_lives(max_predictions=2, rate_limit=Rate(3, 10_000), count_refused=True)
    if work is have_the_last_make_way:
        lives.owner.created(key="a third")
    work(lives)
    before = lives.state()

    lives.crash()

    assert lives.state() == before


def test_a_fault_that_struck_a_webhook_is_counted_in_the_next_life(make_lives: MakeLives) -> None:
    lives = make_lives()
    lose_a_webhook(lives)

    lives.crash()

    assert [each["strikes"] for each in lives.owner.ask("GET", "/faults")["faults"]] == [1]


def test_a_clock_keeps_the_speed_it_was_given(make_lives: MakeLives) -> None:
    lives = make_lives()
    lives.owner.ask("PUT", "/clock", {"mode": "scaled", "speed": 3})

    clock = lives.crash().world().clock

    assert (clock.mode, clock.speed) == ("scaled", 3.0)


def test_a_clock_that_runs_never_goes_back(make_lives: MakeLives) -> None:
    lives = make_lives(clock="real", start=None)
    pass_on(lives, 3600)
    shown = lives.owner.world().clock.now()

    assert lives.crash().world().clock.now() >= shown


def test_the_time_that_polls_were_shown_is_kept(make_lives: MakeLives) -> None:
    lives = make_lives(clock="real", start=None, rate_limit=None)
    lives.owner.world().clock.move_to(END)  # of which nobody has told the store
    lives.owner.read("nothing")

    assert lives.crash().world().clock.now() >= END


def test_a_clock_that_runs_goes_on_from_what_the_wall_shows() -> None:
    before = WorldClock().now()

    assert restored_clock("real", 1.0, START, follows_wall=True).now() >= before
    assert restored_clock("scaled", 2.0, START, follows_wall=True).now() >= before
    assert restored_clock("real", 1.0, before + 10**9, follows_wall=True).now() >= before + 10**9


@pytest.mark.parametrize("mode", ["manual", "auto"])
def test_a_clock_that_stands_goes_on_from_where_it_stood(mode: Any) -> None:
    clock = restored_clock(mode, 1.0, START, follows_wall=True)

    assert (clock.mode, clock.now()) == (mode, START)


def test_a_clock_that_was_told_where_to_begin_does_not_follow_the_wall() -> None:
    assert START <= restored_clock("real", 1.0, START, follows_wall=False).now() < START + PATIENCE * 1000


def test_the_clocks_of_a_later_life_are_as_the_tests_want_them(tmp_path: Path) -> None:
    options: Any = {"store": tmp_path / "store.db", "log_format": "off", "seed": 7}
    clock = WorldClock("manual", start=START)
    first = assemble(Settings(**options), clock=lambda: clock)
    first.emulator.identify([KEY], "")
    first.emulator.store.close()

    second = assemble(Settings(**options), clock=lambda: clock)

    assert second.emulator.identify([KEY], "").clock is clock
    second.emulator.store.close()


def test_flags_rule_again_what_no_owner_has_changed(make_lives: MakeLives) -> None:
    lives = make_lives(duration=3.0, max_in_flight=5)
    lives.owner.ask("PATCH", "/settings", {"max_in_flight": 6})

    lives.crash(duration=9.0, max_in_flight=7)

    shown = lives.owner.ask("GET", "/settings")
    assert (shown["duration"], shown["max_in_flight"]) == (9.0, 6)


def test_a_world_keeps_its_seed_whatever_the_next_run_has(make_lives: MakeLives) -> None:
    lives = make_lives(seed=7)
    lives.owner.created()

    assert lives.crash(seed=8).world().seed == 7
    assert lives.owner.world("another key").seed == 8


def test_the_longest_idle_world_makes_way_for_good(make_lives: MakeLives) -> None:
    lives = make_lives(clock="real", start=None)
    for key in ("two", "one"):
        lives.owner.created(key=key)
    lives.owner.ask("POST", "/clock/advance", {"seconds": 60}, key="two")

    lives.crash(max_worlds=1)

    store = lives.owner.app.emulator.store
    assert [len(store.of_world(world_of_key(key))) for key in ("one", "two")] == [0, 1]


def test_what_worlds_left_behind_is_not_in_the_way(make_lives: MakeLives, tmp_path: Path) -> None:
    lives = make_lives()
    lives.owner.created()
    lives.close()
    file = SqliteDatabase(tmp_path / "store.db")
    file.write(("DELETE FROM facts", ()))
    file.close()

    lives.crash()

    assert lives.owner.created()


@pytest.mark.parametrize(
    ("damage", "settings", "told"),
    [
        ("UPDATE facts SET document = '{'", {}, "cannot be restored"),
        ("UPDATE facts SET document = '{}'", {}, "cannot be restored: 'clock'"),
        ("SELECT 1", {"wire_faults": False}, "needs a server that was started with --wire-faults"),
    ],
    ids=["no JSON", "no facts", "a rule for sockets"],
)
def test_a_world_that_cannot_be_woken_is_told(
    make_lives: MakeLives, tmp_path: Path, damage: str, settings: Any, told: str
) -> None:
    lives = make_lives(wire_faults=True)
    lives.owner.ask("POST", "/faults", {"fault": "hang"})
    lives.close()
    file = SqliteDatabase(tmp_path / "store.db")
    file.write((damage, ()))
    file.close()

    with pytest.raises(StoreFileError, match=told):
        lives.crash(**settings)


def test_a_store_that_was_refused_can_be_mended_at_once(make_lives: MakeLives, tmp_path: Path) -> None:
    lives, path = make_lives(), tmp_path / "store.db"
    lives.owner.created()
    lives.close()
    file = SqliteDatabase(path)
    file.write(("UPDATE facts SET document = '{'", ()))
    file.close()
    with pytest.raises(StoreFileError) as refusal:
        assemble(Settings(store=path, log_format="off"))

    mended = SqliteDatabase(path)

    mended.close()
    assert "cannot be restored" in str(refusal.value)


def refuse_writes(lives: Lives, on: str = "ON") -> None:
    file: Any = lives.owner.app.emulator.store
    file._file._connection.execute(f"PRAGMA query_only = {on}")


@pytest.mark.parametrize("lane", [True, False], ids=["lane", "flask"])
def test_a_create_that_cannot_be_kept_is_refused_and_uses_nothing_up(make_lives: MakeLives, *, lane: bool) -> None:
    lives = make_lives(lane=lane)
    lives.owner.world()
    refuse_writes(lives)

    refusal = lives.owner.create(webhook_url=HOOK)

    refuse_writes(lives, "OFF")
    assert (refusal.status_code, refusal.json["message"]) == (500, "The emulator cannot write its store")
    assert "it cannot be written" in refusal.json["details"]
    assert lives.owner.ask("GET", "/predictions") == {"predictions": []}
    assert lives.owner.created() == lives.owner.world().prediction_id(1)


def test_polls_are_answered_while_nothing_can_be_written(make_lives: MakeLives) -> None:
    lives = make_lives()
    created = lives.owner.created()
    refuse_writes(lives)

    assert lives.owner.read(created).status_code == 200


def test_owner_is_told_what_cannot_be_kept(make_lives: MakeLives) -> None:
    lives = make_lives()
    lives.owner.world()
    refuse_writes(lives)

    answer = lives.owner.control("PATCH", "/settings", {"duration": 1})

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "it cannot be written" in answer.json["detail"]


def test_a_webhook_that_cannot_be_claimed_is_sent_in_a_later_life(make_lives: MakeLives) -> None:
    postbox = Postbox()
    lives = make_lives(send=postbox.send)
    lives.owner.created(webhook_url=HOOK)
    refuse_writes(lives)
    pass_on(lives)
    assert [status for status, _ in attempts(lives)] == ["FAILED"]
    assert postbox.bodies == []

    lives.crash()
    pass_on(lives)

    assert attempts(lives) == [("SUCCESS", "")]
    assert len(postbox.bodies) == 1


def test_worlds_do_not_mix(make_lives: MakeLives) -> None:
    lives = make_lives()
    for world in ("one", "two", "two"):
        lives.owner.created(headers=named(world))

    lives.crash()

    store = lives.owner.app.emulator.store
    assert [len(store.of_world(world)) for world in ("one", "two")] == [1, 2]
