"""Starting anew: wholly, so that nothing tells a world from a new one, or in part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.harness import START, UNKNOWN_ID
from helpers.owner import HOOK, PATIENCE, Owner, Postbox
from helpers.worlds import FEWER, STEP, Step, take, views

LIVES = st.lists(STEP, max_size=10)


@FEWER
@given(LIVES, LIVES)
def test_a_world_that_was_reset_lives_like_a_new_one(before: list[Step], after: list[Step]) -> None:
    used, new = Owner(), Owner()
    for step in before:
        take(used, "w", step)
    used.ask("POST", "/reset", key=None, **{"X-Mock-World": "w"})

    assert [take(used, "w", step) for step in after] == [take(new, "w", step) for step in after]
    assert views(used, "w") == views(new, "w")


@FEWER
@given(LIVES)
def test_two_emulators_of_one_seed_live_the_same(steps: list[Step]) -> None:
    one, two = Owner(), Owner()

    assert [take(one, "w", step) for step in steps] == [take(two, "w", step) for step in steps]
    assert views(one, "w") == views(two, "w")


@pytest.mark.parametrize("scope", ["", "?scope=all"])
def test_a_reset_answers_with_the_new_clock(scope: str) -> None:
    owner = Owner()
    owner.created()
    owner.ask("POST", "/clock/advance", {"seconds": 9})

    assert owner.ask("POST", f"/reset{scope}") == {**Owner().ask("GET", "/clock"), "now_ms": START}


def used() -> Owner:
    """Return an emulator in whose world everything has been touched."""
    owner = Owner()
    owner.created(webhook_url=HOOK)
    owner.ask("POST", "/clock/advance", {"seconds": 5})
    owner.ask("PUT", "/clock", {"mode": "auto"})
    owner.ask("POST", "/predictions/fail-next", {"times": 2})
    owner.ask("PATCH", "/settings", {"max_in_flight": 3})
    return owner


def state(owner: Owner) -> dict[str, object]:
    return {
        "journal": [len(owner.ask("GET", f"/{each}")[each]) for each in ("requests", "deliveries")],
        "faults": sum(each.left or 0 for each in owner.world().rules.armed),
        "clock": owner.ask("GET", "/clock")["mode"],
        "predictions": len(owner.ask("GET", "/predictions")["predictions"]),
        "max_in_flight": owner.ask("GET", "/settings")["max_in_flight"],
    }


TOUCHED = {"journal": [1, 1], "faults": 2, "clock": "auto", "predictions": 1, "max_in_flight": 3}
NEW = {"journal": [0, 0], "faults": 0, "clock": "manual", "predictions": 0, "max_in_flight": 10}


@pytest.mark.parametrize("scope", ["journal", "faults", "clock"])
def test_a_scope_is_all_that_is_reset(scope: str) -> None:
    owner = used()
    assert state(owner) == TOUCHED

    owner.ask("POST", f"/reset?scope={scope}")

    assert state(owner) == {**TOUCHED, scope: NEW[scope]}


def test_a_reset_of_all_leaves_nothing() -> None:
    owner = used()

    owner.ask("POST", "/reset")

    assert state(owner) == NEW


def test_a_clock_that_is_reset_does_not_go_back() -> None:
    owner = used()

    owner.ask("POST", "/reset?scope=clock")

    assert owner.seconds() == 5


def test_a_journal_that_was_reset_does_not_use_its_numbers_again() -> None:
    owner = used()
    owner.ask("POST", "/reset?scope=journal")
    owner.read(UNKNOWN_ID)

    assert [each["number"] for each in owner.ask("GET", "/requests?since=1")["requests"]] == [2]


@pytest.mark.parametrize("scope", ["everything", "", "settings"])
def test_an_unknown_scope_is_refused_with_those_there_are_and_nothing_is_reset(scope: str) -> None:
    owner = used()

    refusal = owner.refusal("POST", f"/reset?scope={scope}")

    assert refusal["field"] == "scope"
    assert "must be one of journal, faults, clock, all" in refusal["detail"]
    assert state(owner) == TOUCHED


def test_a_reset_stays_in_its_world() -> None:
    owner = used()

    owner.ask("POST", "/reset", key="other")

    assert state(owner) == TOUCHED


@pytest.mark.parametrize("successor", ["reset", "import"])
def test_what_was_not_yet_sent_by_a_world_that_made_way_is_never_sent(successor: str) -> None:
    postbox = Postbox()
    owner = Owner(send=postbox.send, clock="real", speed=1000.0)
    empty = owner.ask("GET", "/state")
    owner.app.dispatcher.start()
    owner.ask("PATCH", "/settings", {"duration": 60})
    owner.created(webhook_url=HOOK)
    begin_anew = {"reset": ("POST", "/reset", None), "import": ("PUT", "/state", empty)}
    owner.ask(*begin_anew[successor])
    owner.ask("PATCH", "/settings", {"duration": 120})
    owner.created(webhook_url=HOOK)

    owner.ask("POST", "/deliveries/wait", {"timeout": PATIENCE})
    owner.app.dispatcher.stop()
    assert len(postbox.bodies) == 1
