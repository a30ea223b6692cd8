"""Parses the body of a webhook. It is not trusted: anyone who knows the receiver's URL can send one."""

from dataclasses import dataclass
from enum import StrEnum

from .bodies import Body, read_object, read_output, text
from .errors import UnreadableAnswerError, WebhookError


class WebhookStatus(StrEnum):
    """The status in a webhook, which differs from the status in a read."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A webhook: prediction `exec_id` ended; `output` contains its URLs, `error` the reason of a failure."""

    exec_id: str
    status: WebhookStatus
    output: tuple[str, ...] = ()
    error: str = ""


def parse_webhook(body: bytes) -> WebhookEvent:
    """Parse the *body* of a webhook request of either profile.

    The event is not authenticated: confirm it with `Client.get(event.exec_id)` before you act on it, which also makes
    repeated deliveries harmless. Raises `WebhookError` if *body* is not a webhook.
    """
    try:
        event = read_object(body)
    except UnreadableAnswerError as error:
        raise WebhookError("the webhook body is not a JSON object", details=error.details) from error
    exec_id, status = event.get("exec_id"), event.get("status")
    if not isinstance(exec_id, str) or not exec_id:
        raise WebhookError("the webhook has no prediction id: exec_id must be a non-empty string")
    if status == WebhookStatus.SUCCEEDED:
        return WebhookEvent(exec_id, WebhookStatus.SUCCEEDED, output=read_output(event.get("output")))
    if status == WebhookStatus.FAILED:
        return WebhookEvent(exec_id, WebhookStatus.FAILED, error=_error(event))
    raise WebhookError(f"the webhook's status must be succeeded or failed, not {status!r}", prediction_id=exec_id)


def _error(event: Body) -> str:
    """Return the error: `error` in the page profile; the live profile has it in the output list instead."""
    output = event.get("output")
    items = output if isinstance(output, list) else []
    nested = (text(item.get("error")) for item in items if isinstance(item, dict))
    return text(event.get("error")) or next(filter(None, nested), "")
