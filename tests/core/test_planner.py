"""The duration of a prediction, and what advances it."""

from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.planner import Pace, Progress, draw_duration, draw_plan
from eachlabs_mock.core.prediction import Status

REALISTIC = Pace(seconds=None)
ORDINALS = st.integers(1, 10**6)


def realistic(ordinal: int = 1, **resolved: object) -> int:
    return draw_duration(REALISTIC, resolved, 7, "w", ordinal)


@pytest.mark.parametrize(("seconds", "expected"), [(2.5, 2500), (0.001, 1), (17, 17_000), (86_400, 86_400_000)])
def test_a_fixed_duration_is_what_was_set(seconds: float, expected: int) -> None:
    assert draw_duration(Pace(seconds), {"num_inference_steps": 1, "go_fast": True}, 7, "w", 1) == expected


@pytest.mark.parametrize("seconds", [0, 0.0001, 0.0005])
def test_no_fixed_duration_is_under_a_millisecond(seconds: float) -> None:
    assert draw_duration(Pace(seconds), {}, 7, "w", 1) == 1


def test_realistic_durations_lie_around_the_average_of_the_page() -> None:
    drawn = [realistic(ordinal, num_inference_steps=50, go_fast=False) for ordinal in range(2000)]

    assert median(drawn) == pytest.approx(17_000, rel=0.03)


def test_realistic_durations_are_the_same_in_every_release() -> None:
    assert [realistic(ordinal) for ordinal in (1, 2, 3)] == [17399, 20197, 14161]


@given(ORDINALS, st.integers(1, 50))
def test_a_realistic_duration_is_in_proportion_to_its_steps(ordinal: int, steps: int) -> None:
    whole = realistic(ordinal, num_inference_steps=50)

    assert realistic(ordinal, num_inference_steps=steps) == pytest.approx(whole * steps / 50, abs=1.5)


@given(ORDINALS)
def test_go_fast_takes_three_fifths(ordinal: int) -> None:
    assert realistic(ordinal, go_fast=True) == pytest.approx(realistic(ordinal, go_fast=False) * 0.6, abs=1.5)


@pytest.mark.parametrize("resolved", [{}, {"num_inference_steps": None}, {"num_inference_steps": "4"}])
def test_a_model_without_steps_takes_as_long_as_one_with_all_fifty(resolved: dict[str, Any]) -> None:
    assert realistic(**resolved) == realistic(num_inference_steps=50)


def test_fifty_steps_may_be_written_as_a_float() -> None:
    assert realistic(num_inference_steps=25.0) == realistic(num_inference_steps=25)


@given(ORDINALS, st.floats(0, 50), st.booleans())
def test_a_realistic_duration_is_at_least_a_millisecond(ordinal: int, steps: float, go_fast: bool) -> None:  # noqa: FBT001  # drawn
    assert realistic(ordinal, num_inference_steps=steps, go_fast=go_fast) >= 1


def test_each_prediction_draws_a_duration_of_its_own() -> None:
    assert len({realistic(ordinal) for ordinal in range(100)}) > 90


@pytest.mark.parametrize(
    ("progress", "unit", "end"),
    [
        (Progress("time"), "milliseconds", 2_500),
        (Progress("immediate"), "milliseconds", 0),
        (Progress("reads", 3), "reads", 3),
    ],
)
def test_progress_says_what_moves_a_plan_and_when_it_ends(progress: Progress, unit: str, end: int) -> None:
    drawn = draw_plan(Pace(2.5, progress), 2_500)

    assert (drawn.unit, drawn.steps) == (unit, ((0, Status.PROCESSING), (end, Status.SUCCESS)))


@pytest.mark.parametrize("progress", [Progress("time"), Progress("immediate"), Progress("reads", 3)])
def test_every_plan_reports_the_simulated_duration(progress: Progress) -> None:
    assert draw_plan(Pace(2.5, progress), 1_234).predict_millis == 1_234
