"""Worlds: each key its own, drawn from the seed, and no more of them than may be."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.clock import END_OF_TIME, WorldClock
from eachlabs_mock.emulator.outbox import PendingAttempt
from eachlabs_mock.emulator.world import World, Worlds, world_of_key
from eachlabs_mock.settings.server import Settings
from helpers.records import record


def a_world(name: str = "w", seed: int = 7) -> World:
    return World(name, seed, WorldClock("manual", start=5))


def worlds_of(capacity: int, *visits: str) -> Worlds:
    """Return worlds after *visits*, each followed by the eviction of one that is too many."""
    worlds = Worlds(capacity, a_world)
    for name in visits:
        worlds.visit(name)
        worlds.drop_idle()
    return worlds


def kept(worlds: Worlds, names: Sequence[str]) -> str:
    return "".join(name for name in names if worlds.now_in(name) != END_OF_TIME)


def test_a_key_has_one_world_in_every_release() -> None:
    assert world_of_key("YOUR_API_KEY") == "key-db1c1a761e5212d4"


@given(st.text(min_size=8), st.text(min_size=8))
def test_the_name_of_a_world_tells_nothing_of_its_key(key: str, other: str) -> None:
    assert key not in world_of_key(key)
    assert (world_of_key(key) == world_of_key(other)) == (key == other)


def test_ids_follow_from_seed_and_world() -> None:
    ids = [a_world().prediction_id(1) for _ in range(2)]

    assert ids[0] == ids[1]


@pytest.mark.parametrize("other", [a_world(seed=8), a_world(name="v")])
def test_another_seed_or_world_has_other_ids(other: World) -> None:
    assert a_world().prediction_id(1) != other.prediction_id(1)


def test_predictions_of_a_world_differ_in_their_ids() -> None:
    assert len({a_world().prediction_id(ordinal) for ordinal in range(1000)}) == 1000


def test_a_world_visited_again_is_the_same() -> None:
    worlds = worlds_of(2)

    assert worlds.visit("a") is worlds.visit("a")


def test_worlds_of_two_names_are_two() -> None:
    worlds = worlds_of(2)

    assert worlds.visit("a") is not worlds.visit("b")


def test_nothing_is_dropped_while_there_is_room() -> None:
    worlds = worlds_of(2, "a", "b")

    assert worlds.drop_idle() is None
    assert kept(worlds, "ab") == "ab"


@pytest.mark.parametrize(("visits", "left"), [("abc", "bc"), ("abac", "ac"), ("abcabc", "bc"), ("aabbca", "ca")])
def test_the_longest_idle_world_makes_way(visits: str, left: str) -> None:
    assert sorted(kept(worlds_of(2, *visits), "abc")) == sorted(left)


@given(st.lists(st.sampled_from("abcdef")), st.integers(1, 4))
def test_those_visited_last_are_kept(visits: list[str], capacity: int) -> None:
    latest = list(dict.fromkeys(reversed(visits)))[:capacity]

    assert set(kept(worlds_of(capacity, *visits), "abcdef")) == set(latest)


def test_dropping_tells_which_world_it_was() -> None:
    worlds = worlds_of(1, "a")

    worlds.visit("b")

    assert worlds.drop_idle() == "a"


def test_a_world_that_made_way_begins_anew() -> None:
    worlds = worlds_of(1, "a")
    first = worlds.visit("a")
    worlds.visit("b")
    worlds.drop_idle()

    assert worlds.visit("a") is not first


def test_a_worlds_time_is_its_clocks() -> None:
    assert worlds_of(1, "a").now_in("a") == 5


def test_in_a_world_that_is_gone_all_time_has_passed() -> None:
    assert worlds_of(1).now_in("gone") == 2**63 - 1


def test_request_ids_follow_from_seed_and_world() -> None:
    ids = [
        [world.next_request_id() for _ in range(2)] for world in (a_world(), a_world(), a_world("v"), a_world(seed=8))
    ]

    assert ids[0] == ids[1]
    assert len({each for pair in ids for each in pair}) == 6


def test_a_new_world_waits_for_nothing_and_has_the_default_settings() -> None:
    world = a_world()

    assert (world.settings, world.rules.armed, world.ordinal, world.is_over) == (Settings(), (), 0, False)
    assert (world.outbox.pending(), world.journal.entries()) == ((), ())


def test_a_world_that_is_over_plans_nothing_more() -> None:
    world = a_world()
    world.outbox.put(5, PendingAttempt(record()))

    world.end()
    world.outbox.put(6, PendingAttempt(record()))

    assert (world.is_over, world.outbox.pending()) == (True, ())


def test_request_ids_go_on_where_they_had_come_to() -> None:
    world = a_world()
    world.next_request_id()

    heir = World("w", 7, WorldClock("manual", start=5))
    heir.request_ids = 1

    assert heir.next_request_id() == world.next_request_id()


def test_a_world_that_is_renewed_is_another_under_the_same_name() -> None:
    worlds = worlds_of(2, "a")
    before = worlds.visit("a")

    renewed = worlds.renew("a")

    assert worlds.visit("a") is renewed is not before


def test_renewing_makes_a_world_that_never_was() -> None:
    worlds = worlds_of(2)

    assert worlds.renew("a") is worlds.find("a")


def test_renewing_a_world_does_not_count_as_a_visit() -> None:
    worlds = worlds_of(2, "a", "b")
    worlds.renew("a")
    worlds.visit("c")

    assert worlds.drop_idle() == "a"


def test_finding_a_world_makes_none_and_does_not_count_as_a_visit() -> None:
    worlds = worlds_of(2, "a", "b")

    assert worlds.find("never") is None
    assert worlds.find("a") is not None
    worlds.visit("c")
    assert worlds.drop_idle() == "a"
