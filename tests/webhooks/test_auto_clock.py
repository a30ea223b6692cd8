"""The auto clock: it skips to what is waited for, to nothing else, and never past an output that somebody may want."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.webhooks import auto_clock
from eachlabs_mock.webhooks.egress import Outcome
from helpers.harness import UNKNOWN_ID
from helpers.owner import HOOK, PATIENCE, STUCK, Owner, Postbox

AUTO: dict[str, Any] = {"clock": "auto"}


@pytest.fixture
def nobody_idles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets only polls and refusals move clocks."""
    monkeypatch.setattr(auto_clock, "IDLE", 3_600)


def creates(owner: Owner, *durations: float, **options: Any) -> list[str]:
    """Create a prediction of each of these durations."""
    made = []
    for duration in durations:
        owner.ask("PATCH", "/settings", {"duration": duration})
        made.append(owner.created(**options))
    return made


@pytest.mark.usefixtures("nobody_idles")
@pytest.mark.parametrize("duration", [0.001, 2.5, 17, 86_400])
def test_a_program_that_polls_sees_success_at_its_second_poll(duration: float) -> None:
    owner = Owner(**AUTO)
    [made] = creates(owner, duration)

    seen = [owner.read(made).json["status"] for _ in range(3)]

    assert (seen, owner.seconds()) == (["processing", "success", "success"], duration)


@pytest.mark.usefixtures("nobody_idles")
def test_a_poll_skips_to_the_next_change_only_whosever_it_is() -> None:
    owner = Owner(**AUTO)
    *_, last = creates(owner, 1, 3, 2)
    slowest = creates(owner, 60)[0]

    instants = [owner.seconds() for _ in range(5) if owner.read(slowest)]

    assert instants == [1, 2, 3, 60, 60]
    assert owner.read(last).json["status"] == "success"


@pytest.mark.usefixtures("nobody_idles")
def test_a_poll_skips_to_a_webhook_that_is_tried_again_and_not_past_it() -> None:
    postbox = Postbox(500)
    owner = Owner(send=postbox.send, webhook_attempts=2, **AUTO)
    creates(owner, 1, webhook_url=HOOK)
    [slow] = creates(owner, 60)

    owner.read(slow)
    postbox.await_attempts(1)
    owner.ask("POST", "/deliveries/wait", {"timeout": PATIENCE})
    owner.read(slow)

    postbox.await_attempts(1)
    assert owner.seconds() == 11


@pytest.mark.usefixtures("nobody_idles")
def test_nothing_moves_where_nothing_will_change() -> None:
    owner = Owner(**AUTO)
    made = owner.created(headers={"X-API-Key": "key-of-the-tests", **STUCK})

    owner.read(made)

    assert owner.seconds() == 0


@pytest.mark.usefixtures("nobody_idles")
@pytest.mark.parametrize(
    "call",
    [
        lambda owner: owner.read(UNKNOWN_ID),
        lambda owner: owner.create(),
        lambda owner: owner.create(guidance=11),
        lambda owner: owner.get("/v1/models"),
        lambda owner: owner.ask("GET", "/predictions"),
    ],
)
def test_only_a_poll_that_finds_nothing_new_and_a_429_make_time_pass(call: Callable[[Owner], object]) -> None:
    owner = Owner(**AUTO)
    owner.created()

    call(owner)

    assert owner.seconds() == 0


@pytest.mark.usefixtures("nobody_idles")
def test_a_poll_that_finds_an_end_makes_no_time_pass() -> None:
    owner = Owner(**AUTO)
    made, _ = creates(owner, 1, 60)
    owner.read(made)

    owner.read(made)

    assert owner.seconds() == 1


@pytest.mark.usefixtures("nobody_idles")
@pytest.mark.parametrize("mode", ["manual", "real"])
def test_no_clock_of_another_mode_skips(mode: str) -> None:
    owner = Owner(clock=mode, speed=0.001 if mode == "real" else 1.0, rate_limit=Rate(2, 60_000))
    made = owner.created(webhook_url=HOOK)

    statuses = [owner.read(made).status_code for _ in range(3)]

    assert statuses == [200, 429, 429]
    assert owner.seconds() < 1


