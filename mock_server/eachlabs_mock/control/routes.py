"""The control plane under `/__mock/`: routes for the emulator's owner. The real service has none of them."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

import orjson
from flask import Blueprint, Response, g, jsonify

from eachlabs_mock.control import listings, views
from eachlabs_mock.control.actions import FASTEST, FURTHEST, MODES, SCOPES, ControlActions
from eachlabs_mock.control.guard import Guard
from eachlabs_mock.control.parameters import Params, document_of_body, rule_of
from eachlabs_mock.control.world_state import StateError
from eachlabs_mock.core import Prediction
from eachlabs_mock.emulator import Emulator, World
from eachlabs_mock.faults import RuleError
from eachlabs_mock.resources import __version__
from eachlabs_mock.settings import SettingError, as_json, own_settings
from eachlabs_mock.web import Call, Problem, bad, openapi_document

LONGEST_WAIT = 60.0
"""Real seconds a call may wait for something to happen."""

GLANCE = 0.05
"""Real seconds after which a waiting call looks again: time passes without ringing."""


class ControlPlane:
    """Routes by which an owner looks into a world and steers it. The world is that of the key, or `X-Mock-World`.

    :param is_ready: whether every part that serves is up.
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
            ("GET", "/predictions", self._listing("predictions", listings.predictions(self._emulator))),
            ("GET", "/requests", self._listing("requests", listings.requests)),
            ("GET", "/deliveries", self._listing("deliveries", listings.deliveries)),
            ("POST", "/predictions/wait", self._waiting("predictions", listings.predictions(self._emulator))),
            ("POST", "/requests/wait", self._waiting("requests", listings.requests)),
            ("POST", "/deliveries/wait", self._waiting("deliveries", listings.deliveries)),
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
            ("GET", "/openapi.json", self.contract),
        ):
            routes.add_url_rule(rule, endpoint=f"{method} {rule}".replace(".", "_"), view_func=view, methods=[method])
        routes.register_error_handler(Problem, _refused)
        return routes

    def live(self) -> Response:
        """200: this process answers."""
        return jsonify(status="live")

    def ready(self) -> tuple[Response, int]:
        """200: it does its whole work; 503: webhooks would not be sent."""
        if self._is_ready():
            return jsonify(status="ready"), 200
        return jsonify(status="not ready", reason="webhooks are not being sent"), 503

    def version(self) -> Response:
        """Which emulator this is, and the seed of this run."""
        self._guard.check(g.call)
        return jsonify(version=__version__, profile=self._emulator.settings.profile, seed=self._emulator.seed)

    def clock(self) -> Response:
        """The world's time, and what it is heading for."""
        return self._clock(self._world())

    def set_clock(self) -> Response:
        """Another mode or speed from now on."""
        world, asked = self._world(), Params.of_body("mode", "speed")
        mode = asked.choice("mode", MODES)
        speed = asked.number("speed", 1.0, low=0.001, high=FASTEST)
        if speed != 1 and mode != "scaled":
            raise bad(f"speed: only the mode 'scaled' has a speed; with {mode!r} leave it out or send 1.", "speed")
        self._actions.set_clock(world, mode, speed)
        return self._clock(world)

    def advance(self) -> Response:
        """Move on by so many seconds, event by event."""
        world, asked = self._world(), Params.of_body("seconds")
        self._actions.advance(world, asked.number("seconds", None, low=0, high=FURTHEST))
        return self._clock(world)

    def advance_to_next(self) -> Response:
        """Move on to whatever happens next."""
        world, _ = self._world(), Params.of_body()
        self._actions.advance_to_next(world)
        return self._clock(world)

    def fail_next(self) -> Response:
        """Let the next predictions fail."""
        world, asked = self._world(), Params.of_body("times", "message", "details")
        times = asked.integer("times", 1, low=1, high=1000)
        self._actions.fail_next(world, times, asked.text("message"), asked.text("details"))
        return jsonify(waiting=sum(each.left or 0 for each in world.rules.armed if each.rule.fault.name == "fail"))

    def redeliver(self, prediction_id: str) -> Response:
        """Attempt a webhook once more."""
        world = self._world()
        if not self._actions.redeliver(world, prediction_id):
            detail = f"No prediction {prediction_id[:100]!r} of this world has ended and has a webhook."
            raise Problem(HTTPStatus.NOT_FOUND, detail)
        return jsonify(execution_id=prediction_id)

    def faults(self) -> Response:
        """What is to go wrong."""
        return jsonify(faults=[views.armed(each) for each in self._world().rules.armed])

    def set_faults(self) -> Response:
        """Let this go wrong, and nothing else."""
        world, listed = self._world(), Params.of_body("faults").values.get("faults")
        if not isinstance(listed, list):
            raise bad("faults: must be a list of rules.", "faults")
        return self._arm(world, {f"faults[{number}].": each for number, each in enumerate(listed)}, instead=True)

    def add_fault(self) -> Response:
        """Let this go wrong as well."""
        return self._arm(self._world(), {"": document_of_body()}, instead=False)

    def disarm_all(self) -> Response:
        """Let nothing go wrong any more."""
        return self._arm(self._world(), {}, instead=True)

    def disarm(self, rule_id: str) -> Response:
        """Let this not go wrong any more."""
        if not self._actions.disarm(self._world(), rule_id):
            raise Problem(HTTPStatus.NOT_FOUND, f"No rule {rule_id[:100]!r} is armed in this world.")
        return self.faults()

    def _arm(self, world: World, documents: Mapping[str, object], *, instead: bool) -> Response:
        """Arm what *documents* describe, each by what precedes the names of its fields where it came from."""
        try:
            self._actions.arm(world, [rule_of(each, place) for place, each in documents.items()], instead=instead)
        except RuleError as error:
            raise bad(str(error), error.field) from None
        return self.faults()

    def ledger(self) -> Response:
        """What the world has spent."""
        world = self._world()
        with world.looking:
            return jsonify(views.ledger(self._emulator.ledger(world)))

    def settings(self) -> Response:
        """How the world behaves."""
        settings = self._world().settings
        return jsonify({name: as_json(name, settings) for name in own_settings()})

    def change_settings(self) -> Response:
        """Let it behave otherwise from now on."""
        world, asked = self._world(), Params.of_body(*own_settings())
        try:
            self._actions.change_settings(world, asked.values)
        except SettingError as error:
            raise bad(str(error), error.field) from None
        return self.settings()

    def state(self) -> Response:
        """The whole world as one document."""
        world = self._world()
        with world.looking:
            written = orjson.dumps(self._actions.export(world), default=Prediction._asdict)
        return Response(written, content_type="application/json")

    def set_state(self) -> Response:
        """Put a whole world in the place of this one."""
        world = self._world()
        try:
            return self._clock(self._actions.load(world, document_of_body()))
        except StateError as error:
            raise bad(str(error), error.field) from None

    def contract(self) -> Response:
        """The control plane's own OpenAPI document."""
        call: Call = g.call
        self._guard.check(call)
        return jsonify(openapi_document("control", f"{call.public_base}/__mock"))

    def reset(self) -> Response:
        """Begin anew, wholly or in part."""
        world, asked = self._world(), Params.of_query("scope")
        return self._clock(self._actions.reset(world, asked.choice("scope", SCOPES, "all")))

    def _world(self) -> World:
        call: Call = g.call
        self._guard.check(call)
        return self._emulator.identify_owner(call.keys, call.world_name)

    def _clock(self, world: World) -> Response:
        with world.looking:
            return jsonify(views.clock(world, self._actions.pending(world)))

    def _listing(self, name: str, found: listings.List) -> Callable[[], Response]:
        def listing() -> Response:
            world = self._world()
            shown = found(world, Params.of_query("since", "status"))
            return jsonify({name: _written(world, shown)})

        return listing

    def _waiting(self, name: str, found: listings.List) -> Callable[[], tuple[Response, int]]:
        def waiting() -> tuple[Response, int]:
            world, asked = self._world(), Params.of_body("count", "timeout", "since", "status")
            number = asked.integer("count", 1, low=1, high=100_000)
            patience = asked.number("timeout", 5.0, low=0, high=LONGEST_WAIT)
            seen = world.notifier.wait(lambda: found(world, asked), lambda them: len(them) >= number, patience, GLANCE)
            listed = {name: _written(world, seen)}
            if len(seen) >= number:
                return jsonify(listed), 200
            detail = f"count: expected {number} within {patience:g} s, got {len(seen)}."
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail, field="count", more=listed)

        return waiting


def _refused(problem: Problem) -> Response:
    g.call.refusal = problem.detail
    return problem.response()


def _written(world: World, shown: Iterable[listings.View]) -> list[orjson.Fragment]:
    """Write views of *world* one by one: in one go it would hold everybody up."""
    with world.looking:
        return [orjson.Fragment(orjson.dumps(view(), option=orjson.OPT_SORT_KEYS)) for view in shown]
