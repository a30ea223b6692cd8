"""Defects in the limits: the window of requests and the cap on predictions in flight."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from defects.toolkit import Defect, Plant, inside, override, per_world
from eachlabs_mock.app import Application
from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.prediction import Prediction, Status, status_at
from eachlabs_mock.emulator.creation import ValidCreate
from eachlabs_mock.emulator.store import Store
from eachlabs_mock.emulator.world import World

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication

EVERYBODY = "everybody"


def _windowed(change: Callable[[Rate], Rate]) -> Plant:
    """The window follows what *change* makes of the rule."""

    def tamper(application: Application) -> None:
        store, admit = application.emulator.store, application.emulator.store.admit

        def faulty(world: str, now: Instant, rate: Rate | None, **more: Any) -> int:
            wait = admit(world, now, rate and change(rate), **more)
            return min(wait, rate.period) if rate else wait

        override(store, admit=faulty)

    return inside(tamper)


def _one_more(rate: Rate) -> Rate:
    return replace(rate, limit=rate.limit + 1)


def _for_ever(rate: Rate) -> Rate:
    return replace(rate, period=10**15)


def _one_window_for_all(application: Application) -> None:
    store = application.emulator.store
    admit, forget = store.admit, store.forget

    def faulty(_world: str, now: Instant, rate: Rate | None, **more: Any) -> int:
        return admit(EVERYBODY, now, rate, **more)

    def forget_all(world: str) -> None:
        forget(world)
        forget(EVERYBODY)

    override(store, admit=faulty, forget=forget_all)


def _only_creates_count(application: Application) -> None:
    admit = application.emulator.admit

    def faulty(world: World, *, creating: bool) -> None:
        if creating:
            admit(world, creating=True)

    override(application.emulator, admit=faulty)


def _capped(taken: Callable[[Store, Prediction], int]) -> Plant:
    """Beside those in flight, so many more slots count as taken when a prediction comes as *taken* says."""

    def tamper(application: Application) -> None:
        store, add = application.emulator.store, application.emulator.store.add

        def faulty(prediction: Prediction, cap: int | None) -> int:
            return add(prediction, None if cap is None else cap - taken(store, prediction))

        override(store, add=faulty)

    return inside(tamper)


def _failed(store: Store, prediction: Prediction) -> int:
    known = store.of_world(prediction.world)
    return sum(status_at(each, prediction.created_at) is Status.ERROR for each in known)


def _elsewhere(store: Any, prediction: Prediction) -> int:
    others = [each for each in tuple(store._indexes) if each != prediction.world]
    running = [each for world in others for each in store.running(world)]
    return sum(each.ends_at is None or each.ends_at > prediction.created_at for each in running)


def _refused_take_slots(application: Application) -> "WSGIApplication":
    order, worlds, refused = application.emulator.validate, application.emulator.worlds, per_world()

    def faulty(world: World, *more: Any) -> ValidCreate:
        try:
            return order(world, *more)
        except ApiError as error:
            refused.setdefault(world, Counter())["leaked"] += error.refusal.status == 400
            raise

    override(application.emulator, validate=faulty)

    def leaked(_store: Store, prediction: Prediction) -> int:
        return sum(refused.get(worlds.visit(prediction.world), Counter()).values())

    return _capped(leaked)(application)


DEFECTS = (
    Defect("R01", "limits.reads", "the window lets one more through", _windowed(_one_more)),
    Defect("R03", "limits.second-caller", "one window for all keys", inside(_one_window_for_all)),
    Defect("R04", "limits.window-ends", "the window never opens again", _windowed(_for_ever)),
    Defect("R05", "limits.reads", "reads do not count", inside(_only_creates_count)),
    Defect("R06", "limits.slots", "one more may be in flight", _capped(lambda _store, _prediction: -1)),
    Defect("R08", "limits.slots-return-failed", "a failed prediction keeps its slot", _capped(_failed)),
    Defect("R09", "limits.slots-second-caller", "one cap for all keys", _capped(_elsewhere)),
    Defect("R10", "limits.slots-after-refusals", "a refused create takes a slot", _refused_take_slots),
)
