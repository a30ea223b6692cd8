"""What an owner may do to a world: tell the time, look ahead, let things fail, start anew. No HTTP in here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, get_args

from eachlabs_mock.control import world_state
from eachlabs_mock.core import Event, Mode, changes, departures, expiries, millis
from eachlabs_mock.emulator import Emulator, PendingAttempt, World
from eachlabs_mock.faults import Fail, Rule, check_armable
from eachlabs_mock.settings import changed
from eachlabs_mock.webhooks import WebhookDispatcher

MODES: tuple[Mode, ...] = get_args(Mode)
Scope = Literal["journal", "faults", "clock", "all"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
FASTEST = 100_000.0
FURTHEST = 10 * 366 * 86_400.0
"""Seconds: ten years, further than anybody advances a clock on purpose."""


class ControlActions:
    """Use cases of the control plane."""

    def __init__(self, emulator: Emulator, dispatcher: WebhookDispatcher) -> None:
        self._emulator = emulator
        self._dispatcher = dispatcher

    def pending(self, world: World) -> Iterator[Event]:
        """Yield what is going to happen in *world* by itself, in no order."""
        now, store, settings = world.clock.now(), self._emulator.store, world.settings
        yield from changes(store.running(world.name), now)
        yield from (Event(at, "webhook", each.prediction.id) for at, each in world.outbox.pending())
        yield from departures(store.arrivals(world.name), settings.rate, now)
        if settings.output_expiry is not None:  # else there may be many, and none of them matters
            gone = expiries(store.of_world(world.name), millis(settings.output_expiry))
            yield from (each for each in gone if each.at > now)

    def set_clock(self, world: World, mode: Mode, speed: float) -> None:
        """Let the clock of *world* go on in another mode."""
        world.clock.set_mode(mode, speed)
        self._dispatcher.rearm(world)
        world.keep()
        world.notifier.notify()

    def advance(self, world: World, seconds: float) -> None:
        """Move the clock of *world*, event by event; what falls due on the way has been attempted afterwards."""
        self._dispatcher.advance(world, world.clock.now() + millis(seconds))

    def advance_to_next(self, world: World) -> None:
        """Move the clock of *world* to whatever happens next; nowhere, when nothing does."""
        at = min((each.at for each in self.pending(world)), default=None)
        if at is not None:
            self._dispatcher.advance(world, max(at, world.clock.now()))

    def fail_next(self, world: World, times: int, message: str, details: str) -> None:
        """Let the next *times* predictions of *world* fail; an empty text: the usual one."""
        texts = {"message": message, "details": details}
        fault = Fail(**{name: text for name, text in texts.items() if text})
        self.arm(world, [Rule(fault, times=times)])

    def arm(self, world: World, rules: Sequence[Rule], *, instead: bool = False) -> None:
        """Let go wrong in *world* what *rules* say, besides what is to go wrong already, or *instead* of that.

        :raises RuleError: one is about what this server cannot do; nothing is changed then.
        """
        check_armable(rules, self._emulator.settings)
        with world.accepting:
            put = world.rules.replace if instead else world.rules.arm
            put(rules, world.clock.now())
            world.keep()

    def disarm(self, world: World, rule_id: str) -> bool:
        """Let no more go wrong in *world* what the rule called *rule_id* says; False where there is none."""
        with world.accepting:  # who is being created has its fate by now, and is not counted yet
            found = world.rules.disarm(rule_id)
            world.keep()
            return found

    def redeliver(self, world: World, prediction_id: str) -> bool:
        """Attempt the webhook of a prediction of *world* once more, now; False where it has none to send."""
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
        """Change how *world* behaves from now on.

        :raises SettingError: a change will not do; none is made.
        """
        world.settings = changed(world.settings, changes)
        self._dispatcher.rearm(world)
        world.keep()

    def export(self, world: World) -> dict[str, Any]:
        """Return all of *world* as one document."""
        with world.accepting:
            return world_state.export(world, self._emulator.store)

    def load(self, world: World, document: object) -> World:
        """Put the world that *document* describes in the place of *world*, under its name.

        :raises StateError: it describes none; nothing is changed then.
        """
        emulator = self._emulator
        with self._succeeding(world) as current:
            loaded = world_state.load(document, current, emulator.settings, emulator.store)
            current.end()
            emulator.worlds.put(loaded)
            loaded.archive.enter(loaded)
        self._dispatcher.rearm(loaded)
        return loaded

    def reset(self, world: World, scope: Scope) -> World:
        """Return *world* as it was at its beginning, or only so far as *scope* says."""
        match scope:
            case "journal":
                world.journal.clear()
                world.outbox.forget()
                world.keep()  # their numbers are not used again, in no process
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
        """Yield the world that has the name of *world* by now, in which nothing is created meanwhile."""
        while True:
            current = self._emulator.worlds.visit(world.name)
            with current.accepting:
                if not current.is_over:  # else somebody else has just put another in its place
                    yield current
                    return
