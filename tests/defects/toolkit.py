"""What a defect is, and tools to plant one inside a sound emulator; those to plant one round it: `defects.wsgi`.

None of them touches the control plane, which the judge needs as it is.
"""

import json
from collections import Counter
from collections.abc import Callable, MutableMapping
from copy import deepcopy
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from eachlabs_mock.app import Application
from eachlabs_mock.core.prediction import TERMINAL, Prediction, Status
from eachlabs_mock.emulator.world import World
from eachlabs_mock.models import Catalog
from eachlabs_mock.schema.validation import compiled

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication

Plant = Callable[[Application], "WSGIApplication"]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that a faulty server does differently.

    :param claim: id of the claim that it breaks, whichever others may suffer as well.
    :param title: what it does, in a few words.
    :param plant: takes a fresh emulator that is nobody else's and returns it with this fault.
    """

    id: str
    claim: str
    title: str
    plant: Plant


MODEL = "qwen-image"


def inside(tamper: Callable[[Application], None]) -> Plant:
    """The emulator is served as it is once *tamper* has been at its parts."""

    def plant(application: Application) -> "WSGIApplication":
        tamper(application)
        return application.wsgi

    return plant


def override(part: object, **methods: object) -> None:
    """Put *methods* in the place of the methods of *part* that are called so."""
    for name, method in methods.items():
        setattr(part, name, method)


def per_world() -> MutableMapping[World, Any]:
    """Return a memory that a reset of a world clears as it clears the world's own."""
    return WeakKeyDictionary()


def together(*plants: Plant) -> Plant:
    """All of *plants* at once, for a fault that shows in several places."""

    def plant(application: Application) -> "WSGIApplication":
        for each in plants:
            application = replace(application, wsgi=each(application))
        return application.wsgi

    return plant


def writing(edit: Callable[[Document], Document]) -> Plant:
    """A webhook says what *edit* makes of its body."""

    def tamper(application: Application) -> None:
        webhook = application.dispatcher._profile.webhook

        def faulty(prediction: Prediction, status: Status) -> bytes:
            return json.dumps(edit(json.loads(webhook(prediction, status)))).encode()

        override(application.dispatcher, _profile=SimpleNamespace(webhook=faulty))

    return inside(tamper)


def judging(change: Callable[[Document], object]) -> Plant:
    """Inputs are judged by the schema that *change* leaves; what the catalogue shows is the sound one."""

    def tamper(application: Application) -> None:
        emulator = application.emulator
        model = emulator.catalog[MODEL]
        schema: Document = deepcopy(dict(model.request_schema))
        change(schema)
        faulty = replace(model, validator=compiled(schema))
        emulator.catalog = Catalog({**emulator.catalog, MODEL: faulty})

    return inside(tamper)


def ruling(parameter: str, **rules: object) -> Plant:
    """A parameter is judged by *rules* of JSON Schema besides its own."""
    return judging(lambda schema: schema["properties"][parameter].update(rules))


def reading(change: Callable[[Prediction, Status, int], Status]) -> Plant:
    """A read shows the status that *change* makes of the prediction, its true status, and how often its end was read.

    This read counts, if it is one of the end.
    """

    def tamper(application: Application) -> None:
        read, ends = application.emulator.read, per_world()

        def faulty(world: World, prediction_id: str) -> tuple[Prediction, Status]:
            prediction, status = read(world, prediction_id)
            seen: Counter[str] = ends.setdefault(world, Counter())
            seen[prediction_id] += status in TERMINAL
            return prediction, change(prediction, status, seen[prediction_id])

        override(application.emulator, read=faulty)

    return inside(tamper)
