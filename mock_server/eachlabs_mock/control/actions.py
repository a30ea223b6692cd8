"""The actions of the control plane on a world: move its clock, arm faults, export, load and reset it. No HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, get_args

from eachlabs_mock.control import world_state
from eachlabs_mock.core import Event, Mode, changes, departures, expiries, millis
from eachlabs_mock.emulator import Emulator, PendingAttempt, World
from eachlabs_mock.faults import Fail, Rule, check_armable
from eachlabs_mock.settings import changed
from eachlabs_mock.webhooks import WebhookDispatcher

Scope = Literal["journal", "faults", "clock", "all"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
FASTEST = 100_000.0
FURTHEST = 10 * 366 * 86_400.0
"""Seconds: ten years."""


class ControlActions:
    """The use cases of the control plane."""

    def __init__(self, emulator: Emulator, dispatcher: WebhookDispatcher) -> None:
        self._emulator = emulator
        self._dispatcher = dispatcher

    def pending(self, world: World) -> Iterator[Event]:
        """Yield the pending events of *world*, in no order."""
        now, store, settings = world.clock.now(), self._emulator.store, world.settings
        yield from changes(store.running(world.name), now)
        yield from (Event(at, "webhook", attempt.prediction.id) for at, attempt in world.outbox.pending())
        yield from departures(store.arrivals(world.name), settings.rate, now)
        if settings.output_expiry is not None:  # without it there are no expiries
            gone = expiries(store.of_world(world.name), millis(settings.output_expiry))
            yield from (expiry for expiry in gone if expiry.at > now)

    def set_clock(self, world: World, mode: Mode, speed: float) -> None:
        """Change mode and speed of the clock of *world*."""
        world.clock.set_mode(mode, speed)
        self._dispatcher.rearm(world)
        world.keep()
        world.notifier.notify()

    def advance(self, world: World, seconds: float) -> None:
        """Advance the clock of *world*, event by event; return after the webhook attempts on the way."""
        self._dispatcher.advance(world, world.clock.now() + millis(seconds))

    def advance_to_next(self, world: World) -> None:
        """Advance the clock of *world* to the next event, if there is one."""
        at = min((event.at for event in self.pending(world)), default=None)
        if at is not None:
            self._dispatcher.advance(world, max(at, world.clock.now()))

    def fail_next(self, world: World, times: int, message: str, details: str) -> None:
        """Make the next *times* predictions of *world* fail; an empty text: the default one."""
        texts = {"message": message, "details": details}
        fault = Fail(**{name: text for name, text in texts.items() if text})
        self.arm(world, [Rule(fault, times=times)])

    def arm(self, world: World, rules: Sequence[Rule], *, instead: bool = False) -> None:
        """Arm *rules* in *world*, in addition to its other rules or *instead* of them.

        :raises RuleError: this server cannot apply one of them; nothing has changed then.
        """
        check_armable(rules, self._emulator.settings)
        with world.accepting:
            put = world.rules.replace if instead else world.rules.arm
            put(rules, world.clock.now())
            world.keep()

    def disarm(self, world: World, rule_id: str) -> bool:
        """Disarm a rule of *world*; return whether there was one with that id."""
        with world.accepting:  # not between the match and the commit of a create
            was_armed = world.rules.disarm(rule_id)
            world.keep()
            return was_armed

    def redeliver(self, world: World, prediction_id: str) -> bool:
        """Attempt the webhook of a prediction of *world* once more, now; return False where there is none to send."""
        prediction = self._emulator.store.get(prediction_id)
        if prediction is None or prediction.world != world.name or not prediction.webhook_url:
            return False
        now = world.clock.now()
        if prediction.ends_at is None or prediction.ends_at > now:
            return False
        world.outbox.put(now, PendingAttempt(prediction, world.settings.webhook_attempts))
        self._dispatcher.deliver(world)
        return True

    def change_settings(self, world: World, changes: Mapping[str, object]) -> None:
        """Change settings of *world*.

        :raises SettingError: a change is not valid; nothing has changed then.
        """
        world.settings = changed(world.settings, changes)
        self._dispatcher.rearm(world)
        world.keep()

    def export(self, world: World) -> dict[str, Any]:
        """Return all of *world* as one document."""
        with world.accepting:
            return world_state.export(world, self._emulator.store)

    def load(self, world: World, document: object) -> World:
        """Replace *world* by the world that *document* describes, under the same name.

        :raises StateError: it describes no world; nothing has changed then.
        """
        emulator = self._emulator
        with self._succeeding(world) as current:
            loaded = world_state.load(document, current, emulator.settings, emulator.store)
            current.end()
            emulator.worlds.put(loaded)
            if loaded.archive:
                loaded.archive.enter(loaded)
        self._dispatcher.rearm(loaded)
        return loaded

    def reset(self, world: World, scope: Scope) -> World:
        """Reset *world*, wholly or the part named by *scope*; return the world that is in its place."""
        match scope:
            case "journal":
                world.journal.clear()
                world.outbox.forget()
                world.keep()  # no later process reuses their numbers
            case "faults":
                with world.accepting:
                    world.rules.replace((), world.clock.now())
                    world.keep()
            case "clock":
                initial = self._emulator.settings
                self.set_clock(world, initial.clock_mode, initial.speed)
            case "all":
                with self._succeeding(world) as current:
                    current.end()
                    self._emulator.store.forget(current.name)
                    return self._emulator.worlds.renew(current.name)
        return world

    @contextmanager
    def _succeeding(self, world: World) -> Iterator[World]:
        """Yield the present world with the name of *world*; meanwhile nothing is created in it."""
        while True:
            current = self._emulator.worlds.visit(world.name)
            with current.accepting:
                if not current.is_over:  # else another call has just replaced it
                    yield current
                    return
