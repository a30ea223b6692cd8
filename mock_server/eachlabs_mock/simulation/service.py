"""The service under simulation: the emulator's use cases and limits on the simulation's clock."""

import orjson

from eachlabs_mock.core import TERMINAL, Ledger, Prediction, WorldClock
from eachlabs_mock.emulator import Emulator, World, Worlds
from eachlabs_mock.models import Catalog, shipped_models
from eachlabs_mock.simulation.workload import Workload
from eachlabs_mock.stores import MemoryStore

KEY = "simulation"
HOST = "http://emulator.test"
RECEIVER = "http://receiver.test/"
"""A placeholder: nothing is sent there."""


class Service:
    """The API as seen with one key.

    :raises ModelFileError: a model file of the settings has an error.
    """

    def __init__(self, workload: Workload, clock: WorldClock) -> None:
        settings, seed = workload.settings, workload.seed
        catalog = Catalog.load(shipped_models(), *settings.models)
        worlds = Worlds(1, lambda name: World(name, seed, clock, settings))
        store = MemoryStore(settings.max_predictions, worlds.now_in)
        ports = _NoPorts()
        self._emulator = Emulator(settings, seed, catalog, worlds, store, webhooks=ports, auto_advance=ports)
        self._world = self._emulator.identify([KEY], "")
        webhook = {} if workload.poll else {"webhook_url": RECEIVER}
        self._body = orjson.dumps({"model": workload.model, "input": {"prompt": "What if?"}, **webhook})

    def create(self) -> Prediction:
        """Create a prediction.

        :raises ApiError: the request is refused.
        """
        self._emulator.admit(self._world, creating=True)
        return self._emulator.create(self._world, self._emulator.validate(self._world, self._body, HOST))

    def has_ended(self, prediction: Prediction) -> bool:
        """Read *prediction* and return whether it has ended.

        :raises ApiError: the request is refused.
        """
        self._emulator.admit(self._world, creating=False)
        return self._emulator.read(self._world, prediction.id)[1] in TERMINAL

    def ledger(self) -> Ledger:
        """Return the spend so far."""
        return self._emulator.ledger(self._world)


class _NoPorts:
    """The webhook and auto-clock ports, which do nothing: the simulation itself awaits ends and moves the clock."""

    def expect(self, world: World, prediction: Prediction) -> None:
        """Send nothing."""

    send_now = expect

    def visited(self, world: World) -> None:
        """Do nothing."""

    polled_in_vain = visited

    def refused(self, world: World, wait: int) -> None:
        """Do nothing."""
