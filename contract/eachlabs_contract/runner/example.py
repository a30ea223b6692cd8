"""Plays a check against a made-up server, to show what it would ask of a server, and what it would expect."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from eachlabs_contract.checks import Check, Session
from eachlabs_contract.history import Answer, Event, Exchange, Headers, Request
from eachlabs_contract.spec import DEFAULT_MODEL, load_model
from eachlabs_contract.targets import EXAMPLE_ROOT, PREFIX, Budget, Caller, Control, Receiver, Target, Transport

BRIEF: Final = 400
"""Bytes of a body that make a good example."""

_ID: Final = "6b1ff4a0-0000-4000-8000-000000000001"
_JSON: Final[Headers] = (("Content-Type", "application/json"),)
_TAKEN: Final = {"status": "success", "message": "Prediction created successfully", "predictionID": _ID}
_RUNNING: Final = {"status": "processing", "predictionID": _ID, "message": "Prediction is being processed"}
_DONE: Final = {
    "status": "success",
    "predictionID": _ID,
    "output": f"{EXAMPLE_ROOT}/outputs/{_ID}.webp",
    "metrics": {"predict_time": 17.0},
}
_PICTURE: Final = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
"""The smallest GIF there is: one pixel."""

_GIF: Final[Headers] = (("Content-Type", "image/gif"), ("Content-Length", str(len(_PICTURE))))


class _FakeServer:
    """Takes every create whatever it says; every prediction has ended once the clock was moved."""

    root = EXAMPLE_ROOT

    def __init__(self) -> None:
        self._moved = False

    def send(self, request: Request) -> Answer:
        if request.path.startswith(PREFIX):
            self._moved = "/clock/" in request.path
            return _answer({"now_ms": 0})
        if request.path.startswith("/outputs/"):
            return Answer(200, _GIF, _PICTURE)
        if request.method == "POST":
            return _answer(_TAKEN)
        return _answer(_DONE if self._moved else _RUNNING)


class _RefusingServer(_FakeServer):
    """Refuses whatever is asked."""

    def send(self, request: Request) -> Answer:
        return super().send(request) if request.path.startswith(PREFIX) else _answer({}, 400)


class _ExampleSession(Session):
    """A session that remembers the exchange last judged, and what was promised of it.

    :ivar shown: both; the promise is empty where the page is silent. A long request gives way to a brief one.
    """

    shown: tuple[Exchange, str] | None = None

    def promise(self, holds: object, expected: str, *evidence: Event, got: str = "") -> None:
        self._show(expected, evidence)
        super().promise(holds, expected, *evidence, got=got)

    def observe(self, text: str, *evidence: Event) -> None:
        self._show("", evidence)
        super().observe(text, *evidence)

    def _show(self, expected: str, evidence: Sequence[Event]) -> None:
        judged = next((each for each in reversed((*self.events, *evidence)) if isinstance(each, Exchange)), None)
        if judged and (_is_brief(judged) or not self.shown):
            self.shown = judged, expected


def example_exchange(check: Check, slug: str = DEFAULT_MODEL) -> tuple[Exchange, str] | None:
    """Return an exchange that *check* looks at, and what it expects there; empty: that cannot be told without a server.

    None where it looks at none. What the made-up servers answered means nothing.
    """
    shown = [_shown_with(check, slug, each) for each in (_FakeServer(), _RefusingServer())]
    return next((each for each in shown if each and each[1]), shown[0])


def _shown_with(check: Check, slug: str, transport: Transport) -> tuple[Exchange, str] | None:
    session = _ExampleSession(_target(slug, transport), check.claim.id, check.settings)
    with suppress(Exception):  # a check may well trip over what a made-up server answers
        check.drive(session)
    exchanges = [each for episode in session.episodes for each in episode.exchanges]
    asked = next(filter(_is_brief, exchanges), exchanges[0] if exchanges else None)
    return session.shown or ((asked, "") if asked else None)


def _is_brief(exchange: Exchange) -> bool:
    return len(exchange.request.body) < BRIEF


def _target(slug: str, transport: Transport) -> Target:
    def caller(role: str) -> Caller:
        headers = (("X-API-Key", role),)
        return Caller(role, headers, Control(transport, headers))

    return Target(
        "a made-up server",
        transport,
        load_model(slug),
        caller("owner"),
        Budget(),
        second=caller("second"),
        bad_key="invalid",
        receiver=Receiver("http://127.0.0.1:9000"),
    )


def _answer(document: Mapping[str, object], status: int = 200) -> Answer:
    return Answer(status, _JSON, json.dumps(document).encode())
