"""A world as one JSON document, and back: what is exported and imported again is the same world."""

import base64
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, get_args

from mock_server.clock import Mode, WorldClock
from mock_server.deliveries import Attempt, Delivery, Due
from mock_server.journal import Entry
from mock_server.prediction import Failure, Plan, Prediction, Status
from mock_server.settings import Settings
from mock_server.store import Store, StoreFullError
from mock_server.world import World
from mock_server.world_settings import SettingError, as_json, changed, own_settings

FORMAT = "eachlabs-mock world"
VERSION = 1
"""Raised whenever an older reader would misunderstand."""


class StateError(ValueError):
    """A document that is no state of a world; the text says where, and what would be right."""


def export(world: World, store: Store) -> dict[str, Any]:
    """Return everything there is of *world*, as JSON can say it. Instants are milliseconds since the epoch."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "world": world.name,
        "seed": world.seed,
        "ordinal": world.ordinal,
        "clock": {"mode": world.clock.mode, "speed": world.clock.speed, "now": world.clock.now()},
        "settings": {name: as_json(name, world.settings) for name in own_settings()},
        "predictions": [asdict(each) for each in store.of_world(world.name)],
        "arrivals": list(store.arrivals(world.name)),
        "evicted": [[model, status, number] for (model, status), number in sorted(store.evicted(world.name).items())],
        "failures": [asdict(each) for each in world.failures],
        "fetched": sorted(world.fetched),
        "pending": [
            {"at": at, "prediction": each.prediction.id, "number": each.number} for at, each in world.outbox.pending()
        ],
        "deliveries": [_sealed(asdict(each), "request") for each in world.outbox.deliveries()],
        "journal": [_sealed(asdict(each), "request", "response") for each in world.journal.entries()],
    }


def load(document: object, name: str, fresh: Callable[[], World], store: Store) -> World:
    """Put the world that *document* describes in the place of the one called *name*, and return it.

    :param fresh: renews that world.

    :raises StateError: it describes none; nothing has been changed then.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise StateError(f'format: must be "{FORMAT}", as GET /__mock/state writes it')
    if document.get("version") != VERSION:
        raise StateError(f"version: this emulator reads version {VERSION}, not {document.get('version')!r}")
    try:
        parts = _Parts(document)
    except (KeyError, TypeError, ValueError) as error:
        raise StateError(f"not the state of a world: {type(error).__name__}: {error}") from None
    try:
        settings = changed(Settings(), parts.settings)
        store.restore(name, parts.predictions_of(name), parts.arrivals, parts.evicted)
    except (SettingError, StoreFullError) as error:
        raise StateError(str(error) or "its predictions have no room here, or are another world's already") from None
    return parts.put_into(fresh(), settings)


class _Parts:
    """The parts of a state, read before anything is touched."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        clock = document["clock"]
        if clock["mode"] not in get_args(Mode):
            raise ValueError(f"the clock's mode {clock['mode']!r} is none of {', '.join(get_args(Mode))}")
        self.seed = int(document["seed"])
        self.ordinal = int(document["ordinal"])
        self.clock = WorldClock(clock["mode"], float(clock["speed"]), int(clock["now"]))
        self.predictions = [_prediction(each) for each in document["predictions"]]
        self.arrivals = [int(each) for each in document["arrivals"]]
        self.evicted = {(str(model), Status(status)): int(number) for model, status, number in document["evicted"]}
        self.failures = [Failure(**each) for each in document["failures"]]
        self.fetched = set(map(str, document["fetched"]))
        by_id = {each.id: each for each in self.predictions}
        self.pending = [
            (int(each["at"]), Due(by_id[each["prediction"]], int(each["number"]))) for each in document["pending"]
        ]
        self.deliveries = [_delivery(each) for each in document["deliveries"]]
        self.journal = [Entry(**_opened(each, "request", "response")) for each in document["journal"]]
        self.settings = document["settings"]

    def predictions_of(self, world: str) -> list[Prediction]:
        return [each if each.world == world else replace(each, world=world) for each in self.predictions]

    def put_into(self, world: World, settings: Settings) -> World:
        world.settings = settings
        world.seed, world.ordinal, world.clock = self.seed, self.ordinal, self.clock
        world.failures, world.fetched = deque(self.failures), self.fetched
        world.outbox.restore(self.pending, self.deliveries)
        world.journal.restore(self.journal)
        return world


def _prediction(facts: Mapping[str, Any]) -> Prediction:
    plan = dict(facts["plan"])
    plan["steps"] = tuple((int(at), Status(status)) for at, status in plan["steps"])
    plan["failure"] = Failure(**plan["failure"])
    return Prediction(**{**facts, "outputs": tuple(facts["outputs"]), "plan": Plan(**plan)})


def _delivery(facts: Mapping[str, Any]) -> Delivery:
    attempts = tuple(Attempt(**each) for each in facts["attempts"])
    return Delivery(**{**_opened(facts, "request"), "attempts": attempts})


def _sealed(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return *facts* with the bodies called *names* as JSON can say them, without loss."""
    return {**facts, **{name: _seal(facts[name]) for name in names}}


def _seal(raw: bytes) -> dict[str, str]:
    try:
        return {"text": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def _opened(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**facts, **{name: _open(facts[name]) for name in names}}


def _open(sealed: Mapping[str, str]) -> bytes:
    return sealed["text"].encode() if "text" in sealed else base64.b64decode(sealed["base64"])
