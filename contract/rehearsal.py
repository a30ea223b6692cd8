"""Plays a check against a stand-in, to show what it would ask of a server, and what it would expect."""

import json
from collections.abc import Mapping
from typing import Final

from contract import model as models
from contract.check import Check
from contract.history import Answer, Exchange, Headers, Request
from contract.runner import Runner
from contract.targets.control import PREFIX, Control
from contract.targets.purse import Purse
from contract.targets.receiver import Receiver
from contract.targets.target import Caller, Target

ROOT: Final = "http://127.0.0.1:8780"
"""Where the example's server is."""

BRIEF: Final = 400
"""Bytes of a body that make a good example."""

_ID: Final = "6b1ff4a0-0000-4000-8000-000000000001"
_JSON: Final[Headers] = (("Content-Type", "application/json"),)
_TAKEN: Final = {"status": "success", "message": "Prediction created successfully", "predictionID": _ID}
_RUNNING: Final = {"status": "processing", "predictionID": _ID, "message": "Prediction is being processed"}
_DONE: Final = {
    "status": "success",
    "predictionID": _ID,
    "output": f"{ROOT}/outputs/{_ID}.webp",
    "metrics": {"predict_time": 17.0},
}


class _StandIn:
    """Takes every create whatever it says; every prediction has ended once the clock was moved."""

    root = ROOT

    def __init__(self) -> None:
        self._moved = False

    def send(self, request: Request) -> Answer:
        if request.path.startswith(PREFIX):
            self._moved = "/clock/" in request.path
            return _answer({"now_ms": 0})
        if request.method == "POST":
            return _answer(_TAKEN)
        return _answer(_DONE if self._moved else _RUNNING)


def example(check: Check, slug: str = models.DEFAULT) -> tuple[Exchange, str] | None:
    """Return an exchange that *check* looks at, and what it expects there, where that is known.

    None where it looks at none. What the stand-in answered means nothing.
    """
    runner = Runner(_target(slug))
    (finding,) = runner.run([check])
    shown = finding.evidence if finding.expected else ()
    happened = (*reversed(shown), *(event for episode in runner.episodes for event in episode.exchanges))
    exchanges = [each for each in happened if isinstance(each, Exchange)]
    brief = (each for each in exchanges if len(each.request.body) < BRIEF)
    exchange = next(brief, exchanges[0] if exchanges else None)
    return (exchange, finding.expected) if exchange else None


def _target(slug: str) -> Target:
    transport = _StandIn()

    def caller(role: str) -> Caller:
        headers = (("X-API-Key", role),)
        return Caller(role, headers, Control(transport, headers))

    return Target(
        "a stand-in",
        transport,
        models.load(slug),
        caller("owner"),
        Purse(),
        second=caller("second"),
        bad_key="invalid",
        receiver=Receiver("http://127.0.0.1:9000"),
    )


def _answer(document: Mapping[str, object]) -> Answer:
    return Answer(200, _JSON, json.dumps(document).encode())
