"""Runs a check against a fake server, to show an example of its requests and expectations."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from eachlabs_contract.checks import Check, Session
from eachlabs_contract.history import Answer, Event, Exchange, Headers, Request
from eachlabs_contract.spec import DEFAULT_MODEL, load_model
from eachlabs_contract.targets import EXAMPLE_ROOT, PREFIX, Budget, Caller, Control, Receiver, Target, Transport

BRIEF: Final = 400
"""Bytes of the longest body that makes a good example."""

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
"""A GIF of one pixel."""

_GIF: Final[Headers] = (("Content-Type", "image/gif"), ("Content-Length", str(len(_PICTURE))))


class _FakeServer:
    """Accepts every create; every prediction ends when the clock moves."""

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
    """Refuses every request."""

    def send(self, request: Request) -> Answer:
        return super().send(request) if request.path.startswith(PREFIX) else _answer({}, 400)


class _ExampleSession(Session):
    """A session that records the last judged exchange, and the promise about it. It prefers brief requests.

    :ivar example: the exchange and the promise; the promise of a CHOICE is empty.
    """

    example: tuple[Exchange, str] | None = None

    def promise(self, holds: object, expected: str, *evidence: Event, got: str = "") -> None:
        self._record(expected, evidence)
        super().promise(holds, expected, *evidence, got=got)

    def observe(self, text: str, *evidence: Event) -> None:
        self._record("", evidence)
        super().observe(text, *evidence)

    def _record(self, expected: str, evidence: Sequence[Event]) -> None:
        events = reversed((*self.events, *evidence))
        exchange = next((event for event in events if isinstance(event, Exchange)), None)
        if exchange and (_is_brief(exchange) or not self.example):
            self.example = exchange, expected


def example_exchange(check: Check, slug: str = DEFAULT_MODEL) -> tuple[Exchange, str] | None:
    """Return an exchange that *check* examines, and its expectation; None if the check examines no exchange.

    The expectation is empty if it depends on a real server. The responses are fakes and mean nothing.
    """
    examples = [_example_with(check, slug, server) for server in (_FakeServer(), _RefusingServer())]
    return next((example for example in examples if example and example[1]), examples[0])


def _example_with(check: Check, slug: str, transport: Transport) -> tuple[Exchange, str] | None:
    session = _ExampleSession(_target(slug, transport), check.claim.id, check.settings)
    with suppress(Exception):  # a check may fail on the responses of a fake server
        check.drive(session)
    exchanges = [exchange for episode in session.episodes for exchange in episode.exchanges]
    first = next(filter(_is_brief, exchanges), exchanges[0] if exchanges else None)
    return session.example or ((first, "") if first else None)


def _is_brief(exchange: Exchange) -> bool:
    return len(exchange.request.body) < BRIEF


def _target(slug: str, transport: Transport) -> Target:
    def caller(role: str) -> Caller:
        headers = (("X-API-Key", role),)
        return Caller(role, headers, Control(transport, headers))

    return Target(
        "a fake server",
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