@pytest.mark.usefixtures("nobody_idles")
@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"rate_limit": Rate(1, 60_000)}, "60"),
        ({"rate_limit": Rate(1, 1)}, "1"),
        ({"max_in_flight": 1}, "3"),
        ({"max_in_flight": 1, "rate_limit": Rate(1, 7_500)}, "8"),
        ({"max_in_flight": 1, "retry_after": False}, None),
    ],
)
def test_after_a_429_the_same_call_passes(settings: dict[str, Any], advice: str | None) -> None:
    owner = Owner(**AUTO, **settings)
    owner.created()
    refused = owner.create()

    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, advice)
    assert owner.create().status_code == 200


@pytest.mark.usefixtures("nobody_idles")
def test_a_429_skips_by_what_it_advises() -> None:
    owner = Owner(max_in_flight=1, **AUTO)
    owner.created()

    owner.create()

    assert owner.seconds() == 3


@pytest.mark.usefixtures("nobody_idles")
def test_webhooks_that_fall_due_on_the_way_are_dated_at_their_own_instants() -> None:
    owner = Owner(rate_limit=Rate(3, 60_000), **AUTO)
    creates(owner, 1, 2, 3, webhook_url=HOOK)

    assert owner.create().status_code == 429

    seen = owner.ask("POST", "/deliveries/wait", {"count": 3, "timeout": PATIENCE})["deliveries"]
    dates = sorted(each["attempts"][0]["created_at"][17:] for each in seen)
    assert (dates, owner.seconds()) == (["01.000Z", "02.000Z", "03.000Z"], 60)


@pytest.mark.usefixtures("nobody_idles")
def test_no_clock_skips_past_the_expiry_of_an_output_that_nobody_has_fetched() -> None:
    owner = Owner(output_expiry=5.0, **AUTO)
    quick, slow = creates(owner, 1, 60)

    instants = [owner.seconds() for _ in range(4) if owner.read(slow)]
    fetched = owner.get(f"/outputs/{quick}.webp").status_code
    owner.read(slow)

    assert (instants, fetched, owner.seconds()) == ([1, 5.999, 5.999, 5.999], 200, 60)


@pytest.mark.usefixtures("nobody_idles")
def test_an_output_that_has_expired_holds_nothing_up() -> None:
    owner = Owner(output_expiry=5.0, **AUTO)
    _, slow = creates(owner, 1, 60)
    owner.ask("POST", "/clock/advance", {"seconds": 6})

    owner.read(slow)

    assert owner.seconds() == 60


@pytest.mark.usefixtures("nobody_idles")
def test_time_passes_in_the_world_that_was_polled_only() -> None:
    owner = Owner(**AUTO)
    owner.created(key="other")

    owner.read(owner.created())

    assert (owner.seconds(), owner.seconds("other")) == (2.5, 0)


def test_a_webhook_comes_without_anybody_asking() -> None:
    postbox = Postbox()
    owner = Owner(send=postbox.send, **AUTO)

    owner.created(webhook_url=HOOK)

    postbox.await_attempts(1)
    assert owner.seconds() == 2.5


def test_a_webhook_is_tried_again_without_anybody_asking() -> None:
    postbox = Postbox(500, 500)
    owner = Owner(send=postbox.send, webhook_attempts=3, **AUTO)

    owner.created(webhook_url=HOOK)

    postbox.await_attempts(3)
    assert owner.seconds() == 22.5


def test_a_receiver_that_hangs_holds_up_no_poll() -> None:
    over = threading.Event()
    owner = Owner(send=lambda *_: Outcome(200 if over.wait(PATIENCE) else 500, "", ""), **AUTO)
    made = owner.created(webhook_url=HOOK)

    seen = [owner.read(made).json["status"] for _ in range(2)]

    over.set()
    assert seen == ["processing", "success"]


def test_a_prediction_ends_without_anybody_asking() -> None:
    owner = Owner(**AUTO)
    creates(owner, 5, 60)

    seen = owner.ask("POST", "/predictions/wait", {"status": "success", "count": 2, "timeout": PATIENCE})

    assert len(seen["predictions"]) == 2
    assert owner.seconds() == 60


def test_a_clock_that_becomes_auto_moves_on_by_itself() -> None:
    owner = Owner()
    owner.created()

    owner.ask("PUT", "/clock", {"mode": "auto"})

    assert owner.ask("POST", "/predictions/wait", {"status": "success", "timeout": PATIENCE})


