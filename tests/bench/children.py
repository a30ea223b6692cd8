"""The servers of a run: each a child process, known by its ready line, and gone afterwards, come what may."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from types import MappingProxyType

from bench import procfs
from bench.samples import BASELINE, NO_LANE, OURS

READY = 40.0
"""Seconds a server is given to become ready."""
GRACE = 10.0
"""Seconds it is given to end."""

KEEPING = "keeping baseline"
"""The baseline of memory: it keeps what it is sent."""

_EMULATOR = ("-m", "mock_server", "serve", "--port", "0", "--log-format", "off", "--rate-limit", "off")
_EMULATOR += ("--max-in-flight", "off", "--duration", "0.1")
_CANNED = ("-P", str(Path(__file__).with_name("baseline.py")))

COMMANDS: Mapping[str, Sequence[str]] = MappingProxyType(
    {OURS: _EMULATOR, NO_LANE: (*_EMULATOR, "--no-lane"), BASELINE: _CANNED, KEEPING: (*_CANNED, "--keep")}
)


class NotReadyError(Exception):
    """A server did not start."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that is ready. *pid* is the root of its processes."""

    subject: str
    url: str
    pid: int
    startup_ms: float


@contextmanager
def serving(subject: str) -> Iterator[Server]:
    """Run the server that stands for *subject*.

    :raises NotReadyError: it said nothing in time.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EACHLABS_")}
    command = [sys.executable, *COMMANDS[subject]]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            ready = _ready_line(process, subject)
            yield Server(subject, ready["url"], process.pid, (time.monotonic() - started) * 1000)
        finally:
            _end(process)


def _ready_line(process: "subprocess.Popen[str]", subject: str) -> dict[str, str]:
    said, _, _ = select.select([process.stdout], [], [], READY)
    line = process.stdout.readline() if said and process.stdout else ""
    if not line:
        raise NotReadyError(f"the server {subject!r} was not ready within {READY:g} s")
    ready: dict[str, str] = json.loads(line)
    return ready


def _end(process: "subprocess.Popen[str]") -> None:
    members = procfs.tree(process.pid)
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        for pid in members:
            with suppress(ProcessLookupError):
                os.kill(pid, SIGKILL)
