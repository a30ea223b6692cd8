"""The body of a webhook, read. Nothing here trusts it: anyone who knows the receiver's address can send one."""

from dataclasses import dataclass
from enum import StrEnum

from .bodies import Body, read_object, read_output, text
from .errors import UnreadableAnswerError, WebhookError


class WebhookStatus(StrEnum):
    """How the prediction ended, in the webhook's vocabulary, which is not that of a read."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a webhook claims: the prediction `exec_id` ended; `output` holds its URLs, `error` why it failed."""

    exec_id: str
    status: WebhookStatus
    output: tuple[str, ...] = ()
    error: str = ""


def parse_webhook(body: bytes) -> WebhookEvent:
    """Read the *body* of a webhook request, of either profile.

    The event is not authenticated: take it as a reason to look, and confirm with `Client.get(event.exec_id)` before
    acting on it. That also makes a repeated delivery harmless. Raises `WebhookError` for anything that is no event.
    """
    try:
        event = read_object(body)
    except UnreadableAnswerError as error:
        raise WebhookError("the webhook body is not a JSON object", details=error.details) from error
    exec_id, status = event.get("exec_id"), event.get("status")
    if not isinstance(exec_id, str) or not exec_id:
        raise WebhookError("the webhook names no prediction: exec_id must be a non-empty string")
    if status == WebhookStatus.SUCCEEDED:
        return WebhookEvent(exec_id, WebhookStatus.SUCCEEDED, output=read_output(event.get("output")))
    if status == WebhookStatus.FAILED:
        return WebhookEvent(exec_id, WebhookStatus.FAILED, error=_error(event))
    raise WebhookError(f"the webhook's status must be succeeded or failed, not {status!r}", prediction_id=exec_id)


def _error(event: Body) -> str:
    """Return why it failed: `error` on the page; live leaves that empty and hides the text in the output list."""
    output = event.get("output")
    items = output if isinstance(output, list) else []
    nested = (text(item.get("error")) for item in items if isinstance(item, dict))
    return text(event.get("error")) or next(filter(None, nested), "")
