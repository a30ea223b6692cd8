"""What the control plane lists of a world: predictions, requests, webhooks, each filtered as asked."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from eachlabs_mock.control import views
from eachlabs_mock.control.parameters import Params
from eachlabs_mock.core import Status, status_at
from eachlabs_mock.emulator import Emulator, World

View = Callable[[], dict[str, Any]]
"""Shows one of what was listed, as JSON: whoever only counts need not pay for it."""

List = Callable[[World, Params], Sequence[View]]
"""Lists, oldest first, what is asked for."""


def predictions(emulator: Emulator) -> List:
    """Return what lists the predictions of a world, filtered by status."""

    def found(world: World, asked: Params) -> Sequence[View]:
        now, status = world.clock.now(), asked.filter("status", tuple(Status))
        since, stored = _since(asked), emulator.store.of_world(world.name)
        shown = (each for each in stored if each.ordinal > since)
        return [partial(views.prediction, each, now) for each in shown if status in {None, status_at(each, now)}]

    return found


def requests(world: World, asked: Params) -> Sequence[View]:
    """List the last requests of *world*, filtered by the HTTP status of their answers; 0: none was sent."""
    status = asked.integer("status", 0, low=0, high=599) if "status" in asked.values else None
    shown = (each for each in world.journal.entries(_since(asked)) if status in {None, each.status})
    return [partial(views.entry, each) for each in shown]


def deliveries(world: World, asked: Params) -> Sequence[View]:
    """List the webhooks of *world* that were attempted, filtered by what came of the last attempt."""
    status = asked.filter("status", ("SUCCESS", "FAILED"))
    shown = (each for each in world.outbox.deliveries(_since(asked)) if status in {None, each.attempts[-1].status})
    return [partial(views.delivery, each) for each in shown]


def _since(asked: Params) -> int:
    """Return the number after which a list is to begin."""
    return asked.integer("since", 0, low=0, high=2**53)
