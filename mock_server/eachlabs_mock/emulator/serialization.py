"""Writes the records of a world as JSON, and reads them back; each fact must have its declared type."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import orjson

from eachlabs_mock.core import END_OF_TIME, Failure, Message, Plan, Prediction, Status
from eachlabs_mock.emulator.journal import Entry
from eachlabs_mock.emulator.outbox import Attempt, Delivery, PendingAttempt
from eachlabs_mock.faults import ArmedRule, check_armable, read_rule
from eachlabs_mock.schema import INTEGERS
from eachlabs_mock.settings import Settings

Facts = Mapping[str, Any]
T = TypeVar("T")


def read_prediction(facts: Facts) -> Prediction:
    """Return the prediction with *facts*, which `_asdict` and JSON have written."""
    plan, outputs = _plan(orjson.dumps(facts["plan"])), tuple(map(str, facts["outputs"]))
    return _made(Prediction, {**facts, "outputs": outputs, "plan": plan})


@lru_cache
def _plan(text: bytes) -> Plan:
    """Return the plan in *text*; equal texts share one plan."""
    facts = orjson.loads(text)
    steps = tuple((whole(at), Status(status)) for at, status in facts["steps"])
    return _made(Plan, {**facts, "steps": steps, "failure": _made(Failure, facts["failure"])})


def due_document(due: PendingAttempt) -> dict[str, Any]:
    """Return a pending attempt as JSON, without the record of its prediction."""
    messages = due.messages and [_sealed(asdict(message), "body") for message in due.messages]
    return {"prediction": due.prediction.id, "number": due.number, "letters": messages, "faults": due.faults}


def read_due(facts: Facts, by_id: Mapping[str, Prediction]) -> PendingAttempt:
    """Return the pending attempt that `due_document` has written; *by_id* are the predictions of its world."""
    bodies = facts["letters"]
    messages = None if bodies is None else tuple(_made(Message, _opened(body, "body")) for body in bodies)
    faults = tuple(map(str, facts["faults"]))
    return PendingAttempt(by_id[facts["prediction"]], whole(facts["number"]), messages, faults)


def armed_document(armed: ArmedRule) -> dict[str, Any]:
    """Return a rule in force as JSON."""
    return {"rule": armed.rule.document(), "since": armed.since, "matches": armed.matches, "strikes": armed.strikes}


def read_armed(settings: Settings, facts: Facts) -> ArmedRule:
    """Return the rule in force that `armed_document` has written, if a server with *settings* can apply it."""
    numbers = {name: whole(facts[name]) for name in ("since", "matches", "strikes")}
    rule = read_rule(facts["rule"])
    check_armable((rule,), settings)
    return ArmedRule(rule, **numbers)


def delivery_document(delivery: Delivery) -> dict[str, Any]:
    """Return *delivery* as JSON."""
    return _sealed(asdict(delivery), "request")


def read_delivery(facts: Facts) -> Delivery:
    """Return the delivery that `delivery_document` has written."""
    attempts = tuple(_made(Attempt, attempt) for attempt in facts["attempts"])
    return _made(Delivery, {**_opened(facts, "request"), "attempts": attempts})


def _made(kind: Callable[..., T], facts: Facts) -> T:
    """Return the record of that *kind* with *facts*, with tuples for lists; each must have its declared type."""
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    for name, fits in _checks(kind):
        if not fits(facts[name]):
            raise TypeError(f"{name} cannot be {facts[name]!r}")
    return kind(**facts)


@lru_cache
def _checks(kind: object) -> Sequence[tuple[str, Callable[[object], bool]]]:
    return [(name, _check(hint)) for name, hint in get_type_hints(kind).items()]


def _check(hint: Any) -> Callable[[object], bool]:  # noqa: ANN401  # any annotation
    if get_origin(hint) is Literal:
        options = get_args(hint)
        return lambda value: value in options
    types = tuple if get_origin(hint) is tuple else get_args(hint) or hint
    return lambda value: isinstance(value, types) and (not isinstance(value, int) or value in INTEGERS)


def whole(value: Any) -> int:  # noqa: ANN401  # JSON is
    """Return the integer in *value*, an instant or a count.

    :raises ValueError: it is none, or too large.
    """
    number = int(value)
    if abs(number) > END_OF_TIME:
        raise ValueError(f"the number {number!s:.30} is too large")
    return number


def _sealed(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return *facts* with the bodies called *names* as JSON, without loss."""
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


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return *entry* as JSON."""
    return _sealed(entry._asdict(), "request", "response")


def read_entry(facts: Facts) -> Entry:
    """Return the entry that `entry_document` has written."""
    return _made(Entry, _opened(facts, "request", "response"))


def due_note(due: PendingAttempt) -> bytes:
    """Return a pending attempt as the text of a JSON object, with the record of its prediction."""
    return orjson.dumps({**due_document(due), "record": due.prediction._asdict()})


def read_due_note(note: bytes) -> PendingAttempt:
    """Return the pending attempt that `due_note` has written."""
    facts = orjson.loads(note)
    return read_due(facts, {facts["prediction"]: read_prediction(facts["record"])})
