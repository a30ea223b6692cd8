"""The client of an emulator's control plane, `/__mock/`: moves the clock, changes settings, reads the journal."""

import json
from collections.abc import Mapping
from typing import Any, Final

from eachlabs_contract.history import OK, PARTS, Answer, Headers, Request
from eachlabs_contract.spec import IN_FLIGHT, MILLIS, MINUTE, REQUESTS_PER_MINUTE, USUAL_DURATION
from eachlabs_contract.targets import address
from eachlabs_contract.targets.transport import NoAnswerError, Transport, connect

PREFIX: Final = "/__mock"
REFUSALS: Final = frozenset({400, 401, 403})
SECONDS: Final = USUAL_DURATION // MILLIS
"""The duration of a prediction during checks: the page's average response time."""

CALM: Final[Mapping[str, object]] = {"duration": SECONDS, "rate_limit": "off", "max_in_flight": "off"}
"""The settings of a world unless a check changes them: no limits, since a 429 hides other faults."""

LIMITS: Final[Mapping[str, object]] = {
    "rate_limit": f"{REQUESTS_PER_MINUTE}/{MINUTE // MILLIS}",
    "max_in_flight": IN_FLIGHT,
}
"""The documented limits: page, "Rate Limits"."""

RATE, CAP = ({name: LIMITS[name]} for name in ("rate_limit", "max_in_flight"))
"""One of the limits, with the other off."""


class ControlError(Exception):
    """The control plane refused a call, or there is none.

    :param path: the path of the call.
    :param answer: the refusal, or any other answer.
    """

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        super().__init__(f"{method} {path}: {answer.status} {answer.body[:300].decode(errors='replace')}")
        self.path, self.answer = path, answer


class NoJournalError(Exception):
    """The address shows no journal; the text says why and what to do."""


class Control:
    """The control plane of one world: the world of *headers*.

    :param headers: the caller's headers, with its key; they choose the world.
    :param prefix: where the control plane is mounted.
    """

    def __init__(self, transport: Transport, headers: Headers, prefix: str = PREFIX) -> None:
        self._transport = transport
        self._headers = headers
        self._prefix = prefix

    def begin(self, settings: Mapping[str, object]) -> int:
        """Start a fresh world whose clock moves only when told; return its time in milliseconds."""
        self.call("POST", "/reset?scope=all")
        self.call("PATCH", "/settings", {**CALM, **settings})
        return self._time("PUT", "/clock", {"mode": "manual"})

    def reset(self) -> None:
        """Reset the world to the state at the server's start."""
        self.call("POST", "/reset?scope=all")

    def configure(self, settings: Mapping[str, object]) -> None:
        """Change settings of the world."""
        self.call("PATCH", "/settings", settings)

    def advance(self, millis: int) -> int:
        """Move the clock by *millis*; webhooks that fall due have been attempted on return. Return the new time."""
        return self._time("POST", "/clock/advance", {"seconds": millis / MILLIS})

    def advance_to_next(self) -> int:
        """Move the clock to the next event. Return the new time."""
        return self._time("POST", "/clock/next")

    def fail_next(self, times: int = 1) -> None:
        """Make the next predictions fail."""
        self.call("POST", "/predictions/fail-next", {"times": times})

    def version(self) -> Mapping[str, Any]:
        """Return the version document of the server.

        :raises ControlError: there is no control plane.
        :raises NoAnswerError: there is no server.
        """
        return self.call("GET", "/version")

    def _time(self, method: str, path: str, document: object = None) -> int:
        return int(self.call(method, path, document)["now_ms"])

    def call(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        """Return the JSON object that the control plane answers.

        :param path: relative to the control plane's prefix.
        :raises ControlError: it refuses the call.
        :raises NoAnswerError: there is no server.
        """
        body = b"" if document is None else json.dumps(document).encode()
        headers = (*self._headers, ("Content-Type", "application/json")) if body else self._headers
        answer = self._transport.send(Request(method, self._prefix + path, headers, body))
        if answer.status != OK or not isinstance(answer.document, dict):
            raise ControlError(method, self._prefix + path, answer)
        return answer.document


def find(transport: Transport, headers: Headers, prefix: str = PREFIX) -> Control | None:
    """Return the control plane of a server, or None where it has none."""
    control = Control(transport, headers, prefix)
    try:
        control.version()
    except (ControlError, NoAnswerError):
        return None
    return control


def read_world(url: str, headers: Headers) -> dict[str, Any]:
    """Return the parts of a world's journal, by name, without changing the world.

    :param url: the emulator's root, or the `/v1` below it.
    :param headers: those that choose the world (its key, or `X-Mock-World`), and the token where one is needed.
    :raises NoJournalError: there is none, or the control plane refuses the call.
    """
    try:
        where = address.read(url)
    except ValueError as error:
        raise NoJournalError(str(error)) from None
    control = Control(connect(where.root), headers, where.mount + PREFIX)
    try:
        return {"source": url, **{name: control.call("GET", f"/{name}") for name in PARTS}}
    except NoAnswerError as error:
        raise NoJournalError(f"no server answers at {where.root}: {error}") from None
    except ControlError as error:
        answer = error.answer
        if answer.status in REFUSALS and isinstance(answer.document, dict) and "detail" in answer.document:
            why = f"the control plane at {where.root} refuses ({answer.status}): {answer.document['detail']}"
        else:
            why = (
                f"the server at {where.root} shows no journal: {error.path} is answered {answer.status}; "
                "eachlabs-mock has one, but the API itself does not"
            )
        raise NoJournalError(why) from None
