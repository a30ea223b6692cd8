"""What the client hands out: a prediction's state as plain, frozen values."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a prediction stands. `page` knows processing, success and error; `live` the others too."""

    CREATED = "created"
    STARTING = "starting"
    PROCESSING = "processing"
    SUCCESS = "success"
    ERROR = "error"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """A word this client does not know. It is taken for "not finished yet", never for success."""

    @property
    def finished(self) -> bool:
        """Whether the status is final."""
        return self in {Status.SUCCESS, Status.ERROR, Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one read said about a prediction.

    `output` holds the output URLs in order: one for most models, several where the model makes several, none before
    success. An output that is no text is kept as its JSON. `message` and `details` are the server's words;
    `predict_time` is in seconds, None where the server gave none.
    """

    id: str
    status: Status
    output: tuple[str, ...] = ()
    message: str = ""
    details: str = ""
    predict_time: float | None = None

    @property
    def finished(self) -> bool:
        """Whether the prediction has ended, well or badly."""
        return self.status.finished

    @property
    def succeeded(self) -> bool:
        """Whether the prediction has ended well."""
        return self.status is Status.SUCCESS


@dataclass(frozen=True, slots=True)
class Poll:
    """One look at a prediction while waiting: the *number*-th (from 1), *elapsed* seconds after the waiting began."""

    number: int
    elapsed: float
    prediction: Prediction
