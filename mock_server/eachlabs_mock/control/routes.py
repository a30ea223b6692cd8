"""The routes of the control plane under `/__mock/`. The real service has none of them."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

import orjson
from flask import Blueprint, Response, g, jsonify, request

from eachlabs_mock.control import views
from eachlabs_mock.control.actions import FASTEST, FURTHEST, SCOPES, ControlActions
from eachlabs_mock.control.guard import Guard
from eachlabs_mock.control.parameters import Params, read_json, rule_of
from eachlabs_mock.control.world_state import MODES, StateError
from eachlabs_mock.core import Prediction
from eachlabs_mock.emulator import Emulator, World
from eachlabs_mock.faults import RuleError
from eachlabs_mock.resources import __version__
from eachlabs_mock.settings import SettingError, as_json, own_settings
from eachlabs_mock.web import Call, Problem, bad, openapi_document

LONGEST_WAIT = 60.0
"""Real seconds that a call may wait at most."""

CHECK_INTERVAL = 0.05
"""Real seconds after which a waiting call checks again: the passing of time sends no notice."""


class ControlPlane:
    """Routes to inspect a world and control it: the world that `X-Mock-World` names, or the one of the key.

    :param is_ready: returns whether all parts of the emulator run.
    """

    def __init__(self, emulator: Emulator, actions: ControlActions, is_ready: Callable[[], bool]) -> None:
        self._emulator = emulator
        self._actions = actions
        self._is_ready = is_ready
        self._guard = Guard(emulator.settings)

    def blueprint(self) -> Blueprint:
        """Return the routes, for an application to mount."""
        routes = Blueprint("control", __name__, url_prefix="/__mock")
        for method, rule, view in (
            ("GET", "/health/live", self.live),
            ("GET", "/health/ready", self.ready),
            ("GET", "/version", self.version),
            ("GET", "/clock", self.clock),
            ("PUT", "/clock", self.set_clock),
            ("POST", "/clock/advance", self.advance),
            ("POST", "/clock/next", self.advance_to_next),
            ("GET", "/predictions", self._listing("predictions", views.list_predictions(self._emulator))),
            ("GET", "/requests", self._listing("requests", views.list_requests)),
            ("GET", "/deliveries", self._listing("deliveries", views.list_deliveries)),
            ("POST", "/predictions/wait", self._waiting("predictions", views.list_predictions(self._emulator))),
            ("POST", "/requests/wait", self._waiting("requests", views.list_requests)),
            ("POST", "/deliveries/wait", self._waiting("deliveries", views.list_deliveries)),
            ("POST", "/predictions/fail-next", self.fail_next),
            ("POST", "/deliveries/<prediction_id>/redeliver", self.redeliver),
            ("GET", "/faults", self.faults),
            ("PUT", "/faults", self.set_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.disarm_all),
            ("DELETE", "/faults/<rule_id>", self.disarm),
            ("GET", "/ledger", self.ledger),
            ("GET", "/settings", self.settings),
            ("PATCH", "/settings", self.change_settings),
            ("GET", "/state", self.state),
            ("PUT", "/state", self.set_state),
            ("POST", "/reset", self.reset),
            ("GET", "/openapi.json", self.openapi),
        ):
            routes.add_url_rule(rule, endpoint=f"{method} {rule}".replace(".", "_"), view_func=view, methods=[method])
        routes.register_error_handler(Problem, _refused)
        return routes

    def live(self) -> Response:
        """200: the process is alive."""
        return jsonify(status="live")

    def ready(self) -> tuple[Response, int]:
        """200: the emulator is ready; 503: it sends no webhooks."""
        if self._is_ready():
            return jsonify(status="ready"), 200
        return jsonify(status="not ready", reason="webhooks are not being sent"), 503

    def version(self) -> Response:
        """Version, profile and seed of this emulator."""
        self._guard.check(g.call)
        return jsonify(version=__version__, profile=self._emulator.settings.profile, seed=self._emulator.seed)

    def clock(self) -> Response:
        """The time of the world, and its pending events."""
        return self._clock(self._world())

    def set_clock(self) -> Response:
        """Change the mode and speed of the clock."""
        world, params = self._world(), _body("mode", "speed")
        mode = params.choice("mode", MODES)
        speed = params.number("speed", 1.0, low=0.001, high=FASTEST)
        if speed != 1 and mode != "scaled":
            raise bad(f"speed: only the mode 'scaled' has a speed; with {mode!r} leave it out or send 1.", "speed")
        self._actions.set_clock(world, mode, speed)
        return self._clock(world)

    def advance(self) -> Response:
        """Advance the clock, event by event."""
        world, params = self._world(), _body("seconds")
        self._actions.advance(world, params.number("seconds", None, low=0, high=FURTHEST))
        return self._clock(world)

    def advance_to_next(self) -> Response:
        """Advance the clock to the next event."""
        world, _ = self._world(), _body()
        self._actions.advance_to_next(world)
        return self._clock(world)

    def fail_next(self) -> Response:
        """Make the next predictions fail."""
        world, params = self._world(), _body("times", "message", "details")
        times = params.integer("times", 1, low=1, high=1000)
        self._actions.fail_next(world, times, params.text("message"), params.text("details"))
        return jsonify(waiting=sum(armed.left or 0 for armed in world.rules.armed if armed.rule.fault.name == "fail"))

    def redeliver(self, prediction_id: str) -> Response:
        """Attempt a webhook once more, now."""
        world = self._world()
        if not self._actions.redeliver(world, prediction_id):
            detail = f"No prediction {prediction_id[:100]!r} of this world has ended and has a webhook."
            raise Problem(HTTPStatus.NOT_FOUND, detail)
        return jsonify(execution_id=prediction_id)

    def faults(self) -> Response:
        """The fault rules in force."""
        return jsonify(faults=[views.armed(rule) for rule in self._world().rules.armed])

    def set_faults(self) -> Response:
        """Replace the fault rules."""
        world, listed = self._world(), _body("faults").values.get("faults")
        if not isinstance(listed, list):
            raise bad("faults: must be a list of rules.", "faults")
        return self._arm(world, {f"faults[{number}].": rule for number, rule in enumerate(listed)}, instead=True)

    def add_fault(self) -> Response:
        """Add a fault rule."""
        return self._arm(self._world(), {"": read_json(request.get_data())}, instead=False)

    def disarm_all(self) -> Response:
        """Remove all fault rules."""
        return self._arm(self._world(), {}, instead=True)

    def disarm(self, rule_id: str) -> Response:
        """Remove a fault rule."""
        if not self._actions.disarm(self._world(), rule_id):
            raise Problem(HTTPStatus.NOT_FOUND, f"No rule {rule_id[:100]!r} is armed in this world.")
        return self.faults()

    def _arm(self, world: World, documents: Mapping[str, object], *, instead: bool) -> Response:
        """Arm the rules in *documents*; each key is the prefix of the rule's field names in a refusal."""
        try:
            self._actions.arm(
                world, [rule_of(document, place) for place, document in documents.items()], instead=instead
            )
        except RuleError as error:
            raise bad(str(error), error.field) from None
        return self.faults()

    def ledger(self) -> Response:
        """The money that the world has spent."""
        world = self._world()
        with world.listing:
            return jsonify(views.ledger(self._emulator.ledger(world)))

    def settings(self) -> Response:
        """The settings of the world."""
        settings = self._world().settings
        return jsonify({name: as_json(name, settings) for name in own_settings()})

    def change_settings(self) -> Response:
        """Change settings of the world."""
        world, params = self._world(), _body(*own_settings())
        try:
            self._actions.change_settings(world, params.values)
        except SettingError as error:
            raise bad(str(error), error.field) from None
        return self.settings()

    def state(self) -> Response:
        """The whole world as one document."""
        world = self._world()
        with world.listing:
            written = orjson.dumps(self._actions.export(world), default=Prediction._asdict)
        return Response(written, content_type="application/json")

    def set_state(self) -> Response:
        """Replace the world by an exported one."""
        world = self._world()
        try:
            return self._clock(self._actions.load(world, read_json(request.get_data())))
        except StateError as error:
            raise bad(str(error), error.field) from None

    def openapi(self) -> Response:
        """The control plane's own OpenAPI document."""
        call: Call = g.call
        self._guard.check(call)
        return jsonify(openapi_document("control", f"{call.public_base}/__mock"))

    def reset(self) -> Response:
        """Reset the world, wholly or in part."""
        world, params = self._world(), _query("scope")
        return self._clock(self._actions.reset(world, params.choice("scope", SCOPES, "all")))

    def _world(self) -> World:
        call: Call = g.call
        self._guard.check(call)
        return self._emulator.identify_owner(call.keys, call.world_name)

    def _clock(self, world: World) -> Response:
        with world.listing:
            return jsonify(views.clock(world, self._actions.pending(world)))

    def _listing(self, name: str, items: views.List) -> Callable[[], Response]:
        def listing() -> Response:
            world = self._world()
            listed = items(world, _query("since", "status"))
            return jsonify({name: _written(world, listed)})

        return listing

    def _waiting(self, name: str, items: views.List) -> Callable[[], tuple[Response, int]]:
        def waiting() -> tuple[Response, int]:
            world, params = self._world(), _body("count", "timeout", "since", "status")
            number = params.integer("count", 1, low=1, high=100_000)
            timeout = params.number("timeout", 5.0, low=0, high=LONGEST_WAIT)
            listed = world.notifier.wait(
                lambda: items(world, params), lambda listed: len(listed) >= number, timeout, CHECK_INTERVAL
            )
            body = {name: _written(world, listed)}
            if len(listed) >= number:
                return jsonify(body), 200
            detail = f"count: got {len(listed)} of {number} {name} within {timeout:g} s."
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail, field="count", more=body)

        return waiting


def _body(*known: str) -> Params:
    return Params.of_body(request.get_data(), *known)


def _query(*known: str) -> Params:
    return Params.of_query(request.args.to_dict(), *known)


def _refused(problem: Problem) -> Response:
    g.call.refusal = problem.detail
    return problem.response()


def _written(world: World, listed: Iterable[views.View]) -> list[orjson.Fragment]:
    """Serialize the views of *world* one by one: all at once would delay other calls."""
    with world.listing:
        return [orjson.Fragment(orjson.dumps(view(), option=orjson.OPT_SORT_KEYS)) for view in listed]
