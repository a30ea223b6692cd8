"""Draws the duration of a prediction, and makes its plan."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from eachlabs_mock.core.chance import draw_log_normal
from eachlabs_mock.core.clock import MILLIS, millis
from eachlabs_mock.core.prediction import Plan, Status

AVERAGE_SECONDS = 17.0
"""Page: average response time of qwen-image."""

GO_FAST_FACTOR = 0.6
FULL_STEPS = 50


class Progress(NamedTuple):
    """What advances predictions: `time`: the clock; `immediate`: they end at once; `reads`: reads of them.

    :param reads: for `reads`, the read that shows the end, from 1.
    """

    kind: Literal["time", "immediate", "reads"] = "time"
    reads: int = 0


class Pace(NamedTuple):
    """How long predictions take, and what advances them.

    :param seconds: the duration; None: drawn around the page's average.
    """

    seconds: float | None = 2.5
    progress: Progress = Progress()


def draw_duration(pace: Pace, resolved: Mapping[str, object], seed: int, *names: str | int) -> int:
    """Return the simulated duration in milliseconds, at least 1.

    A drawn duration is log-normal around the page's average, proportional to the steps, and shorter with `go_fast`.
    """
    if pace.seconds is not None:
        return max(1, millis(pace.seconds))
    steps = resolved.get("num_inference_steps", FULL_STEPS)
    share = steps / FULL_STEPS if isinstance(steps, int | float) else 1.0
    factor = GO_FAST_FACTOR if resolved.get("go_fast") is True else 1.0
    drawn = draw_log_normal(seed, *names, "duration", median=AVERAGE_SECONDS, sigma=0.25)
    return max(MILLIS // 10, millis(drawn * share * factor))


@lru_cache
def draw_plan(pace: Pace, predict_millis: int) -> Plan:
    """Return the plan of a prediction that takes *predict_millis* and succeeds."""
    reads = pace.progress.kind == "reads"
    end = {"time": predict_millis, "immediate": 0, "reads": pace.progress.reads}[pace.progress.kind]
    steps = ((0, Status.PROCESSING), (end, Status.SUCCESS))
    return Plan(steps, predict_millis, "reads" if reads else "milliseconds")
