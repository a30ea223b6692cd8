"""One world of the emulator: prepares it for a trial, and reads its journal afterwards."""

from typing import Final

from eachlabs_contract.certification.observation import FaultCount
from eachlabs_contract.certification.trial import REAL, Trial
from eachlabs_contract.history import PARTS, Journal, read_journal
from eachlabs_contract.targets import Control, Transport

SETTLE_TIME: Final = 7_200_000
"""Clock milliseconds after a run in which every prediction in flight ends and is charged."""

BEFORE: Final = ("requests", "deliveries", "settings", "clock")
"""Parts of the journal that are read before that time, so that they show only the program's actions."""


class World:
    """The world of one key.

    :param transport: to the emulator.
    """

    def __init__(self, transport: Transport, key: str) -> None:
        self._control = Control(transport, (("X-API-Key", key),))

    def prepare(self, trial: Trial) -> int:
        """Set the world up for *trial*; return its clock in milliseconds."""
        self._control.configure(trial.world)
        self._control.call("PUT", "/faults", {"faults": list(trial.rules)})
        clock = {"mode": "real"} if trial.speed == REAL else {"mode": "scaled", "speed": trial.speed}
        return int(self._control.call("PUT", "/clock", clock)["now_ms"])

    def fault_counts(self) -> tuple[FaultCount, ...]:
        """Return how often each fault was triggered."""
        rules = self._control.call("GET", "/faults")["faults"]
        return tuple(FaultCount(rule["fault"], rule["strikes"]) for rule in rules)

    def journal(self) -> Journal:
        """Advance the clock until every prediction has ended, and return the journal up to the program's end."""
        before = {name: self._control.call("GET", f"/{name}") for name in BEFORE}
        self._control.advance(SETTLE_TIME)
        after = {name: self._control.call("GET", f"/{name}") for name in PARTS if name not in before}
        return read_journal({**before, **after})

    def leave(self) -> None:
        """Reset the world."""
        self._control.reset()
