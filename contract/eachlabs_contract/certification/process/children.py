"""Runs the processes beside a program: the emulator, and a proxy to it that starts to listen late."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path
from typing import Final
from urllib.parse import urlsplit

EMULATOR: Final = ("eachlabs-mock", "serve", "--exit-with-stdin")
"""The emulator stops when its standard input closes, so it never outlives this process."""

DELAYED_PROXY: Final = Path(__file__).with_name("delayed_proxy.py")

FLAGS: Final = ("--port", "0", "--seed", "0", "--wire-faults", "--log-format", "off", "--journal-size", "5000")

OWN_VARIABLES: Final = "EACHLABS_MOCK_"
"""Prefix of the emulator's variables. The child gets none of them: they configure another emulator."""

STOP_TIMEOUT: Final = 10.0
"""Real seconds until a child that does not end is killed."""


class EmulatorError(Exception):
    """The emulator did not start; standard error says why."""


@contextmanager
def running_emulator() -> Iterator[str]:
    """Run an emulator with all transport faults, and yield its root URL.

    :raises EmulatorError: it does not start.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    command, *words = EMULATOR
    installed = shutil.which(command, path=os.pathsep.join([get_path("scripts"), os.environ.get("PATH", "")]))
    if installed is None:
        raise EmulatorError(f"the command {command} is not in the folder of this Python's scripts or on PATH")
    with _running([installed, *words, *FLAGS], environment) as (line, process):
        if not line:
            raise EmulatorError(f"the emulator did not start (exit code {process.wait(STOP_TIMEOUT)})")
        url: str = json.loads(line)["url"]
        yield url


@contextmanager
def opening_late(root: str, seconds: float) -> Iterator[str]:
    """Yield another root URL of the server at *root*, which refuses connections for so many real seconds."""
    server = urlsplit(root)
    arguments = [server.hostname or "", str(server.port), str(seconds)]
    command = [sys.executable, "-I", "-S", str(DELAYED_PROXY), *arguments]
    with _running(command, dict(os.environ)) as (line, _):
        yield f"http://127.0.0.1:{int(line)}"


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the first output line of *command*, and its process; end the process afterwards."""
    with subprocess.Popen(  # noqa: S603  # ourselves
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,  # so that Ctrl-C in a terminal does not reach it
    ) as process:
        try:
            yield process.stdout.readline() if process.stdout else "", process
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
