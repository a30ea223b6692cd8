"""What a load run is to do, and how Locust is told: its own options, ours, and what only this machine may know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eachlabs_mock.load.ramps import RAMPS

BASE_URL = "EACHLABS_LOAD_URL"
API_KEY = "EACHLABS_LOAD_KEY"
RESULT = "EACHLABS_LOAD_RESULT"
"""Variables of Locust's process: where the load goes, the one key, and the file for what was counted.

They are no options, since a master hands its options to its workers: each of those loads a machine of its own.
"""

PATIENCE = 120
"""Seconds that a master waits for its workers."""

Role = Literal["alone", "master", "worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run.

    :param spawn_rate: users that may come in a second.
    :param run_time: seconds.
    :param poll: seconds from one look at a prediction to the next.
    :param at_most: predictions to create at most, in each process.
    :param host: where a worker finds its master, or where a master listens.
    :param workers: how many a master waits for.
    """

    users: int = 20
    spawn_rate: float = 5.0
    run_time: int = 30
    mode: Literal["poll", "webhook"] = "poll"
    poll: float = 1.0
    model: str = "qwen-image"
    one_key: bool = False
    fetch: bool = False
    ramp: str = "steady"
    at_most: int = 10_000
    role: Role = "alone"
    host: str = "127.0.0.1"
    port: int = 5557
    workers: int = 1

    def arguments(self) -> Iterator[str]:
        """Yield the command line for Locust."""
        if self.role == "worker":
            yield from ("--worker", f"--master-host={self.host}", f"--master-port={self.port}")
            return
        yield from (f"--users={self.users}", f"--spawn-rate={self.spawn_rate}", f"--run-time={self.run_time}")
        yield from ("--exit-code-on-error=0", f"--mode={self.mode}", f"--poll={self.poll}", f"--model={self.model}")
        yield from (f"--ramp={self.ramp}", f"--at-most={self.at_most}")
        yield from (flag for flag, given in (("--one-key", self.one_key), ("--fetch", self.fetch)) if given)
        if self.role == "master":
            yield from ("--master", f"--master-bind-host={self.host}", f"--master-bind-port={self.port}")
            yield from (f"--expect-workers={self.workers}", f"--expect-workers-max-wait={PATIENCE}")

    def sentence(self, base_url: str) -> str:
        """Return what is going to happen."""
        if self.role == "worker":
            return f"a worker of {self.host}:{self.port}, which says what to do to {base_url}"
        how = "webhooks" if self.mode == "webhook" else f"a poll every {self.poll:g} s"
        keys = "one key for all" if self.one_key else "a key each"
        where = f"the machines of {self.workers} workers" if self.role == "master" else base_url
        return f"{self.users} users ({self.ramp}, {keys}, {how}) for {self.run_time} s against {where}"


def environment(inherited: Mapping[str, str], base_url: str, api_key: str, result: Path) -> dict[str, str]:
    """Return the variables of Locust's process; those of Locust itself, which would change the run, are left out."""
    own = {BASE_URL: base_url, API_KEY: api_key, RESULT: str(result)}
    return {name: value for name, value in inherited.items() if not name.startswith("LOCUST_")} | own


def own_arguments() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options that Locust does not know by itself, as argparse wants them."""
    usual = Plan()
    yield "--mode", {"choices": ("poll", "webhook"), "default": usual.mode}
    yield "--poll", {"type": float, "default": usual.poll}
    yield "--model", {"default": usual.model}
    yield "--ramp", {"choices": tuple(RAMPS), "default": usual.ramp}
    yield "--at-most", {"type": int, "default": usual.at_most}
    yield "--one-key", {"action": "store_true"}
    yield "--fetch", {"action": "store_true"}
