"""The servers of a run: each a child process, ready with its first answer, and gone afterwards, come what may."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGKILL

from bench import procfs
from bench.calls import Calls
from bench.subjects import Subject

READY = 60.0
"""Seconds a server is given to become ready."""
GRACE = 10.0
"""Seconds it is given to end."""
_PAUSE = 0.002
"""Seconds between two looks at whether it is."""


class NotReadyError(Exception):
    """A server did not start."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that is ready. *pid* is the root of its processes."""

    name: str
    url: str
    pid: int
    startup_ms: float
    calls: Calls


@contextmanager
def serving(name: str, subject: Subject) -> Iterator[Server]:
    """Run *subject* under that *name*.

    :raises NotReadyError: it gave no answer in time.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EACHLABS_")}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        port = free_port()
        command = list(subject.command(port, Path(folder)))
        started = time.monotonic()
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
        ) as process:
            try:
                _wait(process, name, port, subject.probe)
                took = (time.monotonic() - started) * 1000
                yield Server(name, f"http://127.0.0.1:{port}", process.pid, took, subject.calls)
            finally:
                _end(process)


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", name: str, port: int, probe: str) -> None:
    deadline = time.monotonic() + READY
    while not _answers(port, probe):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotReadyError(f"the server {name!r} was not ready within {READY:g} s")
        time.sleep(_PAUSE)


def _answers(port: int, probe: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", probe, headers={"X-API-Key": "probe"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    members = procfs.tree(process.pid)
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        for pid in members:
            with suppress(ProcessLookupError):
                os.kill(pid, SIGKILL)
