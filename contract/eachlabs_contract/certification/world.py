"""One world of the emulator: made ready for a trial, and asked afterwards what happened in it."""

from typing import Final

from eachlabs_contract.certification.observation import Strike
from eachlabs_contract.certification.trial import REAL, Trial
from eachlabs_contract.history import PARTS, Journal, read_journal
from eachlabs_contract.targets import Control, Transport

AGES: Final = 7_200_000
"""Clock milliseconds after a run in which whatever still goes on comes to its end, and is charged."""

BEFORE: Final = ("requests", "deliveries", "settings", "clock")
"""Parts of the journal that show what the program did, and must not show what happens to be left over."""


class World:
    """The world of one key.

    :param transport: the way to the emulator.
    """

    def __init__(self, transport: Transport, key: str) -> None:
        self._control = Control(transport, (("X-API-Key", key),))

    def prepare(self, trial: Trial) -> int:
        """Make it ready for *trial*; return its time, in milliseconds."""
        self._control.configure(trial.world)
        self._control.call("PUT", "/faults", {"faults": list(trial.rules)})
        clock = {"mode": "real"} if trial.speed == REAL else {"mode": "scaled", "speed": trial.speed}
        return int(self._control.call("PUT", "/clock", clock)["now_ms"])

    def strikes(self) -> tuple[Strike, ...]:
        """Return how often each rule struck."""
        return tuple(Strike(each["fault"], each["strikes"]) for each in self._control.call("GET", "/faults")["faults"])

    def journal(self) -> Journal:
        """Let whatever still goes on come to its end, and return what happened up to the program's end."""
        before = {name: self._control.call("GET", f"/{name}") for name in BEFORE}
        self._control.advance(AGES)
        after = {name: self._control.call("GET", f"/{name}") for name in PARTS if name not in before}
        return read_journal({**before, **after})

    def leave(self) -> None:
        """Forget all of it."""
        self._control.reset()
