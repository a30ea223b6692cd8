"""Faults of responses: errors, delays, broken connections, duplicates. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import ClassVar, Literal

from eachlabs_mock.core import MILLIS, ApiError, Message, Reply, Transfer, refusal_of_status
from eachlabs_mock.faults.fault import CALLS, Fault, FaultContext, Route, parameter

Proceed = Callable[[], Reply]

INJECTED = "This error was injected by the fault {!r}."

LONGEST = 3600
"""The longest delay in seconds: no client waits longer at a socket."""

_DONE = "Whether the work is done, and only its answer is lost."


@dataclass(frozen=True, slots=True)
class AnswerFault(Fault):
    """A fault of the response to a call; by default of creates and reads."""

    routes = CALLS
    usual: ClassVar[frozenset[Route]] = frozenset({"create", "read"})


@dataclass(frozen=True, slots=True)
class HttpError(AnswerFault):
    """An error is sent instead of the answer."""

    name = "http_error"

    status: int = parameter(500, "HTTP status.", minimum=400, maximum=599)
    body: Literal["json", "html", "empty"] = parameter(
        "json", "The body: the API's error (json), a gateway's page (html), or nothing (empty)."
    )
    after_commit: bool = parameter(False, _DONE)

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        if self.after_commit:
            proceed()
        reply = context.refuse(ApiError(refusal_of_status(self.status), INJECTED.format(self.name)))
        if self.body == "json":
            return reply
        page = _page(self.status) if self.body == "html" else Message(b"", "text/plain")
        return reply._replace(body=page.body, content_type=page.content_type)


@dataclass(frozen=True, slots=True)
class RateLimited(AnswerFault):
    """The call is refused with 429, whatever the limits are; nothing is done or counted."""

    name = "rate_limited"
    routes = frozenset({"create", "read"})

    seconds: int = parameter(1, "Value of Retry-After in seconds.", minimum=1, maximum=LONGEST)
    retry_after: Literal["seconds", "date", "absent"] = parameter(
        "seconds", "Form of Retry-After: seconds, an HTTP date, or no header."
    )

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        reply = context.refuse(ApiError("rate_limited", INJECTED.format(self.name)))
        at = -(-context.now // MILLIS) + self.seconds  # rounded up, so that a call at that time is not too early
        value = {"seconds": str(self.seconds), "date": formatdate(at, usegmt=True), "absent": ""}[self.retry_after]
        return reply._replace(headers=(("Retry-After", value), *reply.headers)) if value else reply


@dataclass(frozen=True, slots=True)
class Latency(AnswerFault):
    """The answer is delayed, by real seconds."""

    name = "latency"

    seconds: float = parameter(1.0, "Delay in real seconds; the median of a random one.", minimum=0, maximum=LONGEST)
    distribution: Literal["fixed", "uniform", "log_normal"] = parameter("fixed", "Distribution of the delay.")
    spread: float = parameter(
        0.5,
        "uniform: largest deviation, as a share of the median; log_normal: standard deviation of the logarithm.",
        minimum=0,
        maximum=1,
    )

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        reply = proceed()
        return reply._replace(transfer=replace(reply.transfer, delay=reply.transfer.delay + self._seconds(context)))

    def _seconds(self, context: FaultContext) -> float:
        match self.distribution:
            case "fixed":
                return self.seconds
            case "uniform":
                return self.seconds * (1 + self.spread * (2 * context.chance.draw("latency") - 1))
            case "log_normal":
                return min(LONGEST, context.chance.log_normal("latency", median=self.seconds, sigma=self.spread))


@dataclass(frozen=True, slots=True)
class Dribble(AnswerFault):
    """The body is sent piece by piece."""

    name = "dribble"
    needs_socket = True

    seconds: float = parameter(5.0, "Real seconds that sending the body takes.", minimum=0, maximum=LONGEST)

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        reply = proceed()
        return reply._replace(transfer=replace(reply.transfer, spread=self.seconds))


@dataclass(frozen=True, slots=True)
class Hang(AnswerFault):
    """No answer is sent, and the connection stays open until the caller closes it."""

    name = "hang"
    needs_socket = True

    after_commit: bool = parameter(False, _DONE)

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        return _lost(self, context, proceed, "hang")


@dataclass(frozen=True, slots=True)
class Reset(AnswerFault):
    """The connection is reset (TCP RST)."""

    name = "reset"
    needs_socket = True

    at: Literal["start", "middle"] = parameter(
        "start", "Before the answer (start), or in the middle of its body, after the work is done (middle)."
    )
    after_commit: bool = parameter(False, _DONE)

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        if self.at == "middle":
            return _broken_off(proceed(), "reset")
        return _lost(self, context, proceed, "reset")


@dataclass(frozen=True, slots=True)
class Truncate(AnswerFault):
    """The connection is closed in the middle of the body, before Content-Length is reached."""

    name = "truncate"

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        return _broken_off(proceed(), "close")


@dataclass(frozen=True, slots=True)
class Duplicate(Fault):
    """A create is carried out twice and answered once; a webhook is sent twice."""

    name = "duplicate"
    routes = frozenset({"create", "webhook"})
    usual = frozenset({"create"})

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        reply = proceed()
        proceed()  # its reply is ignored: a refusal must not hide the prediction that the first call has created
        return reply

    def replace_webhook(self, message: Message, context: FaultContext) -> tuple[Message, ...]:
        return message, message


@dataclass(frozen=True, slots=True)
class Expired(Fault):
    """The output is gone, as if its URL had expired."""

    name = "expired"
    routes = usual = frozenset({"output"})

    def around(self, context: FaultContext, proceed: Proceed) -> Reply:
        return context.refuse(ApiError("unknown_output", f"The output has expired. {INJECTED.format(self.name)}"))


def _page(status: int) -> Message:
    title = f"{status} {HTTPStatus(status).phrase if status in set(HTTPStatus) else 'Error'}"
    text = f"<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n</body>\n</html>\n"
    return Message(text.encode(), "text/html")


def _lost(fault: Hang | Reset, context: FaultContext, proceed: Proceed, end: Literal["hang", "reset"]) -> Reply:
    """Return a reply that is never sent; the work is done first if *fault* says so."""
    if fault.after_commit:
        proceed()
    reply = context.refuse(ApiError("server_error", INJECTED.format(fault.name)))
    return reply._replace(transfer=Transfer(cut_after=0, end=end))


def _broken_off(reply: Reply, end: Literal["close", "reset"]) -> Reply:
    return reply._replace(transfer=replace(reply.transfer, cut_after=len(reply.body) // 2, end=end))


FAULTS = (HttpError, RateLimited, Latency, Dribble, Hang, Reset, Truncate, Duplicate, Expired)
