"""Moves a server's clock and tells it what to do, where it has a control plane: `/__mock/` of an emulator."""

import json
from collections.abc import Mapping
from typing import Any, Final

from eachlabs_contract.history.events import Headers, Request
from eachlabs_contract.targets.transport import NoAnswerError, Transport

PREFIX: Final = "/__mock"
MILLIS: Final = 1000
SECONDS: Final = 17
"""How long a prediction takes on trial: the page's average response time."""

CALM: Final[Mapping[str, object]] = {"duration": SECONDS, "rate_limit": "off", "max_in_flight": "off"}
"""Settings of a world on trial unless a check says otherwise: no limits, since a 429 hides whatever else is wrong."""

LIMITS: Final[Mapping[str, object]] = {"rate_limit": "100/60", "max_in_flight": 10}
"""The documented limits: page, "Rate Limits"."""

RATE, CAP = ({name: LIMITS[name]} for name in ("rate_limit", "max_in_flight"))
"""One of them alone, so that the other is off."""


class ControlError(Exception):
    """The control plane refused what it was told; the text says why."""


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
        self._call("POST", "/reset?scope=all")
        self._call("PATCH", "/settings", {**CALM, **settings})
        return self._time("PUT", "/clock", {"mode": "manual"})

    def reset(self) -> None:
        """Leave a world as the server's start made it."""
        self._call("POST", "/reset?scope=all")

    def configure(self, settings: Mapping[str, object]) -> None:
        """Change settings of the world from now on."""
        self._call("PATCH", "/settings", settings)

    def advance(self, millis: int) -> int:
        """Move the clock; the webhooks that fall due have been attempted on return. Return its time."""
        return self._time("POST", "/clock/advance", {"seconds": millis / MILLIS})

    def advance_to_next(self) -> int:
        """Move the clock to whatever happens next. Return its time."""
        return self._time("POST", "/clock/next")

    def fail_next(self, times: int = 1) -> None:
        """Let the next predictions fail."""
        self._call("POST", "/predictions/fail-next", {"times": times})

    def version(self) -> Mapping[str, Any]:
        """Return what the server says of itself.

        :raises ControlError: there is no control plane.
        :raises NoAnswerError: there is no server.
        """
        answer = self._call("GET", "/version")
        if not isinstance(answer, dict):
            raise ControlError(f"{self._prefix}/version does not answer as a control plane")
        return answer

    def _time(self, method: str, path: str, document: object = None) -> int:
        return int(self._call(method, path, document)["now_ms"])

    def _call(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401  # JSON
        body = b"" if document is None else json.dumps(document).encode()
        headers = (*self._headers, ("Content-Type", "application/json")) if body else self._headers
        answer = self._transport.send(Request(method, self._prefix + path, headers, body))
        if answer.status != 200:  # noqa: PLR2004  # HTTP
            raise ControlError(
                f"{method} {self._prefix}{path}: {answer.status} {answer.body[:300].decode(errors='replace')}"
            )
        return answer.document


def find(transport: Transport, headers: Headers, prefix: str = PREFIX) -> Control | None:
    """Return the control plane of a server, or None where it has none."""
    control = Control(transport, headers, prefix)
    try:
        control.version()
    except (ControlError, NoAnswerError):
        return None
    return control
