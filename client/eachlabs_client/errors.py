"""Everything that can go wrong, as one tree; no other exception leaves this package.

EachlabsError
├── ConfigurationError          the client was set up wrongly; nothing was sent
├── WebhookError                a webhook's body is not one this API sends
├── DeadlineExceeded            the caller's own patience ended
├── PredictionFailed            the API did the work and says that it failed
├── DownloadError               an output was not fetched
│   └── DownloadIncompleteError     what arrived is cut short or empty
├── TransportError              no answer, or none that can be read
│   ├── NotSentError                no connection was made: nothing was sent
│   ├── ConnectionLostError         the connection broke; what happened meanwhile is unknown
│   ├── AnswerTimeoutError          no answer in time; what happened meanwhile is unknown
│   ├── UnreadableAnswerError       malformed JSON, an empty body, a web page
│   └── RedirectError               3xx: the client follows none with the key in hand
└── RefusedError                an answer 4xx or 5xx
    ├── BadRequestError             400, 422
    ├── AuthenticationError         401, 403
    ├── PaymentRequiredError        402
    ├── NotFoundError               404
    ├── TooLargeError               413
    ├── RateLimitError              429
    └── ServerError                 5xx
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from .types import Prediction


class EachlabsError(Exception):
    """The root of the tree. Every error has all these attributes, empty where they do not apply.

    `message` and `details` are the server's own words where it had any. `status` is the HTTP status of the answer,
    `retry_after` the seconds its `Retry-After` asked for, `request_id` its `X-Request-Id`. `prediction_id` is the
    prediction in question, so that nothing paid for is lost. `definite` is True if the work was certainly not done, so
    that asking again cannot pay twice; never for an error about a prediction that may exist.
    """

    definite: bool = False
    tries: ClassVar[int] = 1
    """How often a request that keeps ending like this is sent in all. Whether it may be repeated is another question:
    a read always may, a create only where the error is `definite`."""
    hint: ClassVar[str] = ""
    """What the caller can do about it, one sentence."""

    def __init__(  # facts, each optional and by name
        self,
        message: str,
        *,
        details: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        request_id: str = "",
        prediction_id: str = "",
        definite: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.status = status
        self.retry_after = retry_after
        self.request_id = request_id
        self.prediction_id = prediction_id
        if definite is not None:
            self.definite = definite

    def __str__(self) -> str:
        """Return message, details and what helps to find the request again, on one line."""
        facts = [f"HTTP {self.status}"] if self.status else []
        facts += [f"request {self.request_id}"] if self.request_id else []
        details = f": {self.details}" if self.details and self.details != self.message else ""
        return f"{self.message}{details}" + (f" [{', '.join(facts)}]" if facts else "")


class ConfigurationError(EachlabsError):
    """The client was set up wrongly: no key, a base URL that is none, a deadline that cannot be kept."""

    definite = True


class WebhookError(EachlabsError):
    """A request to the webhook receiver is not an event of this API."""


class DeadlineExceeded(EachlabsError):  # noqa: N818  # reads as the fact it reports
    """The caller's deadline passed, or what the server asked to wait would pass it."""

    hint = "Allow a longer deadline."


class PredictionFailed(EachlabsError):  # noqa: N818  # the API's own word for it
    """The prediction ended without an output; `prediction` is its last state."""

    hint = "Asking once more is a new prediction, at its own price."
    prediction: Prediction | None = None


class DownloadError(EachlabsError):
    """An output was not fetched. The prediction is unharmed: fetching again costs nothing."""

    hint = "The prediction itself is unharmed: fetching it again costs nothing."


class DownloadIncompleteError(DownloadError):
    """Fewer bytes came than were announced, or none."""

    tries = 4


class TransportError(EachlabsError):
    """There is no answer, or none that can be read."""


class NotSentError(TransportError):
    """No connection was made (refused, unknown host, too slow), so nothing was sent."""

    definite = True
    tries = 4
    hint = "Check the base URL (EACHLABS_BASE_URL) and that something listens there."


class ConnectionLostError(TransportError):
    """The connection broke after it was made."""

    tries = 4


class AnswerTimeoutError(TransportError):
    """The connection was made, and then no answer came within the client's own time-out."""

    tries = 4


class UnreadableAnswerError(TransportError):
    """An answer that the API does not document: malformed JSON, an empty body, a web page."""

    tries = 4


class RedirectError(TransportError):
    """The API redirected. It never does, so the base URL is wrong, or someone stands in between."""

    hint = "Check the base URL (EACHLABS_BASE_URL): scheme, host and the /v1 at its end."


class RefusedError(EachlabsError):
    """The API answered 4xx or 5xx. A request refused with 4xx creates nothing and costs nothing."""

    definite = True


class BadRequestError(RefusedError):
    """The request is wrong: a field is missing, mistyped or out of its bounds."""

    hint = "Correct the request; as it stands it will be refused again."


class AuthenticationError(RefusedError):
    """The key is missing, unknown, or not allowed to do this."""

    hint = "Check the API key (EACHLABS_API_KEY)."


class PaymentRequiredError(RefusedError):
    """The account's balance is too low."""

    hint = "Top up the account's balance."


class NotFoundError(RefusedError):
    """There is no such prediction under this key, no such model, or the base URL lacks its /v1."""

    hint = "Check the id or the model, the key it belongs to, and the base URL (it ends in /v1)."


class TooLargeError(RefusedError):
    """The request body is larger than the API takes."""

    hint = "Send a smaller input."


class RateLimitError(RefusedError):
    """Too many requests a minute, or too many predictions in flight; `retry_after` says for how long, if known."""

    tries = 10
    hint = "Send fewer requests at a time, or give it a longer deadline."


class ServerError(RefusedError):
    """The API failed (5xx). Whether the work was done is unknown: the failure may lie behind it."""

    definite = False
    tries = 4


BY_STATUS: Mapping[int, type[RefusedError]] = MappingProxyType(
    {
        400: BadRequestError,
        401: AuthenticationError,
        402: PaymentRequiredError,
        403: AuthenticationError,
        404: NotFoundError,
        413: TooLargeError,
        422: BadRequestError,  # the live API's answer to malformed JSON
        429: RateLimitError,
    }
)


def class_for(status: int) -> type[EachlabsError]:
    """Return the class for an HTTP *status* that is no success (2xx). Total: any integer has one."""
    families: dict[int, type[EachlabsError]] = {3: RedirectError, 4: RefusedError, 5: ServerError}
    return BY_STATUS.get(status) or families.get(status // 100, UnreadableAnswerError)
