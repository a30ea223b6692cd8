"""The plan of a load run, and its translation to options and variables of Locust's process."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eachlabs_mock.load.ramps import RAMPS

BASE_URL = "EACHLABS_LOAD_URL"
API_KEY = "EACHLABS_LOAD_KEY"
RESULT = "EACHLABS_LOAD_RESULT"
"""Variables of Locust's process: the target, the shared key, and the file for the counters.

They are not options, because a master passes its options to its workers, and each worker loads its own machine.
"""

WORKERS_TIMEOUT = 120
"""Seconds for which a master waits for its workers."""

Role = Literal["alone", "master", "worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A load run.

    :param spawn_rate: users that start per second.
    :param run_time: seconds.
    :param poll: seconds between two polls of a prediction.
    :param at_most: maximum number of predictions per process.
    :param host: the address of the master, or the one on which it listens.
    :param workers: the number of workers that a master waits for.
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
        yield from (flag for flag, is_set in (("--one-key", self.one_key), ("--fetch", self.fetch)) if is_set)
        if self.role == "master":
            yield from ("--master", f"--master-bind-host={self.host}", f"--master-bind-port={self.port}")
            yield from (f"--expect-workers={self.workers}", f"--expect-workers-max-wait={WORKERS_TIMEOUT}")

    def sentence(self, base_url: str) -> str:
        """Return the plan in words."""
        if self.role == "worker":
            return f"a worker of the master at {self.host}:{self.port}, against {base_url}"
        users = f"{self.users} user{'s' * (self.users != 1)}"
        how = "webhooks" if self.mode == "webhook" else f"a poll every {self.poll:g} s"
        keys = "one key for all" if self.one_key else "one key each"
        workers = f"the emulators of {self.workers} worker{'s' * (self.workers != 1)}"
        target = workers if self.role == "master" else base_url
        return f"{users} ({self.ramp}, {keys}, {how}) for {self.run_time} s against {target}"


def environment(inherited: Mapping[str, str], base_url: str, api_key: str, result: Path) -> dict[str, str]:
    """Return the variables of Locust's process, without those of Locust itself, which would change the run."""
    own = {BASE_URL: base_url, API_KEY: api_key, RESULT: str(result)}
    return {name: value for name, value in inherited.items() if not name.startswith("LOCUST_")} | own


def own_arguments() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options to add to those of Locust, as arguments for argparse."""
    plan = Plan()
    yield "--mode", {"choices": ("poll", "webhook"), "default": plan.mode}
    yield "--poll", {"type": float, "default": plan.poll}
    yield "--model", {"default": plan.model}
    yield "--ramp", {"choices": tuple(RAMPS), "default": plan.ramp}
    yield "--at-most", {"type": int, "default": plan.at_most}
    yield "--one-key", {"action": "store_true"}
    yield "--fetch", {"action": "store_true"}
