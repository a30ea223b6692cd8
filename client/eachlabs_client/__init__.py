"""A minimal client of the Eachlabs prediction API; it needs requests, and click for its command."""

from .client import Client, succeeded
from .errors import (
    AnswerTimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConnectionLostError,
    DeadlineExceeded,
    DownloadError,
    DownloadIncompleteError,
    EachlabsError,
    NotFoundError,
    NotSentError,
    PaymentRequiredError,
    PredictionFailed,
    RateLimitError,
    RedirectError,
    RefusedError,
    ServerError,
    TooLargeError,
    TransportError,
    UnreadableAnswerError,
    WebhookError,
)
from .types import Poll, Prediction, Status
from .webhook import WebhookEvent, WebhookStatus, parse_webhook

__all__ = [
    "AnswerTimeoutError", "AuthenticationError", "BadRequestError", "Client", "ConfigurationError",
    "ConnectionLostError", "DeadlineExceeded", "DownloadError", "DownloadIncompleteError", "EachlabsError",
    "NotFoundError", "NotSentError", "PaymentRequiredError", "Poll", "Prediction", "PredictionFailed", "RateLimitError",
    "RedirectError", "RefusedError", "ServerError", "Status", "TooLargeError", "TransportError",
    "UnreadableAnswerError", "WebhookError", "WebhookEvent", "WebhookStatus", "parse_webhook", "succeeded",
]  # fmt: skip
