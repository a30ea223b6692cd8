"""Applies faults to a call: those of armed rules, and the one that the call itself requests."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from urllib.parse import parse_qsl

import orjson

from eachlabs_mock.core import ApiError, Reply
from eachlabs_mock.emulator import Emulator, World
from eachlabs_mock.faults import CREATE_ROUTES, ArmedCount, FaultContext, Occasion, Route, Rule, Strike, read_directive
from eachlabs_mock.web.call import Call

Proceed = Callable[[], Reply]
Refuse = Callable[[ApiError], Reply]

FAULT_HEADER = "HTTP_X_MOCK_FAULT"
RENAMED_HEADER = "HTTP_X_MOCK_SCENARIO"
"""The former name of the header. A call with it would be carried out without its fault, so it is refused."""


class FaultInjector:
    """Finds the faults that strike a call, and applies them.

    :ivar armed_count: counts the worlds with rules; while it is 0, a call without the header skips this class.
    """

    def __init__(self, emulator: Emulator, armed_count: ArmedCount) -> None:
        self._emulator = emulator
        self.armed_count = armed_count

    def around(self, call: Call, proceed: Proceed, refuse: Refuse) -> Reply:
        """Return the reply to *call*: that of *proceed*, changed by the faults that strike.

        :param refuse: makes the reply of a refusal.
        :raises ApiError: the header has no rule, or one that this server or route cannot apply.
        """
        world = self._world(call)
        if world is None or call.route is None:  # it will be refused, or is about no world
            self._check_without_world(call)
            return proceed()
        self._check_renamed(call, world)
        if not world.rules and not call.requested_fault:  # another world has rules
            return proceed()
        occasion = self._occasion(call, call.route, world)
        requested = self._requested(call, occasion, world)
        return apply_faults(call, requested + world.rules.commit(occasion), world, proceed, refuse)

    def around_create(
        self, call: Call, directives: Sequence[Rule], world: World, proceed: Proceed, refuse: Refuse
    ) -> Reply:
        """Return the reply to a valid create whose prompt carries *directives*."""
        occasion = Occasion("create", world.clock.now(), str)
        return apply_faults(call, world.rules.commit_directives(directives, occasion), world, proceed, refuse)

    def _check_without_world(self, call: Call) -> None:
        """Refuse a list of models that requests a fault without a key: it would be answered without the fault."""
        if call.route == "models":
            self._check_renamed(call, None)
        if call.route == "models" and call.requested_fault:
            raise ApiError("bad_request", "X-Mock-Fault needs an API key here: a fault belongs to the world of a key.")

    def _check_renamed(self, call: Call, world: World | None) -> None:
        """Refuse the old name of the header: the call would be carried out without its fault."""
        if RENAMED_HEADER in call.environ:
            call.world = world  # its journal shows the refusal
            raise ApiError("bad_request", "Unknown header X-Mock-Scenario; send X-Mock-Fault instead.")

    def _requested(self, call: Call, occasion: Occasion, world: World) -> tuple[Strike, ...]:
        """Return the fault of the header of *call* if it strikes now; a rule of a later route is left in the call."""
        if not call.requested_fault:
            return ()
        routes = CREATE_ROUTES if occasion.route == "create" else frozenset({occasion.route})
        try:
            rule = read_directive(call.requested_fault, self._emulator.settings, routes, "X-Mock-Fault")
        except ApiError:
            call.world = world  # its journal shows the refusal
            raise
        if occasion.route in rule.routes:
            return world.rules.commit_directives((rule,), occasion)
        call.directives = (rule,)
        return ()

    def _world(self, call: Call) -> World | None:
        emulator = self._emulator
        if call.route == "output":
            prediction = emulator.store.get(call.subject)
            return emulator.worlds.find(prediction.world) if prediction else None
        try:
            return emulator.identify(call.keys, call.world_name)
        except ApiError:
            return None

    def _occasion(self, call: Call, route: Route, world: World) -> Occasion:
        if route == "create":
            # Read the body now: the journal shows it even where a fault prevents the work.
            with suppress(ApiError):
                call.json_body()
        return Occasion(route, world.clock.now(), cache(partial(self._model, call)), call.subject)

    def _model(self, call: Call) -> str:
        if call.subject:
            prediction = self._emulator.store.get(call.subject)
            return prediction.model if prediction else ""
        if call.route == "models":
            return dict(parse_qsl(str(call.environ.get("QUERY_STRING", "")))).get("slug", "")
        try:
            fields = orjson.loads(call.json_body())
        except (ApiError, orjson.JSONDecodeError):
            return ""
        return str(fields.get("model", "")) if isinstance(fields, dict) else ""


def apply_faults(call: Call, strikes: Sequence[Strike], world: World, proceed: Proceed, refuse: Refuse) -> Reply:
    """Return the reply to *call* with *strikes* around it, the first outermost; record their names in the call."""
    for strike in reversed(strikes):
        proceed = partial(strike.fault.around, FaultContext(world.clock.now(), strike.chance, refuse), proceed)
    if strikes:
        call.world = world
        call.faults += tuple(strike.fault.name for strike in strikes)
    return proceed()
