"""A world as one JSON document, and back: what is exported and imported again is the same world."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import lru_cache, partial
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from mock_server.asking import check_armable
from mock_server.clock import Mode, WorldClock
from mock_server.deliveries import Attempt, Delivery, Due
from mock_server.faults import rule
from mock_server.faults.armed import Armed
from mock_server.faults.armory import Alert
from mock_server.journal import Entry
from mock_server.prediction import Failure, Plan, Prediction, Status
from mock_server.reply import Message
from mock_server.settings import Settings
from mock_server.store import Holding, Store, StoreFullError
from mock_server.world import World
from mock_server.world_settings import SettingError, as_json, changed, own_settings

FORMAT = "eachlabs-mock world"
VERSION = 3
"""Raised whenever an older reader would misunderstand."""

Facts = Mapping[str, Any]
T = TypeVar("T")


class StateError(ValueError):
    """A document that is no state of a world; the text says what would be right, *field* where."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field


def export(world: World, store: Store) -> dict[str, Any]:
    """Return everything there is of *world*, as JSON can say it. Instants are milliseconds since the epoch."""
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
            "asked": world.rules.last_asked,
        },
        "clock": {"mode": world.clock.mode, "speed": world.clock.speed, "now": world.clock.now()},
        "settings": {name: as_json(name, world.settings) for name in own_settings()},
        "predictions": [asdict(each) for each in store.of_world(world.name)],
        "arrivals": list(store.arrivals(world.name)),
        "evicted": [[model, status, number] for (model, status), number in sorted(store.evicted(world.name).items())],
        "rules": [_armed(each) for each in world.rules.armed],
        "bound_rules": [_armed(each) for each in world.rules.bound],
        "pending": [{"at": at, **_due(each)} for at, each in world.outbox.pending()],
        "deliveries": [_sealed(asdict(each), "request") for each in world.outbox.deliveries()],
        "journal": [_sealed(asdict(each), "request", "response") for each in world.journal.entries()],
    }


