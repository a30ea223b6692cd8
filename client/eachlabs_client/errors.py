"""All errors of this package, as one hierarchy; it raises no others.

EachlabsError
├── ConfigurationError          the client is misconfigured; nothing was sent
├── WebhookError                the body is not a webhook of this API
├── DeadlineExceeded            the caller's deadline passed
├── PredictionFailed            the prediction ended with an error
├── DownloadError               an output was not downloaded
│   └── DownloadIncompleteError     the output is cut short or empty
├── TransportError              there is no answer, or it cannot be read
│   ├── NotSentError                no connection was made: nothing was sent
│   ├── ConnectionLostError         the connection broke; the request may have been carried out
│   ├── AnswerTimeoutError          no answer in time; the request may have been carried out
│   ├── UnreadableAnswerError       malformed JSON, an empty body, a web page
│   └── RedirectError               3xx: the client does not send the key to another address
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
    """The base class. Every error has all these attributes; they are empty where they do not apply.

    `message` and `details` come from the server if it sent any. `status` is the HTTP status of the answer,
    `retry_after` the seconds of its `Retry-After` and `request_id` its `X-Request-Id`. `prediction_id` is the id of the
    prediction, so that it can still be read. `definite` is True if the request was certainly not carried out, so that
    repeating it cannot be charged twice; it is False for all errors about a prediction that may exist.
    """

    definite: bool = False
    tries: ClassVar[int] = 1
    """Total number of attempts for a request that keeps failing with this error. A read may always be repeated, a
    create only if the error is `definite`."""
    hint: ClassVar[str] = ""
    """One sentence about what the caller can do."""

    def __init__(  # optional attributes, by name
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
        """Return message, details, status and request id on one line."""
        facts = [f"HTTP {self.status}"] if self.status else []
        facts += [f"request {self.request_id}"] if self.request_id else []
        details = f": {self.details}" if self.details and self.details != self.message else ""
        return f"{self.message}{details}" + (f" [{', '.join(facts)}]" if facts else "")


class ConfigurationError(EachlabsError):
    """The client is misconfigured: it has no key, an invalid base URL or an invalid deadline."""

    definite = True


class WebhookError(EachlabsError):
    """A request to the webhook receiver is not a webhook of this API."""


class DeadlineExceeded(EachlabsError):  # noqa: N818  # reads as the fact it reports
    """The caller's deadline passed, or the next attempt would be after it."""

    hint = "Allow a longer deadline."


class PredictionFailed(EachlabsError):  # noqa: N818  # the API's own word for it
    """The prediction ended without an output; `prediction` is its last state."""

    hint = "A new attempt is a new prediction and is charged separately."
    prediction: Prediction | None = None


class DownloadError(EachlabsError):
    """An output was not downloaded. The prediction is not affected, and downloading again is free."""

    hint = "The prediction is not affected; downloading its output again is free."


class DownloadIncompleteError(DownloadError):
    """The output has fewer bytes than announced, or none."""

    tries = 4


class TransportError(EachlabsError):
    """There is no answer, or it cannot be read."""


class NotSentError(TransportError):
    """No connection was made (refused, unknown host, too slow), so nothing was sent."""

    definite = True
    tries = 4
    hint = "Check the base URL (EACHLABS_BASE_URL) and that a server is running there."


class ConnectionLostError(TransportError):
    """The connection broke after it was made."""

    tries = 4


class AnswerTimeoutError(TransportError):
    """The connection was made, but no answer arrived within the client's timeout."""

    tries = 4


class UnreadableAnswerError(TransportError):
    """The answer is not in a documented form: malformed JSON, an empty body, a web page."""

    tries = 4


class RedirectError(TransportError):
    """The answer is a redirect. The API never redirects, so the base URL is wrong or a proxy interferes."""

    hint = "Check the base URL (EACHLABS_BASE_URL): scheme, host and the /v1 at its end."


class RefusedError(EachlabsError):
    """The API answered 4xx or 5xx. A request refused with 4xx creates nothing and costs nothing."""

    definite = True


class BadRequestError(RefusedError):
    """The request is invalid: a field is missing, has the wrong type or is out of bounds."""

    hint = "Correct the request before sending it again."


class AuthenticationError(RefusedError):
    """The key is missing, unknown or not allowed to do this."""

    hint = "Check the API key (EACHLABS_API_KEY)."


class PaymentRequiredError(RefusedError):
    """The account's balance is too low."""

    hint = "Top up the account's balance."


class NotFoundError(RefusedError):
    """The prediction or model is unknown to this key, or the base URL lacks /v1."""

    hint = "Check the id or the model, the key it belongs to, and the base URL (it ends in /v1)."


class TooLargeError(RefusedError):
    """The request body is larger than the API accepts."""

    hint = "Send a smaller input."


class RateLimitError(RefusedError):
    """Too many requests per minute or predictions in flight; `retry_after` is the time to wait, if known."""

    tries = 10
    hint = "Send fewer requests at a time or allow a longer deadline."


class ServerError(RefusedError):
    """The API failed (5xx). The request may have been carried out nevertheless."""

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
    """Return the class for an HTTP *status* other than success (2xx); every integer has one."""
    families: dict[int, type[EachlabsError]] = {3: RedirectError, 4: RefusedError, 5: ServerError}
    return BY_STATUS.get(status) or families.get(status // 100, UnreadableAnswerError)