def test_a_clock_that_is_auto_no_longer_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    fired = threading.Event()
    idle = auto_clock.AutoClock._idle

    def told(clock: auto_clock.AutoClock, *world: Any) -> None:
        idle(clock, *world)
        fired.set()

    monkeypatch.setattr(auto_clock.AutoClock, "_idle", told)
    owner = Owner(**AUTO)
    owner.created()
    owner.ask("PUT", "/clock", {"mode": "manual"})

    assert fired.wait(PATIENCE)
    assert owner.seconds() == 0


def test_a_world_that_was_reset_moves_on_by_itself_too() -> None:
    owner = Owner(**AUTO)
    creates(owner, 60, 3_600, 7_200)
    owner.ask("POST", "/reset")
    owner.created()

    assert owner.ask("POST", "/predictions/wait", {"status": "success", "timeout": PATIENCE})
    assert owner.seconds() == 2.5


def test_worlds_idle_each_for_themselves() -> None:
    owner = Owner(**AUTO)
    for key in ("one", "two", "three"):
        owner.created(key=key)

    for key in ("one", "two", "three"):
        owner.ask("POST", "/predictions/wait", {"status": "success", "timeout": PATIENCE}, key=key)
        assert owner.seconds(key) == 2.5


def clock_of(owner: Owner) -> auto_clock.AutoClock:
    clock = owner.app.emulator._auto_advance
    assert isinstance(clock, auto_clock.AutoClock)
    return clock


def held() -> tuple[Owner, str]:
    """Return an emulator whose clock waits for an output to be fetched, and the prediction that has it."""
    owner = Owner(output_expiry=5.0, **AUTO)
    quick, slow = creates(owner, 1, 60)
    for _ in range(2):
        owner.read(slow)
    assert owner.seconds() == 5.999
    return owner, quick


@pytest.mark.usefixtures("nobody_idles")
def test_a_clock_that_is_held_does_not_try_again_and_again() -> None:
    owner, _ = held()

    clock_of(owner)._idle(owner.world())

    assert clock_of(owner)._timers == {}


@pytest.mark.usefixtures("nobody_idles")
@pytest.mark.parametrize(
    "release",
    [
        lambda owner, made: owner.get(f"/outputs/{made}.webp"),
        lambda owner, _: owner.ask("PATCH", "/settings", {"output_expiry": "off"}),
        lambda owner, _: owner.ask("POST", "/clock/advance", {"seconds": 1}),
        lambda owner, _: owner.read(UNKNOWN_ID),
    ],
)
def test_a_clock_that_was_held_looks_again_when_something_has_changed(
    release: Callable[[Owner, str], object],
) -> None:
    owner, made = held()
    clock_of(owner)._idle(owner.world())

    release(owner, made)

    assert list(clock_of(owner)._timers) == [owner.world()]


@pytest.mark.usefixtures("nobody_idles")
def test_a_clock_goes_on_after_a_webhook_that_was_due_already() -> None:
    postbox = Postbox()
    owner = Owner(send=postbox.send, **AUTO)
    owner.ask("PATCH", "/settings", {"progress": "immediate"})
    owner.created(webhook_url=HOOK)
    owner.ask("PATCH", "/settings", {"progress": "time"})
    owner.created()

    for _ in range(2):
        clock_of(owner)._idle(owner.world())

    postbox.await_attempts(1)
    assert owner.seconds() == 2.5


@pytest.mark.usefixtures("nobody_idles")
def test_nothing_moves_any_clock_when_the_pump_has_stopped() -> None:
    owner = Owner(**AUTO)
    owner.app.dispatcher.start()
    owner.created()
    [timer] = clock_of(owner)._timers.values()

    owner.app.dispatcher.stop()
    owner.created()
    clock_of(owner)._idle(owner.world())

    timer.join(PATIENCE)
    assert (timer.is_alive(), clock_of(owner)._timers, owner.seconds()) == (False, {}, 0)


@pytest.mark.usefixtures("nobody_idles")
def test_a_world_that_is_over_moves_no_more() -> None:
    owner = Owner(**AUTO)
    before = owner.world()
    owner.ask("POST", "/reset")
    owner.created()

    clock_of(owner)._idle(before)

    assert before.clock.now() == owner.world().clock.now()
