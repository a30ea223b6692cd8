"""Exports a world as one JSON document, and imports it again as the same world."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, get_args

from eachlabs_mock.core import Mode, Status, WorldClock
from eachlabs_mock.emulator import (
    Facts,
    Store,
    StoreFullError,
    World,
    WorldRecords,
    armed_document,
    delivery_document,
    due_document,
    entry_document,
    read_armed,
    read_delivery,
    read_due,
    read_entry,
    read_prediction,
    whole,
)
from eachlabs_mock.settings import SettingError, Settings, as_json, changed, own_settings

FORMAT = "eachlabs-mock world"
VERSION = 3
"""Raised with each change that an older emulator would misread."""

MODES: tuple[Mode, ...] = get_args(Mode)

T = TypeVar("T")


class StateError(ValueError):
    """A document that is not a state of a world; the text says what would be right, *field* where."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field


def export(world: World, store: Store) -> dict[str, Any]:
    """Return all of *world* as JSON, except for predictions, which are the records themselves.

    Instants are milliseconds since the epoch.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "world": world.name,
        "seed": world.seed,
        "numbers": {
            "predictions": world.ordinal,
            "request_ids": world.request_ids,
            "requests": world.journal.last_number,
            "deliveries": world.outbox.last_number,
            "rules": world.rules.last_number,
            "asked": world.rules.last_directive,
        },
        "clock": {"mode": world.clock.mode, "speed": world.clock.speed, "now": world.clock.now()},
        "settings": {name: as_json(name, world.settings) for name in own_settings()},
        "predictions": store.of_world(world.name),
        "arrivals": list(store.arrivals(world.name)),
        "evicted": [[model, status, number] for (model, status), number in sorted(store.evicted(world.name).items())],
        "rules": [armed_document(rule) for rule in world.rules.armed],
        "bound_rules": [armed_document(rule) for rule in world.rules.bound],
        "pending": [{"at": at, **due_document(each)} for at, each in world.outbox.pending()],
        "deliveries": [delivery_document(delivery) for delivery in world.outbox.deliveries()],
        "journal": [entry_document(entry) for entry in world.journal.entries()],
    }


def load(document: object, place: World, settings: Settings, store: Store) -> World:
    """Return the world that *document* describes, to replace *place*; its predictions are put into *store*.

    :param settings: those that the document does not have.
    :raises StateError: it describes no world; nothing has changed then.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise StateError("format", f'must be "{FORMAT}", as GET /__mock/state writes it')
    if document.get("version") != VERSION:
        raise StateError("version", f"this emulator reads version {VERSION}, not {document.get('version')!r}")
    parts = _Parts(document, place.name, settings)
    try:
        world = parts.world(place, changed(settings, parts.settings))
        store.restore(place.name, parts.records)
    except SettingError as error:
        raise StateError("settings", str(error)) from None
    except StoreFullError:
        raise StateError(
            "predictions", "the store has no room for so many, or another world has one of these ids"
        ) from None
    parts.arm(world)  # last: a refused document must not count as armed
    return world


class _Parts:
    """The parts of a state, all read before anything changes."""

    def __init__(self, document: Facts, name: str, settings: Settings) -> None:
        read, armed = partial(_read, document), partial(read_armed, settings)
        self.seed = read("seed", whole)
        self.numbers = read("numbers", lambda facts: {name: whole(facts[name]) for name in _NUMBERS})
        self.clock = read("clock", _clock)
        self.settings = read("settings", dict)
        self.rules = read("rules", lambda items: list(map(armed, items)))
        self.bound_rules = read("bound_rules", lambda items: list(map(armed, items)))
        predictions = read("predictions", lambda items: [read_prediction(item)._replace(world=name) for item in items])
        arrivals = read("arrivals", lambda items: [whole(item) for item in items])
        evicted = read("evicted", lambda items: {(str(model), Status(end)): whole(n) for model, end, n in items})
        self.records = WorldRecords(predictions, arrivals, evicted)
        by_id = {prediction.id: prediction for prediction in predictions}
        self.pending = read("pending", lambda items: [(whole(item["at"]), read_due(item, by_id)) for item in items])
        self.deliveries = read("deliveries", lambda items: [read_delivery(item) for item in items])
        self.journal = read("journal", lambda items: [read_entry(item) for item in items])

    def world(self, place: World, settings: Settings) -> World:
        count, archive = place.armed_count, place.archive
        world = World(place.name, self.seed, self.clock, settings, armed_count=count, archive=archive)
        world.ordinal, world.request_ids = self.numbers["predictions"], self.numbers["request_ids"]
        world.outbox.restore(self.pending, self.deliveries, self.numbers["deliveries"])
        world.journal.restore(self.journal, self.numbers["requests"])
        return world

    def arm(self, world: World) -> None:
        world.rules.restore(self.rules, self.bound_rules, self.numbers["rules"], self.numbers["asked"])


_NUMBERS = ("predictions", "request_ids", "requests", "deliveries", "rules", "asked")


def _read(document: Facts, field: str, make: Callable[[Any], T]) -> T:
    try:
        return make(document[field])
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise StateError(field, f"must be as GET /__mock/state writes it ({reason})") from None


def _clock(facts: Facts) -> WorldClock:
    mode, speed = facts["mode"], float(facts["speed"])
    if mode not in MODES:
        raise ValueError(f"the mode must be one of {', '.join(MODES)}, not {mode!r}")
    if not 0 < speed < float("inf"):
        raise ValueError(f"the speed must be a positive number, not {speed!r}")
    return WorldClock(mode, speed, whole(facts["now"]))
