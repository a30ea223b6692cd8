"""A prediction is a record fixed at creation; its status is a pure function of that record and of what has elapsed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from eachlabs_mock.core.clock import Instant


class Status(StrEnum):
    """Where a prediction stands, in words of no profile in particular."""

    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"


TERMINAL = frozenset({Status.SUCCESS, Status.ERROR})

Unit = Literal["milliseconds", "reads"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a prediction fails, in the words its creator will read."""

    message: str
    details: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Which status begins when, and what comes out; drawn at creation and never changed.

    :param steps: pairs of (elapsed units, status): the first at 0, ascending, at most the last one terminal.
    :param unit: what elapses: milliseconds of the world's clock, or authenticated reads of the prediction.
    :param predict_millis: the simulated duration, which the `metrics` report.
    :param failure: what went wrong; of interest only when the plan ends in an error.
    :param known_millis: how long reads find it, in milliseconds of the world's clock; None: always.
    :param is_silent: whether no webhook tells of its end.
    :param is_early: whether its webhook goes out before its create is answered.
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
        """Elapsed units until the plan ends; None when it never does."""
        at, status = self.steps[-1]
        return at if status in TERMINAL else None


class Prediction(NamedTuple):
    """Everything about one prediction. Only the last three fields ever differ between two versions of a record.

    :param world: name of the world it belongs to.
    :param ordinal: counts its world's predictions from 1, in order of creation.
    :param model: slug of its model.
    :param input: its input as submitted, without defaults, as JSON text.
    :param seed: the seed its images are drawn from: given, or drawn by name.
    :param outputs: file names of its output images, in order.
    :param many: whether `output` is a list even for one image.
    :param public_base: scheme and host its output addresses start with.
    :param reads: authenticated reads so far, counted only where the plan's unit is reads.
    :param ended_at: the instant it ended, where that was not fixed at creation.
    :param fetched: whether somebody has fetched an output of it.
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
        """The instant it ends or ended; None while that is not known."""
        if self.plan.unit == "reads":
            return self.ended_at
        after = self.plan.ends_after
        return None if after is None else self.created_at + after

    @property
    def wants_webhook(self) -> bool:
        """Whether a webhook is to tell of its end."""
        return bool(self.webhook_url) and not self.plan.is_silent

    def is_known_at(self, now: Instant) -> bool:
        """Whether a read at *now* finds it."""
        known = self.plan.known_millis
        return known is None or now - self.created_at < known

    @property
    def output_urls(self) -> tuple[str, ...]:
        """Absolute addresses of its output images."""
        return tuple(f"{self.public_base}/outputs/{name}" for name in self.outputs)


def status_at(prediction: Prediction, now: Instant) -> Status:
    """Return the status of *prediction* at *now*: the last step that has begun."""
    plan = prediction.plan
    elapsed = prediction.reads if plan.unit == "reads" else now - prediction.created_at
    current = plan.steps[0][1]
    for at, status in plan.steps:
        if at > elapsed:
            break
        current = status
    return current


def after_read(prediction: Prediction, now: Instant) -> Prediction:
    """Return *prediction* as one more authenticated read leaves it: itself, unless reads move its plan."""
    if prediction.plan.unit != "reads" or prediction.ended_at is not None:
        return prediction
    reads = prediction.reads + 1
    ends = prediction.plan.ends_after
    return prediction._replace(reads=reads, ended_at=now if ends is not None and reads >= ends else None)


def next_change(prediction: Prediction, now: Instant) -> Instant | None:
    """Return the next instant after *now* at which the status changes by itself; None when there is none."""
    if prediction.plan.unit == "reads":
        return None
    elapsed = now - prediction.created_at
    return next((prediction.created_at + at for at, _ in prediction.plan.steps if at > elapsed), None)
