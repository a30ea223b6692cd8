"""Copies of an open store's files, in the state in which kill -9 would leave them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eachlabs_mock.control.world_state import export
from eachlabs_mock.webhooks.egress import Outcome, Send
from helpers.owner import Owner

FORGOTTEN = ("journal", "numbers")
"""The parts of a world's state, and its counters, that end with its process."""


def crashed(path: Path) -> Path:
    """Return the path of a copy of the store in *path* as a kill of its process would leave it now."""
    left = path.with_name(f"{path.name}+")
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copy(source, left.with_name(left.name + suffix))
    return left


class Lives:
    """An emulator with a store in a file that can be killed and restarted.

    :param send: stands in for the network.
    """

    def __init__(self, path: Path, send: Send | None = None, **settings: Any) -> None:
        self._path = path
        self._send = send or (lambda *_: Outcome(200, "thanks", ""))
        self._settings = settings
        self.owner = self._started({})

    def crash(self, **settings: Any) -> Owner:
        """Kill the emulator, restart it with *settings*, and return its owner."""
        before, self._path = self.owner, crashed(self._path)
        self.owner = self._started(settings)
        before.app.emulator.store.close()
        return self.owner

    def close(self) -> None:
        self.owner.app.emulator.store.close()

    def state(self, key: str = "key-of-the-tests") -> dict[str, Any]:
        """Return all parts of a world that survive a restart."""
        app = self.owner.app
        document = export(self.owner.world(key), app.emulator.store)
        lasting = {name: value for name, value in document.items() if name not in FORGOTTEN}
        numbers = {name: value for name, value in document["numbers"].items() if "request" not in name}
        return {**lasting, "numbers": numbers}

    def _started(self, settings: dict[str, Any]) -> Owner:
        return Owner(send=self._send, store=self._path, **{**self._settings, **settings})


MakeLives = Callable[..., Lives]
