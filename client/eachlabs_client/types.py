"""The client's return values: the state of a prediction as frozen dataclasses."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The status of a prediction. The page profile uses processing, success and error; the live profile all."""

    CREATED = "created"
    STARTING = "starting"
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """A status that this client does not know; it counts as not finished."""

    @property
    def finished(self) -> bool:
        """Whether the status is final."""
        return self in {Status.SUCCESS, Status.ERROR, Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class Prediction:
    """The state of a prediction at the time of a read.

    `output` contains the output URLs in order: usually one, several for some models, none before success. An output
    that is not a string is kept as JSON. `message` and `details` come from the server; `predict_time` is in seconds, or
    None if the server did not send it.
    """

    id: str
    status: Status
    output: tuple[str, ...] = ()
    message: str = ""
    details: str = ""
    predict_time: float | None = None

    @property
    def finished(self) -> bool:
        """Whether the prediction has ended, in success or failure."""
        return self.status.finished

    @property
    def succeeded(self) -> bool:
        """Whether the prediction has succeeded."""
        return self.status is Status.SUCCESS


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll of a prediction: the *number*-th (from 1), *elapsed* seconds after the start of the wait."""

    number: int
    elapsed: float
    prediction: Prediction
