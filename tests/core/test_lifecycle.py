"""The table of statuses, pair by pair."""

from itertools import product

import pytest

from eachlabs_contract.spec.lifecycle import NEXT, REACHABLE, TERMINAL, Status, may_follow

STEPS = {
    ("created", "starting"),
    ("created", "processing"),
    ("created", "error"),
    ("created", "cancelled"),
    ("starting", "processing"),
    ("starting", "error"),
    ("starting", "cancelled"),
    ("processing", "success"),
    ("processing", "error"),
    ("processing", "cancelled"),
}
LEAPS = STEPS | {("created", "success"), ("starting", "success")}
STAYS = {(name, name) for name in ("created", "starting", "processing", "success", "error", "cancelled")}
PAIRS = [pytest.param(a, b, id=f"{a.value}-{b.value}") for a, b in product(Status, repeat=2)]


def test_there_are_six_statuses() -> None:
    assert [status.value for status in Status] == [
        "created",
        "starting",
        "processing",
        "success",
        "error",
        "cancelled",
    ]


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_one_step_leads_only_where_the_table_says(earlier: Status, later: Status) -> None:
    assert (later in NEXT[earlier]) == ((earlier.value, later.value) in STEPS)


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_many_steps_lead_only_forward(earlier: Status, later: Status) -> None:
    assert (later in REACHABLE[earlier]) == ((earlier.value, later.value) in LEAPS)


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_a_later_read_shows_the_same_status_or_a_reachable_one(earlier: Status, later: Status) -> None:
    assert may_follow(earlier, later) == ((earlier.value, later.value) in LEAPS | STAYS)


def test_success_error_and_cancelled_are_the_ends() -> None:
    assert {status.value for status in TERMINAL} == {"success", "error", "cancelled"}


@pytest.mark.parametrize("status", [status for status in Status if status not in TERMINAL])
def test_every_unfinished_status_can_still_reach_every_end(status: Status) -> None:
    assert REACHABLE[status] >= TERMINAL


@pytest.mark.parametrize("table", [NEXT, REACHABLE])
def test_the_law_cannot_be_rewritten(table: dict[Status, frozenset[Status]]) -> None:
    with pytest.raises(TypeError, match="item assignment"):
        table[Status.SUCCESS] = frozenset()
