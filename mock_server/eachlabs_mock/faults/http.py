"""Faults of answers: they come late, in pieces, broken off, twice paid for, or are refusals. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import ClassVar, Literal

from eachlabs_mock.core import MILLIS, ApiError, Message, Reply, Transfer, refusal_of_status
from eachlabs_mock.faults.fault import CALLS, Fault, Route, Scene, parameter

Proceed = Callable[[], Reply]

ASKED = "The emulator was asked for it, by the fault {!r}."

LONGEST = 3600
"""Seconds: longer than any client waits at a socket."""

_DONE = "Whether the work is done all the same, and only its answer is lost."


@dataclass(frozen=True, slots=True)
class AnswerFault(Fault):
    """A fault of a call's answer, at creates and reads unless told otherwise."""

    routes = CALLS
    usual: ClassVar[frozenset[Route]] = frozenset({"create", "read"})


@dataclass(frozen=True, slots=True)
class HttpError(AnswerFault):
    """An error instead of the answer."""

    name = "http_error"

    status: int = parameter(500, "HTTP status.", type="integer", minimum=400, maximum=599)
    body: Literal["json", "html", "empty"] = parameter(
        "json", "What it carries: the API's error body, a gateway's page, or nothing.", enum=["json", "html", "empty"]
    )
    after_commit: bool = parameter(False, _DONE, type="boolean")

    def around(self, scene: Scene, proceed: Proceed) -> Reply:
        if self.after_commit:
            proceed()
        reply = scene.refuse(ApiError(refusal_of_status(self.status), ASKED.format(self.name)))
        if self.body == "json":
            return reply
        page = _page(self.status) if self.body == "html" else Message(b"", "text/plain")
        return reply._replace(body=page.body, content_type=page.content_type)


