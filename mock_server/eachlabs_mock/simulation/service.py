"""The service that a simulation asks: the emulator's own use cases and limits, on a clock that the simulation moves."""

import orjson

from eachlabs_mock.core import TERMINAL, Instant, Ledger, Prediction, WorldClock
from eachlabs_mock.emulator import Emulator, World, Worlds
from eachlabs_mock.models import Catalog, shipped_models
from eachlabs_mock.simulation.workload import Question
from eachlabs_mock.stores import MemoryStore

KEY = "simulation"
HOST = "http://emulator.test"
RECEIVER = "http://receiver.test/"
"""Nobody is called: a webhook is here the instant at which it would go out."""


class Service:
    """The API as the holder of one key sees it.

    :raises ModelFileError: a model file of the settings has an error.
    """

    def __init__(self, question: Question, clock: WorldClock) -> None:
        settings, seed = question.settings, question.seed
        catalog = Catalog.load(shipped_models(), *settings.models)
        worlds = Worlds(1, lambda name: World(name, seed, clock, settings))
        store = MemoryStore(settings.max_predictions, worlds.now_in)
        self._emulator = Emulator(settings, seed, catalog, worlds, store, _NoWebhooks(), _NoAutoAdvance())
        self._world = self._emulator.identify([KEY], "")
        webhook = {} if question.poll else {"webhook_url": RECEIVER}
        self._body = orjson.dumps({"model": question.model, "input": {"prompt": "What if?"}, **webhook})

    def create(self) -> Prediction:
        """Create a prediction.

        :raises ApiError: it is refused.
        """
        self._emulator.admit(self._world, creating=True)
        return self._emulator.create(self._world, self._emulator.validate(self._world, self._body, HOST))

    def has_ended(self, prediction: Prediction) -> bool:
        """Read a prediction.

        :raises ApiError: it is refused.
        """
        self._emulator.admit(self._world, creating=False)
        return self._emulator.read(self._world, prediction.id)[1] in TERMINAL

    def ledger(self) -> Ledger:
        """Return what has been spent."""
        return self._emulator.ledger(self._world)


class _NoWebhooks:
    """The simulation waits for the end of a prediction by itself."""

    def expect(self, world: World, prediction: Prediction) -> None:
        """Send nothing."""

    def send_now(self, world: World, prediction: Prediction) -> None:
        """Send nothing."""


class _NoAutoAdvance:
    """The simulation moves the clock by itself."""

    def visited(self, world: World) -> None:
        """Let it be."""

    def polled_in_vain(self, world: World) -> None:
        """Let it be."""

    def refused(self, world: World, wait: int) -> None:
        """Let it be."""


def begin() -> WorldClock:
    """Return a clock that stands at 0: no run depends on when it is made."""
    start: Instant = 0
    return WorldClock("manual", start=start)
