"""Predictions for tests of the core: single ones, and Hypothesis strategies."""

from typing import Any

from hypothesis import strategies as st

from eachlabs_mock.core.prediction import Plan, Prediction, Status, Unit

START = 1_770_249_600_000
"""The default instant of creation."""

TAKES = 2_500
"""The default length of a plan, in milliseconds or reads."""


def ending(after: int = TAKES, status: Status = Status.SUCCESS, unit: Unit = "milliseconds") -> Plan:
    """A plan that ends with *status* after so many units."""
    return Plan(((0, Status.PROCESSING), (after, status)), TAKES, unit)


def endless(unit: Unit = "milliseconds") -> Plan:
    """A plan that never ends."""
    return Plan(((0, Status.PROCESSING),), TAKES, unit)


def record(number: int = 1, **facts: Any) -> Prediction:
    """The *number*-th prediction of a world."""
    prediction_id = facts.pop("id", f"00000000-0000-4000-8000-{number:012}")
    usual = {
        "world": "w",
        "ordinal": number,
        "model": "qwen-image",
        "input": '{"prompt":"a red bicycle"}',
        "seed": 1,
        "outputs": (f"{prediction_id}.webp",),
        "many": False,
        "public_base": "http://127.0.0.1:8780",
        "webhook_url": "",
        "created_at": START,
        "plan": ending(),
    }
    return Prediction(id=prediction_id, **{**usual, **facts})


ENDS = st.sampled_from([Status.SUCCESS, Status.ERROR])
UNITS: st.SearchStrategy[Unit] = st.sampled_from(["milliseconds", "reads"])


def plans(units: st.SearchStrategy[Unit] = UNITS, longest: int = 10_000) -> st.SearchStrategy[Plan]:
    """Any plan: it never ends, ends at once, or ends later; by clock or by reads."""
    return st.builds(endless, units) | st.builds(ending, st.integers(0, longest), ENDS, units)


def predictions(units: st.SearchStrategy[Unit] = UNITS, longest: int = 10_000) -> st.SearchStrategy[Prediction]:
    """Any prediction, created at any time and not yet read."""
    return st.builds(
        lambda plan, created_at: record(plan=plan, created_at=created_at), plans(units, longest), st.integers(0, START)
    )
