"""One world of the emulator: made ready for a scenario, and asked afterwards what happened in it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from eachlabs_contract.certification.observation import Strike
from eachlabs_contract.certification.trial import REAL, Scenario
from eachlabs_contract.history import journal
from eachlabs_contract.history.events import Request
from eachlabs_contract.targets.transport import Transport

PREFIX: Final = "/__mock"
AGES: Final = 7200
"""Clock seconds after a run in which whatever still goes on comes to its end, and is charged."""

BEFORE: Final = ("requests", "deliveries", "settings", "clock")
"""Parts of the journal that show what the program did, and must not show what happens to be left over."""


class WorldError(Exception):
    """The emulator refused what it was told; the text says what."""


class World:
    """The world of one key.

    :param transport: the way to the emulator.
    """

    def __init__(self, transport: Transport, key: str) -> None:
        self._transport, self._headers = transport, (("X-API-Key", key), ("Content-Type", "application/json"))

    def prepare(self, scenario: Scenario) -> int:
        """Make it ready for *scenario*; return its time, in milliseconds."""
        self._call("PATCH", "/settings", scenario.world)
        self._call("PUT", "/faults", {"faults": list(scenario.rules)})
        clock = {"mode": "real"} if scenario.speed == REAL else {"mode": "scaled", "speed": scenario.speed}
        return int(self._call("PUT", "/clock", clock)["now_ms"])

    def strikes(self) -> tuple[Strike, ...]:
        """Return how often each rule struck."""
        return tuple(Strike(each["fault"], each["strikes"]) for each in self._call("GET", "/faults")["faults"])

    def journal(self) -> journal.Journal:
        """Let whatever still goes on come to its end, and return what happened up to the program's end."""
        before = {name: self._call("GET", f"/{name}") for name in BEFORE}
        self._call("POST", "/clock/advance", {"seconds": AGES})
        after = {name: self._call("GET", f"/{name}") for name in journal.PARTS if name not in before}
        return journal.read({**before, **after})

    def leave(self) -> None:
        """Forget all of it."""
        self._call("POST", "/reset?scope=all")

    def _call(self, method: str, path: str, document: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  # JSON
        body = b"" if document is None else json.dumps(document).encode()
        answer = self._transport.send(Request(method, PREFIX + path, self._headers, body))
        if answer.status != 200:  # noqa: PLR2004  # HTTP
            raise WorldError(f"{method} {PREFIX}{path}: {answer.status} {answer.body[:300].decode(errors='replace')}")
        return answer.document
