"""Worlds beside one another: whatever is done in one, the other answers as if it were alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.harness import KEY
from helpers.owner import PATIENCE, Owner, named
from helpers.worlds import FEWER, STEP, Step, take, views


@FEWER
@given(st.lists(st.tuples(st.booleans(), STEP), max_size=12))
def test_a_world_among_others_answers_as_it_would_alone(mixed: list[tuple[bool, Step]]) -> None:
    together, alone = Owner(), Owner()

    answers = [(mine, take(together, "mine" if mine else "other", step)) for mine, step in mixed]
    expected = [take(alone, "mine", step) for mine, step in mixed if mine]

    assert [answer for mine, answer in answers if mine] == expected
    assert views(together, "mine") == views(alone, "mine")


def test_a_clock_that_is_moved_moves_in_its_own_world_only() -> None:
    owner = Owner()
    mine = owner.created()
    owner.created(key="other")

    owner.ask("POST", "/clock/advance", {"seconds": 60}, key="other")

    assert (owner.read(mine).json["status"], owner.seconds(), owner.seconds("other")) == ("processing", 0, 60)


def test_a_failure_on_order_waits_in_its_own_world_only() -> None:
    owner = Owner()
    owner.ask("POST", "/predictions/fail-next", {"times": 5})
    theirs = owner.created(key="other")
    owner.ask("POST", "/clock/next", key="other")

    assert owner.read(theirs, key="other").json["status"] == "success"


def test_a_world_chosen_by_name_is_the_same_on_both_planes() -> None:
    owner = Owner()
    made = owner.created(headers=named("shared"))

    shown = owner.ask("GET", "/predictions", key=None, **named("shared"))["predictions"]

    assert [each["id"] for each in shown] == [made]
    assert owner.ask("GET", "/predictions")["predictions"] == []


def test_the_world_of_a_key_is_the_same_by_either_carrier() -> None:
    owner = Owner()
    made = owner.created(key="carried")

    shown = owner.ask("GET", "/predictions", key=None, Authorization="Bearer carried")["predictions"]

    assert [each["id"] for each in shown] == [made]


def test_neither_key_nor_name_is_nobodys_world() -> None:
    answer = Owner().control("GET", "/clock", key=None)

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


@pytest.mark.parametrize("look", ["clock", "predictions", "requests", "deliveries", "ledger", "state"])
def test_looks_at_a_world_wait_for_one_another_and_for_no_other_world(look: str) -> None:
    owner = Owner()
    busy = owner.world(KEY)
    with ThreadPoolExecutor(1) as pool:
        with busy.listing:  # as a call that lists a full world does
            waiting = pool.submit(owner.ask, "GET", f"/{look}")
            other = owner.control("GET", f"/{look}", key=None, headers=named("other"))
            created = owner.create()

            assert (other.status_code, created.status_code) == (200, 200)
            assert not waiting.done()
        assert waiting.result(PATIENCE)
