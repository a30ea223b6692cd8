"""The client of a control plane, `/__mock/` of an emulator: moves the clock, changes settings, reads the journal."""

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
"""How long a prediction takes on trial: the page's average response time."""

CALM: Final[Mapping[str, object]] = {"duration": SECONDS, "rate_limit": "off", "max_in_flight": "off"}
"""Settings of a world on trial unless a check says otherwise: no limits, since a 429 hides whatever else is wrong."""

LIMITS: Final[Mapping[str, object]] = {
    "rate_limit": f"{REQUESTS_PER_MINUTE}/{MINUTE // MILLIS}",
    "max_in_flight": IN_FLIGHT,
}
"""The documented limits: page, "Rate Limits"."""

RATE, CAP = ({name: LIMITS[name]} for name in ("rate_limit", "max_in_flight"))
"""One of them alone, so that the other is off."""


class ControlError(Exception):
    """The control plane refused a call, or there is none.

    :param path: of the call.
    :param answer: the refusal, or whatever else was answered.
    """

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        super().__init__(f"{method} {path}: {answer.status} {answer.body[:300].decode(errors='replace')}")
        self.path, self.answer = path, answer


class NoJournalError(Exception):
    """No emulator shows a journal at an address; the text says why, and what would help."""


class Control:
    """One world of a server: that of whoever calls with *headers*.

    :param headers: those that let the caller in; they choose the world.
    :param prefix: where the control plane is mounted.
    """

    def __init__(self, transport: Transport, headers: Headers, prefix: str = PREFIX) -> None:
        self._transport = transport
        self._headers = headers
        self._prefix = prefix

    def begin(self, settings: Mapping[str, object]) -> int:
        """Start a fresh world with a clock that only moves when told; return its time in milliseconds."""
        self.call("POST", "/reset?scope=all")
        self.call("PATCH", "/settings", {**CALM, **settings})
        return self._time("PUT", "/clock", {"mode": "manual"})

    def reset(self) -> None:
        """Leave a world as the server's start made it."""
        self.call("POST", "/reset?scope=all")

    def configure(self, settings: Mapping[str, object]) -> None:
        """Change settings of the world from now on."""
        self.call("PATCH", "/settings", settings)

    def advance(self, millis: int) -> int:
        """Move the clock; the webhooks that fall due have been attempted on return. Return its time."""
        return self._time("POST", "/clock/advance", {"seconds": millis / MILLIS})

    def advance_to_next(self) -> int:
        """Move the clock to whatever happens next. Return its time."""
        return self._time("POST", "/clock/next")

    def fail_next(self, times: int = 1) -> None:
        """Let the next predictions fail."""
        self.call("POST", "/predictions/fail-next", {"times": times})

    def version(self) -> Mapping[str, Any]:
        """Return what the server says of itself.

        :raises ControlError: there is no control plane.
        :raises NoAnswerError: there is no server.
        """
        return self.call("GET", "/version")

    def _time(self, method: str, path: str, document: object = None) -> int:
        return int(self.call(method, path, document)["now_ms"])

    def call(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        """Return the document that the control plane answers with.

        :param path: below the control plane's own.
        :raises ControlError: it refuses.
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
    """Return the parts of the journal of a world, by name, and change nothing there.

    :param url: the emulator's root, or the `/v1` below that.
    :param headers: those that choose the world: of its key, or `X-Mock-World`; and the token where there is one.
    :raises NoJournalError: there is none, or the control plane refuses.
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
                "eachlabs-mock shows one, and the API itself does not"
            )
        raise NoJournalError(why) from None
