"""The composition root: picks the parts, joins them, mounts the blueprints, and does nothing else."""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask

from eachlabs_mock.control.actions import ControlActions
from eachlabs_mock.control.routes import ControlPlane
from eachlabs_mock.core.chance import fresh_seed
from eachlabs_mock.core.clock import WorldClock
from eachlabs_mock.core.prediction import Prediction
from eachlabs_mock.emulator.outbox import Attempt, Delivery
from eachlabs_mock.emulator.store import Store
from eachlabs_mock.emulator.use_cases import Emulator
from eachlabs_mock.emulator.world import NoArchive, World, Worlds
from eachlabs_mock.faults.scenario import load_scenario
from eachlabs_mock.faults.rule_set import ArmedCount
from eachlabs_mock.models.catalog import Catalog, shipped_models
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.stores.memory import MemoryStore
from eachlabs_mock.stores.sqlite import SqliteStore
from eachlabs_mock.stores.sqlite_database import SqliteDatabase
from eachlabs_mock.stores.sqlite_worlds import SqliteArchive
from eachlabs_mock.web.fault_injection import FaultInjector
from eachlabs_mock.web.flask_app import flask_app
from eachlabs_mock.web.handlers import Handlers
from eachlabs_mock.web.lane import AtOnce, Lane, no_lane
from eachlabs_mock.web.output_cache import OutputCache
from eachlabs_mock.web.request_log import RequestLog
from eachlabs_mock.web.routes import PublicApi
from eachlabs_mock.webhooks.auto_clock import AutoClock
from eachlabs_mock.webhooks.dispatcher import WebhookDispatcher
from eachlabs_mock.webhooks.egress import Egress, Send, without_secrets
from eachlabs_mock.webhooks.worker_pool import WorkerPool
from eachlabs_mock.wire.profile import PROFILES

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication

MIB = 1024 * 1024

WEBHOOKS_AT_ONCE = 1024
"""Attempts under way at once, over all worlds; further ones wait for one of them, as many as predictions are kept."""


@dataclass(frozen=True, slots=True)
class Application:
    """A whole emulator.

    :param wsgi: serves it.
    :param at_once: answers what surely waits for nothing, and nothing else.
    :param flask: the part behind the lane, complete in itself.
    """

    wsgi: "WSGIApplication"
    at_once: AtOnce
    flask: Flask
    emulator: Emulator
    dispatcher: WebhookDispatcher


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], WorldClock] | None = None,
    send: Send | None = None,
    log: RequestLog | None = None,
) -> Application:
    """Return an emulator with *settings*; `dispatcher.start()` lets webhooks go out by themselves.

    :param clock: makes the clock of each world; by default one that begins and runs as set.
    :param send: calls webhook receivers; by default over the network, as the settings allow.
    :param log: where requests are logged; by default standard error, as set.
    :raises ModelFileError: a model file or directory of the settings has an error.
    :raises ScenarioError: so has the scenario.
    :raises StoreFileError: the store cannot be kept in its file.
    """
    seed = fresh_seed() if settings.seed is None else settings.seed
    make_clock = clock or (lambda: WorldClock(settings.clock_mode, settings.speed, settings.start))
    log = log or RequestLog(settings.log_format, sys.stderr, WorldClock())
    catalog = Catalog.load(shipped_models(), *settings.models)
    played = load_scenario(settings.scenario, settings)
    settings = played.applied(settings)
    armed_count = ArmedCount()
    file = SqliteDatabase(settings.store) if settings.store else None
    with _closed_on_error(file):
        archive = SqliteArchive(file, settings, armed_count, clock) if file else NoArchive()

    def world(name: str) -> World:
        made = World(name, seed, make_clock(), settings, armed_count=armed_count, archive=archive)
        made.rules.arm(played.rules, made.clock.now())
        archive.enter(made)
        return made

    worlds = Worlds(settings.max_worlds, world)
    wire = PROFILES[settings.profile]
    workers = WorkerPool("webhook", WEBHOOKS_AT_ONCE, settings.max_predictions)
    egress = Egress(settings.allow_webhook_host)
    dispatcher = WebhookDispatcher(wire, send or egress.send, _reporter(log), _forewarner(egress, log), workers)
    limits = settings.max_predictions, worlds.now_in
    with _closed_on_error(file):
        store = SqliteStore(file, *limits) if file else MemoryStore(*limits)
        emulator = Emulator(settings, seed, catalog, worlds, store, dispatcher, AutoClock(store, dispatcher))
        _wake(archive.worlds(store), worlds, store, dispatcher)
    handlers = Handlers(emulator, wire, log, FaultInjector(emulator, armed_count))
    output_cache = OutputCache(catalog, settings.image_cache * MIB)
    control = ControlPlane(emulator, ControlActions(emulator, dispatcher), lambda: dispatcher.is_running)
    flask = flask_app(handlers, PublicApi(handlers, output_cache).blueprint(), control.blueprint())
    if not settings.lane:
        return Application(flask.wsgi_app, no_lane, flask, emulator, dispatcher)
    lane = Lane(handlers, flask.wsgi_app)
    return Application(lane, lane.at_once, flask, emulator, dispatcher)


@contextmanager
def _closed_on_error(file: SqliteDatabase | None) -> Iterator[None]:
    """Let go of *file* where it is no good: nobody else could open it, or mend it, before it is collected."""
    try:
        yield
    except BaseException:
        if file:
            file.close()
        raise


def _wake(kept: Iterable[World], worlds: Worlds, store: Store, dispatcher: WebhookDispatcher) -> None:
    """Enter the worlds *kept* by an earlier process. Webhooks due meanwhile go out once the dispatcher runs."""
    for each in kept:
        worlds.put(each)
        if gone := worlds.drop_idle():
            store.forget(gone)
        dispatcher.rearm(each)


def _reporter(log: RequestLog) -> Callable[[World, Delivery, Attempt], None]:
    def report(world: World, delivery: Delivery, attempt: Attempt) -> None:
        log.write(
            "webhook",
            world=world.name,
            method="POST",
            url=without_secrets(delivery.url),
            status=attempt.status_code or 0,
            error=attempt.error,
            execution_id=delivery.prediction_id,
        )

    return report


def _forewarner(egress: Egress, log: RequestLog) -> Callable[[World, Prediction], None]:
    """Tells at once, in the log, of a webhook that will not be sent: its creator would wait for it in vain."""

    def look_up(world: World, prediction: Prediction) -> None:
        if error := egress.refusal(prediction.webhook_url):
            log.write("warning", world=world.name, error=error, execution_id=prediction.id)

    def forewarn(world: World, prediction: Prediction) -> None:
        if not egress.allows_unseen(prediction.webhook_url):  # a name may take its time to resolve, or for ever
            threading.Thread(target=look_up, args=(world, prediction), name="forewarn", daemon=True).start()

    return forewarn