@dataclass(frozen=True, slots=True)
class RateLimited(AnswerFault):
    """A refusal for too many requests, whatever the limits are; nothing is done and nothing counted."""

    name = "rate_limited"
    routes = frozenset({"create", "read"})

    seconds: int = parameter(1, "What Retry-After says, in seconds.", type="integer", minimum=1, maximum=LONGEST)
    retry_after: Literal["seconds", "date", "absent"] = parameter(
        "seconds", "How Retry-After is given.", enum=["seconds", "date", "absent"]
    )

    def around(self, scene: Scene, proceed: Proceed) -> Reply:  # noqa: ARG002  # the work is not done
        reply = scene.refuse(ApiError("rate_limited", ASKED.format(self.name)))
        at = -(-scene.now // MILLIS) + self.seconds  # rounded up: whoever comes then has waited long enough
        value = {"seconds": str(self.seconds), "date": formatdate(at, usegmt=True), "absent": ""}[self.retry_after]
        return reply._replace(headers=(("Retry-After", value), *reply.headers)) if value else reply


@dataclass(frozen=True, slots=True)
class Latency(AnswerFault):
    """The answer takes its time: real seconds, as sockets count."""

    name = "latency"

    seconds: float = parameter(
        1.0, "Real seconds; the median where they are drawn.", type="number", minimum=0, maximum=LONGEST
    )
    distribution: Literal["fixed", "uniform", "log_normal"] = parameter(
        "fixed", "How they are drawn.", enum=["fixed", "uniform", "log_normal"]
    )
    spread: float = parameter(
        0.5,
        "uniform: how far from the median at most, as a share of it; log_normal: the spread of the logarithm.",
        type="number",
        minimum=0,
        maximum=1,
    )

    def around(self, scene: Scene, proceed: Proceed) -> Reply:
        reply = proceed()
        return reply._replace(transfer=replace(reply.transfer, delay=reply.transfer.delay + self._drawn(scene)))

    def _drawn(self, scene: Scene) -> float:
        match self.distribution:
            case "fixed":
                return self.seconds
            case "uniform":
                return self.seconds * (1 + self.spread * (2 * scene.chance.draw("latency") - 1))
            case "log_normal":
                return min(LONGEST, scene.chance.log_normal("latency", median=self.seconds, sigma=self.spread))


@dataclass(frozen=True, slots=True)
class Dribble(AnswerFault):
    """The body comes piece by piece."""

    name = "dribble"

    seconds: float = parameter(
        5.0, "Real seconds over which the body is spread.", type="number", minimum=0, maximum=LONGEST
    )

    @property
    def needs_socket(self) -> bool:
        return True

    def around(self, scene: Scene, proceed: Proceed) -> Reply:  # noqa: ARG002  # nothing is drawn
        reply = proceed()
        return reply._replace(transfer=replace(reply.transfer, spread=self.seconds))


@dataclass(frozen=True, slots=True)
class Hang(AnswerFault):
    """No answer ever comes, and the connection stays open until the caller hangs up."""

    name = "hang"

    after_commit: bool = parameter(False, _DONE, type="boolean")

    @property
    def needs_socket(self) -> bool:
        return True

    def around(self, scene: Scene, proceed: Proceed) -> Reply:
        return _lost(self.name, scene, proceed if self.after_commit else None, Transfer(cut_after=0, end="hang"))


@dataclass(frozen=True, slots=True)
class Reset(AnswerFault):
    """The connection is reset (TCP RST)."""

    name = "reset"

    at: Literal["start", "middle"] = parameter(
        "start",
        "Before the answer begins, or in the middle of its body; then the work is done.",
        enum=["start", "middle"],
    )
    after_commit: bool = parameter(False, _DONE, type="boolean")

    @property
    def needs_socket(self) -> bool:
        return True

    def around(self, scene: Scene, proceed: Proceed) -> Reply:
        if self.at == "middle":
            return _broken_off(proceed(), "reset")
        return _lost(self.name, scene, proceed if self.after_commit else None, Transfer(cut_after=0, end="reset"))


@dataclass(frozen=True, slots=True)
class Truncate(AnswerFault):
    """The body ends in the middle, whatever Content-Length has promised, and the connection is closed."""

    name = "truncate"

    def around(self, scene: Scene, proceed: Proceed) -> Reply:  # noqa: ARG002  # nothing is drawn
        return _broken_off(proceed(), "close")


@dataclass(frozen=True, slots=True)
class Duplicate(Fault):
    """A create is performed twice, and answered once; a webhook goes out twice."""

    name = "duplicate"
    routes = frozenset({"create", "webhook"})
    usual = frozenset({"create"})

    def around(self, scene: Scene, proceed: Proceed) -> Reply:  # noqa: ARG002  # nothing is drawn
        reply = proceed()
        proceed()  # whatever comes of it: a refusal must not hide what the first has created
        return reply

    def letters(self, letter: Message, scene: Scene) -> tuple[Message, ...]:  # noqa: ARG002  # the same
        return letter, letter


@dataclass(frozen=True, slots=True)
class Expired(Fault):
    """The output is gone, as if its address had expired."""

    name = "expired"
    routes = usual = frozenset({"output"})

    def around(self, scene: Scene, proceed: Proceed) -> Reply:  # noqa: ARG002  # there is no work to do
        return scene.refuse(ApiError("unknown_output", f"The output has expired. {ASKED.format(self.name)}"))


def _page(status: int) -> Message:
    title = f"{status} {HTTPStatus(status).phrase if status in set(HTTPStatus) else 'Error'}"
    text = f"<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n</body>\n</html>\n"
    return Message(text.encode(), "text/html")


def _lost(name: str, scene: Scene, proceed: Proceed | None, transfer: Transfer) -> Reply:
    """Return an answer of which nothing is seen; *proceed*, where the work is done before."""
    if proceed:
        proceed()
    return scene.refuse(ApiError("server_error", ASKED.format(name)))._replace(transfer=transfer)


def _broken_off(reply: Reply, end: Literal["close", "reset"]) -> Reply:
    return reply._replace(transfer=replace(reply.transfer, cut_after=len(reply.body) // 2, end=end))


FAULTS = (HttpError, RateLimited, Latency, Dribble, Hang, Reset, Truncate, Duplicate, Expired)
