"""A prediction is a record fixed at its creation; its status is a pure function of the record and the time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from eachlabs_mock.core.clock import Instant


class Status(StrEnum):
    """The status of a prediction; each profile has its own words for it."""

    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"


TERMINAL = frozenset({Status.SUCCESS, Status.ERROR})

Unit = Literal["milliseconds", "reads"]


@dataclass(frozen=True, slots=True)
class Failure:
    """The texts of a failed prediction's error body."""

    message: str
    details: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of a prediction; made at its creation and never changed.

    :param steps: pairs of (elapsed units, status) in ascending order; the first is at 0, only the last may be terminal.
    :param unit: what is counted: milliseconds of the world's clock, or authenticated reads of the prediction.
    :param predict_millis: the simulated duration, as `metrics` reports it.
    :param failure: the error texts; used only if the plan ends in an error.
    :param known_millis: clock milliseconds in which reads find the prediction; None: always.
    :param is_silent: whether no webhook is sent at its end.
    :param is_early: whether its webhook is sent before its create is answered.
    """

    steps: tuple[tuple[int, Status], ...]
    predict_millis: int
    unit: Unit = "milliseconds"
    failure: Failure = Failure("Prediction failed", "No reason was given.")
    known_millis: int | None = None
    is_silent: bool = False
    is_early: bool = False

    @property
    def ends_after(self) -> int | None:
        """Elapsed units until the plan ends; None: it never ends."""
        at, status = self.steps[-1]
        return at if status in TERMINAL else None


class Prediction(NamedTuple):
    """The record of one prediction. Only the last three fields ever change.

    :param world: name of the world it belongs to.
    :param ordinal: its number in its world, from 1, in order of creation.
    :param model: slug of its model.
    :param input: JSON text of its input as submitted, without defaults.
    :param seed: the seed of its images, from its input or else drawn by name.
    :param outputs: file names of its output images, in order.
    :param many: whether `output` is a list even for one image.
    :param public_base: scheme and host of its output URLs.
    :param reads: authenticated reads so far; counted only if the unit of the plan is reads.
    :param ended_at: when it ended, if the plan does not fix that.
    :param fetched: whether one of its outputs was fetched.
    """

    id: str
    world: str
    ordinal: int
    model: str
    input: str
    seed: int
    outputs: tuple[str, ...]
    many: bool
    public_base: str
    webhook_url: str
    created_at: Instant
    plan: Plan
    reads: int = 0
    ended_at: Instant | None = None
    fetched: bool = False

    @property
    def ends_at(self) -> Instant | None:
        """When it ends or ended; None while that is unknown."""
        if self.plan.unit == "reads":
            return self.ended_at
        after = self.plan.ends_after
        return None if after is None else self.created_at + after

    @property
    def wants_webhook(self) -> bool:
        """Whether a webhook is sent at its end."""
        return bool(self.webhook_url) and not self.plan.is_silent

    def is_known_at(self, now: Instant) -> bool:
        """Whether a read at *now* finds it."""
        known = self.plan.known_millis
        return known is None or now - self.created_at < known

    @property
    def output_urls(self) -> tuple[str, ...]:
        """Absolute URLs of its output images."""
        return tuple(f"{self.public_base}/outputs/{name}" for name in self.outputs)


def status_at(prediction: Prediction, now: Instant) -> Status:
    """Return the status of *prediction* at *now*: that of the last step reached."""
    plan = prediction.plan
    elapsed = prediction.reads if plan.unit == "reads" else now - prediction.created_at
    current = plan.steps[0][1]
    for at, status in plan.steps:
        if at > elapsed:
            break
        current = status
    return current


def after_read(prediction: Prediction, now: Instant) -> Prediction:
    """Return *prediction* after one more authenticated read; unchanged unless the unit of its plan is reads."""
    if prediction.plan.unit != "reads" or prediction.ended_at is not None:
        return prediction
    reads = prediction.reads + 1
    ends = prediction.plan.ends_after
    return prediction._replace(reads=reads, ended_at=now if ends is not None and reads >= ends else None)


def next_change(prediction: Prediction, now: Instant) -> Instant | None:
    """Return when the status next changes by itself after *now*; None: it does not."""
    if prediction.plan.unit == "reads":
        return None
    elapsed = now - prediction.created_at
    return next((prediction.created_at + at for at, _ in prediction.plan.steps if at > elapsed), None)
