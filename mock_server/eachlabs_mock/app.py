"""The composition root: makes the parts of the emulator and connects them."""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIApplication

from flask import Flask

from eachlabs_mock.control import ControlActions, ControlPlane
from eachlabs_mock.core import Prediction, WorldClock, fresh_seed
from eachlabs_mock.emulator import Attempt, Delivery, Emulator, Store, World, Worlds
from eachlabs_mock.faults import ArmedCount, load_scenario
from eachlabs_mock.models import Catalog, shipped_models
from eachlabs_mock.settings import Settings, with_keywords
from eachlabs_mock.stores import MemoryStore, SqliteArchive, SqliteDatabase, SqliteStore
from eachlabs_mock.web import (
    AtOnce,
    FaultInjector,
    Handlers,
    Lane,
    OutputCache,
    PublicApi,
    RequestLog,
    make_flask_app,
    no_lane,
)
from eachlabs_mock.webhooks import AutoClock, Egress, Send, WebhookDispatcher, WorkerPool, without_secrets
from eachlabs_mock.wire import PROFILES

MIB = 1024 * 1024

WEBHOOKS_AT_ONCE = 1024
"""Concurrent webhook attempts over all worlds; up to --max-predictions more wait in a queue."""

EXTENSION = "eachlabs_mock"
"""The key of the `Application` in `flask.Flask.extensions`."""


@dataclass(frozen=True, slots=True)
class Application:
    """An emulator and its parts.

    :param wsgi: the whole emulator as a WSGI application: the fast lane, and the routes behind it.
    :param flask: the same as a Flask application; its `wsgi_app` is *wsgi*.
    :param at_once: answers a call that waits for nothing; returns None for any other.
    :param dispatcher: sends webhooks once it is started.
    """

    wsgi: WSGIApplication
    flask: Flask
    at_once: AtOnce
    emulator: Emulator
    dispatcher: WebhookDispatcher


def create_app(**settings: Any) -> Flask:  # noqa: ANN401  # any setting
    """Return the emulator as a Flask application: for `flask run`, for `test_client()` and for any WSGI server.

    The first webhook starts the thread that sends webhooks. `app.extensions["eachlabs_mock"]` is the `Application`.

    :param settings: single settings by name: Python's values, or texts as on the command line (``rate_limit="off"``).
    :raises TypeError: a name is not a setting, or a value has a type that the setting does not accept.
    :raises ValueError: a value is not legal; the text names a legal one.
    :raises ModelFileError, ScenarioError, StoreFileError: as `assemble`.
    """
    application = assemble(with_keywords(Settings(), settings))
    application.dispatcher.start_on_demand()
    return application.flask


def assemble(
    settings: Settings,
    *,
    clock: Callable[[], WorldClock] | None = None,
    send: Send | None = None,
    log: RequestLog | None = None,
) -> Application:
    """Return an emulator with *settings*; it sends webhooks after `dispatcher.start()`.

    :param clock: makes the clock of each world; by default one with the mode and the start of the settings.
    :param send: calls webhook receivers; by default over the network, as the settings allow.
    :param log: the request log; by default on standard error, as the settings say.
    :raises ModelFileError: a model file or directory of the settings has an error.
    :raises ScenarioError: the scenario has an error.
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
        archive = SqliteArchive(file, settings, armed_count, clock) if file else None

    def world(name: str) -> World:
        made = World(name, seed, make_clock(), settings, armed_count=armed_count, archive=archive)
        made.rules.arm(played.rules, made.clock.now())
        if archive:
            archive.enter(made)
        return made

    worlds = Worlds(settings.max_worlds, world)
    profile = PROFILES[settings.profile]
    workers = WorkerPool("webhook", WEBHOOKS_AT_ONCE, settings.max_predictions)
    egress = Egress(settings.allow_webhook_host)
    on_attempt, on_expect = _attempt_logger(log), _undeliverable_logger(egress, log)
    dispatcher = WebhookDispatcher(profile, send or egress.send, on_attempt, on_expect, workers)
    limits = settings.max_predictions, worlds.now_in
    with _closed_on_error(file):
        store = SqliteStore(file, *limits) if file else MemoryStore(*limits)
        emulator = Emulator(settings, seed, catalog, worlds, store, dispatcher, AutoClock(store, dispatcher))
        _restore(archive.worlds(store) if archive else (), worlds, store, dispatcher)
    handlers = Handlers(emulator, profile, log, FaultInjector(emulator, armed_count))
    output_cache = OutputCache(catalog, settings.image_cache * MIB)
    control = ControlPlane(emulator, ControlActions(emulator, dispatcher), lambda: dispatcher.is_running)
    flask = make_flask_app(handlers, PublicApi(handlers, output_cache).blueprint(), control.blueprint())
    at_once: AtOnce = no_lane
    if settings.lane:
        lane = Lane(handlers, flask.wsgi_app)
        flask.wsgi_app = lane  # type: ignore[method-assign]  # Flask documents this attribute for middleware
        at_once = lane.at_once
    flask.extensions[EXTENSION] = application = Application(flask.wsgi_app, flask, at_once, emulator, dispatcher)
    return application


@contextmanager
def _closed_on_error(file: SqliteDatabase | None) -> Iterator[None]:
    """Close *file* on an error, so that another process can open or repair it."""
    try:
        yield
    except BaseException:
        if file:
            file.close()
        raise


def _restore(kept: Iterable[World], worlds: Worlds, store: Store, dispatcher: WebhookDispatcher) -> None:
    """Enter the worlds *kept* by an earlier process. Overdue webhooks are sent once the dispatcher runs."""
    for world in kept:
        worlds.put(world)
        if gone := worlds.drop_idle():
            store.forget(gone)
        dispatcher.rearm(world)


def _attempt_logger(log: RequestLog) -> Callable[[World, Delivery, Attempt], None]:
    def log_attempt(world: World, delivery: Delivery, attempt: Attempt) -> None:
        log.write(
            "webhook",
            world=world.name,
            method="POST",
            url=without_secrets(delivery.url),
            status=attempt.status_code or 0,
            error=attempt.error,
            execution_id=delivery.prediction_id,
        )

    return log_attempt


def _undeliverable_logger(egress: Egress, log: RequestLog) -> Callable[[World, Prediction], None]:
    """Return a function that logs, at creation, that a webhook will not be sent because its host is not allowed."""

    def look_up(world: World, prediction: Prediction) -> None:
        if error := egress.refusal(prediction.webhook_url):
            log.write("warning", world=world.name, error=error, execution_id=prediction.id)

    def check(world: World, prediction: Prediction) -> None:
        if not egress.allows_unseen(prediction.webhook_url):  # to resolve a name may take long
            threading.Thread(target=look_up, args=(world, prediction), name="egress check", daemon=True).start()

    return check
