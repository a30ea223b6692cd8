"""The emulator's plans against the contract's table of statuses."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.spec import lifecycle
from eachlabs_mock.core.planner import Pace, Progress, draw_plan
from eachlabs_mock.core.prediction import TERMINAL, Plan, Prediction, Status, after_read, status_at
from eachlabs_mock.faults import predictions
from helpers.records import START, ending, endless, plans, record

READS = st.builds(Progress, st.just("reads"), st.integers(1, 10))
PROGRESS = st.sampled_from([Progress("time"), Progress("immediate")]) | READS
FATES = st.lists(st.sampled_from(predictions.FAULTS), max_size=3)


@st.composite
def planned(draw: st.DrawFn) -> Plan:
    """Draw a plan that the emulator makes, whatever fates have befallen it."""
    made = draw_plan(Pace(2.5, draw(PROGRESS)), draw(st.integers(1, 10_000)))
    for fault in draw(FATES):
        made = fault().change_plan(made, {})
    return made


PLANNED = planned()
GAPS = st.lists(st.integers(0, 5_000), min_size=2, max_size=12)
"""Milliseconds between one read and the next."""


def in_contract(status: Status) -> lifecycle.Status:
    return lifecycle.Status[status.name]


def seen(prediction: Prediction, gaps: list[int]) -> list[lifecycle.Status]:
    """Return what authenticated reads show, one after each gap."""
    now, shown = prediction.created_at, []
    for gap in gaps:
        now += gap
        prediction = after_read(prediction, now)
        shown.append(in_contract(status_at(prediction, now)))
    return shown


@given(PLANNED | plans(longest=10_000) | plans(longest=10), GAPS)
def test_every_later_read_is_reachable_from_every_earlier_one(drawn: Plan, gaps: list[int]) -> None:
    pairs = combinations(seen(record(plan=drawn), gaps), 2)

    assert [pair for pair in pairs if not (pair[0] is pair[1] or pair[1] in lifecycle.REACHABLE[pair[0]])] == []


@given(PLANNED | plans(), st.integers(0, 10_000), st.integers(0, 20))
def test_both_islands_agree_on_what_is_final(drawn: Plan, elapsed: int, reads: int) -> None:
    status = status_at(record(plan=drawn, reads=reads), START + elapsed)

    assert (status in TERMINAL) == (in_contract(status) in lifecycle.TERMINAL)


@given(PLANNED)
def test_every_planned_life_begins_where_a_creation_may_lead(drawn: Plan) -> None:
    begins = in_contract(drawn.steps[0][1])

    assert lifecycle.may_follow(lifecycle.Status.CREATED, begins)


@given(PLANNED | plans())
def test_every_step_of_a_plan_is_a_step_of_the_table(drawn: Plan) -> None:
    steps = [in_contract(status) for _, status in drawn.steps]

    assert all(later in lifecycle.NEXT[earlier] for earlier, later in pairwise(steps))


@pytest.mark.parametrize("status", Status)
def test_every_status_of_the_emulator_has_its_name_in_the_contract(status: Status) -> None:
    assert in_contract(status).value == status.value


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        (ending(3, Status.SUCCESS, "reads"), "processing processing success success"),
        (ending(3, Status.ERROR, "reads"), "processing processing error error"),
        (ending(2_000, Status.SUCCESS), "processing success success success"),
        (endless(), "processing processing processing processing"),
    ],
)
def test_the_lives_judged_here_are_those_that_readers_see(drawn: Plan, expected: str) -> None:
    assert " ".join(status.value for status in seen(record(plan=drawn), [1_000] * 4)) == expected