def load(document: object, name: str, settings: Settings, store: Store, alert: Alert) -> World:
    """Return the world that *document* describes, to be called *name*, with its records in *store* already.

    :param settings: what it does not say of its own.
    :param alert: is told while anything is to go wrong in it.

    :raises StateError: it describes none; nothing has been changed then.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise StateError("format", f'must be "{FORMAT}", as GET /__mock/state writes it')
    if document.get("version") != VERSION:
        raise StateError("version", f"this emulator reads version {VERSION}, not {document.get('version')!r}")
    parts = _Parts(document, name, settings)
    try:
        world = parts.world(name, changed(settings, parts.settings), alert)
        store.restore(name, parts.holding)
    except SettingError as error:
        raise StateError("settings", str(error)) from None
    except StoreFullError:
        raise StateError("predictions", "there is no room for so many, or they are another world's already") from None
    parts.arm(world)  # last: what is refused alerts nobody
    return world


class _Parts:
    """The parts of a state, read before anything is touched."""

    def __init__(self, document: Facts, name: str, settings: Settings) -> None:
        read, read_armed = partial(_read, document), partial(_read_armed, settings)
        self.seed = read("seed", int)
        self.numbers = read("numbers", lambda facts: {each: int(facts[each]) for each in _NUMBERS})
        self.clock = read("clock", _clock)
        self.settings = read("settings", dict)
        self.rules = read("rules", lambda them: list(map(read_armed, them)))
        self.bound_rules = read("bound_rules", lambda them: list(map(read_armed, them)))
        predictions = read("predictions", lambda them: [replace(_prediction(each), world=name) for each in them])
        arrivals = read("arrivals", lambda them: [int(each) for each in them])
        evicted = read("evicted", lambda them: {(str(model), Status(end)): int(n) for model, end, n in them})
        self.holding = Holding(predictions, arrivals, evicted)
        by_id = {each.id: each for each in predictions}
        self.pending = read("pending", lambda them: [(int(each["at"]), _read_due(each, by_id)) for each in them])
        self.deliveries = read("deliveries", lambda them: [_delivery(each) for each in them])
        self.journal = read(
            "journal", lambda them: [_made(Entry, _tupled(_opened(each, "request", "response"))) for each in them]
        )

    def world(self, name: str, settings: Settings, alert: Alert) -> World:
        ordinal, request_ids = self.numbers["predictions"], self.numbers["request_ids"]
        world = World(name, self.seed, self.clock, settings, ordinal=ordinal, request_ids=request_ids, alert=alert)
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
        told = f"{type(error).__name__}: {error}"[:200]
        raise StateError(field, f"must be as GET /__mock/state writes it, and is not ({told})") from None


def _clock(facts: Facts) -> WorldClock:
    mode, speed = facts["mode"], float(facts["speed"])
    if mode not in get_args(Mode):
        raise ValueError(f"the mode {mode!r} is none of {', '.join(get_args(Mode))}")
    if not 0 < speed < float("inf"):
        raise ValueError(f"the speed {speed!r} is no positive number")
    return WorldClock(mode, speed, int(facts["now"]))


def _prediction(facts: Facts) -> Prediction:
    plan = {**facts["plan"], "failure": _made(Failure, facts["plan"]["failure"])}
    plan["steps"] = tuple((int(at), Status(status)) for at, status in plan["steps"])
    return _made(Prediction, {**facts, "outputs": tuple(map(str, facts["outputs"])), "plan": _made(Plan, plan)})


def _due(due: Due) -> dict[str, Any]:
    letters = due.letters and [_sealed(asdict(each), "body") for each in due.letters]
    return {"prediction": due.prediction.id, "number": due.number, "letters": letters, "faults": due.faults}


def _read_due(facts: Facts, by_id: Mapping[str, Prediction]) -> Due:
    letters = facts["letters"]
    made = None if letters is None else tuple(_made(Message, _opened(each, "body")) for each in letters)
    return Due(by_id[facts["prediction"]], facts["number"], made, tuple(map(str, facts["faults"])))


def _armed(armed: Armed) -> dict[str, Any]:
    return {"rule": armed.rule.document(), "since": armed.since, "matches": armed.matches, "strikes": armed.strikes}


def _read_armed(settings: Settings, facts: Facts) -> Armed:
    numbers = {name: int(facts[name]) for name in ("since", "matches", "strikes")}
    read = rule.read(facts["rule"])
    check_armable((read,), settings)
    return Armed(read, **numbers)


def _tupled(facts: Facts) -> Facts:
    """Return *facts* with tuples where JSON knows only lists."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}


def _delivery(facts: Facts) -> Delivery:
    attempts = tuple(_made(Attempt, _tupled(each)) for each in facts["attempts"])
    return _made(Delivery, {**_opened(facts, "request"), "attempts": attempts})


def _made(kind: Callable[..., T], facts: Facts) -> T:
    """Return the record of that *kind* with these *facts*, each of which must be of the type that it declares."""
    for name, hint in _hints(kind).items():
        if not _fits(facts[name], hint):
            raise TypeError(f"{name} cannot be {facts[name]!r}")
    return kind(**facts)


@lru_cache
def _hints(kind: object) -> Facts:
    return get_type_hints(kind)


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401  # a type, or whatever else annotates
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    return isinstance(value, tuple if get_origin(hint) is tuple else hint)


def _sealed(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return *facts* with the bodies called *names* as JSON can say them, without loss."""
    return {**facts, **{name: _seal(facts[name]) for name in names}}


def _seal(raw: bytes) -> dict[str, str]:
    try:
        return {"text": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def _opened(facts: Facts, *names: str) -> dict[str, Any]:
    return {**facts, **{name: _open(facts[name]) for name in names}}


def _open(sealed: Mapping[str, str]) -> bytes:
    return sealed["text"].encode() if "text" in sealed else base64.b64decode(sealed["base64"])
