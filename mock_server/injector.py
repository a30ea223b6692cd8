"""Stands the faults that strike around a call: those that rules arm, and those that the call itself asks for."""

from collections.abc import Callable, Sequence
from functools import partial

import orjson

from mock_server.asking import asked_in
from mock_server.emulator import Emulator
from mock_server.errors import ApiError
from mock_server.exchange import Call
from mock_server.faults.armory import Alert, Occasion, Strike, at_once
from mock_server.faults.fault import Scene
from mock_server.faults.rule import Rule
from mock_server.reply import Reply
from mock_server.world import World

Proceed = Callable[[], Reply]
Refuse = Callable[[ApiError], Reply]

SCENARIO = "HTTP_X_MOCK_SCENARIO"


class Injector:
    """Knows what strikes a call.

    :param alert: tells whether any rule is armed at all.
    """

    def __init__(self, emulator: Emulator, alert: Alert) -> None:
        self._emulator = emulator
        self._alert = alert

    def is_idle(self, call: Call) -> bool:
        """Whether nothing can strike *call*: for the price of two look-ups, as every call pays it."""
        return not self._alert.armed and SCENARIO not in call.environ

    def around(self, call: Call, proceed: Proceed, refuse: Refuse) -> Reply:
        """Return the answer to *call*: what *proceed* answers, as far as no fault sees to another.

        :param refuse: makes the answer that a refusal has.
        :raises ApiError: the call asks for what is no rule, or cannot be done.
        """
        world = self._world(call)
        if world is None:  # it will be refused, or concerns no world at all
            return proceed()
        occasion = self._occasion(call, world)
        asked = self._asked(call, occasion)
        strikes = asked + (world.rules.strikes(occasion) if occasion else ())
        return stand(call, strikes, world, proceed, refuse)

    def around_order(self, call: Call, rules: Sequence[Rule], world: World, proceed: Proceed, refuse: Refuse) -> Reply:
        """Return the answer to a create whose prompt asks for *rules*; it has passed every check by now."""
        occasion = Occasion("create", world.clock.now(), str)
        strikes = at_once(rules, world.seed, world.prediction_id(world.ordinal + 1), occasion)
        return stand(call, strikes, world, proceed, refuse)

    def _asked(self, call: Call, occasion: Occasion | None) -> tuple[Strike, ...]:
        """Return what strikes because *call* asks for it; what is to strike its prediction is left with the call."""
        text = call.scenario
        if not text:
            return ()
        rule = asked_in(text, self._emulator.settings)
        if occasion and occasion.route in rule.routes:
            return at_once((rule,), self._emulator.seed, call.environ["PATH_INFO"], occasion)
        if call.route != "create":
            raise ApiError(
                "bad_request", f"{rule.fault.name} is for {', '.join(sorted(rule.routes))}, not for this call."
            )
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

    def _occasion(self, call: Call, world: World) -> Occasion | None:
        if call.route is None:
            return None
        return Occasion(call.route, world.clock.now(), partial(self._model, call), call.subject)

    def _model(self, call: Call) -> str:
        if call.subject:
            prediction = self._emulator.store.get(call.subject)
            return prediction.model if prediction else ""
        try:
            fields = orjson.loads(call.json_body())
        except (ApiError, orjson.JSONDecodeError):
            return ""
        return str(fields.get("model", "")) if isinstance(fields, dict) else ""


def stand(call: Call, strikes: Sequence[Strike], world: World, proceed: Proceed, refuse: Refuse) -> Reply:
    """Return the answer to *call* with *strikes* around it, the first outermost, and note them with the call."""
    for each in reversed(strikes):
        proceed = partial(each.fault.around, Scene(world.clock.now(), each.chance, refuse), proceed)
    if strikes:
        call.world = world
        call.faults += tuple(each.fault.name for each in strikes)
    return proceed()
