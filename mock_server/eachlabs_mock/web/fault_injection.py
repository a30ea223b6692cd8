"""Stands the faults that strike around a call: those that rules arm, and those that the call itself asks for."""

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
"""Its name until 0.1.0. A call that sends it would be carried out without the fault, so it is refused."""


class FaultInjector:
    """Knows what strikes a call.

    :ivar armed_count: the number of armed rules in all worlds; where it is 0, a call without the header skips this.
    """

    def __init__(self, emulator: Emulator, armed_count: ArmedCount) -> None:
        self._emulator = emulator
        self.armed_count = armed_count

    def around(self, call: Call, proceed: Proceed, refuse: Refuse) -> Reply:
        """Return the answer to *call*: what *proceed* answers, as far as no fault sees to another.

        :param refuse: makes the answer that a refusal has.
        :raises ApiError: the call asks for what is no rule, or cannot be done.
        """
        world = self._world(call)
        if world is None or call.route is None:  # it will be refused, or concerns no world at all
            self._check_unheeded(call)
            return proceed()
        self._check_renamed(call, world)
        if not world.rules and not call.requested_fault:  # it is another world that is in for something
            return proceed()
        occasion = self._occasion(call, call.route, world)
        asked = self._asked(call, occasion, world)
        return stand(call, asked + world.rules.strikes(occasion), world, proceed, refuse)

    def around_create(self, call: Call, rules: Sequence[Rule], world: World, proceed: Proceed, refuse: Refuse) -> Reply:
        """Return the answer to a create whose prompt asks for *rules*; it has passed every check by now."""
        occasion = Occasion("create", world.clock.now(), str)
        return stand(call, world.rules.asked(rules, occasion), world, proceed, refuse)

    def _check_unheeded(self, call: Call) -> None:
        """Refuse what would be done in spite of what it asks for: models are listed for everybody, with or without."""
        if call.route == "models":
            self._check_renamed(call, None)
        if call.route == "models" and call.requested_fault:
            raise ApiError("bad_request", "X-Mock-Fault needs an API key here: a fault belongs to the world of a key.")

    def _check_renamed(self, call: Call, world: World | None) -> None:
        """Refuse the old name of the header: the call would be carried out without its fault."""
        if RENAMED_HEADER in call.environ:
            call.world = world  # whose journal shows the refusal
            raise ApiError("bad_request", "Unknown header X-Mock-Scenario; send X-Mock-Fault instead.")

    def _asked(self, call: Call, occasion: Occasion, world: World) -> tuple[Strike, ...]:
        """Return what strikes because *call* asks for it; what is to strike its prediction is left with the call."""
        if not call.requested_fault:
            return ()
        routes = CREATE_ROUTES if occasion.route == "create" else frozenset({occasion.route})
        try:
            rule = read_directive(call.requested_fault, self._emulator.settings, routes)
        except ApiError:
            call.world = world  # whose journal shows the refusal
            raise
        if occasion.route in rule.routes:
            return world.rules.asked((rule,), occasion)
        call.asked = (rule,)
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
            # Now, since the journal shows it even where nobody does the work, and no rule need wait for its bytes.
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


def stand(call: Call, strikes: Sequence[Strike], world: World, proceed: Proceed, refuse: Refuse) -> Reply:
    """Return the answer to *call* with *strikes* around it, the first outermost, and note them with the call."""
    for each in reversed(strikes):
        proceed = partial(each.fault.around, FaultContext(world.clock.now(), each.chance, refuse), proceed)
    if strikes:
        call.world = world
        call.faults += tuple(each.fault.name for each in strikes)
    return proceed()
