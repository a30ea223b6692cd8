"""An emulator in a child process: started, asked over its control plane, and surely ended."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from eachlabs_mock.control import Control, over_http

CHILD_TIMEOUT = 10.0
"""Real seconds the emulator is given to answer one call, and then to end by itself."""

COMMAND = (sys.executable, "-P", "-m", "eachlabs_mock", "serve", "--exit-with-stdin")
"""With -P, nothing in the directory of whoever starts it can stand in for a module of ours."""


class NotStartedError(Exception):
    """The emulator ended instead of becoming ready; it has said why on standard error.

    :ivar exit_code: what it ended with; negative: the signal that killed it.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"the emulator did not start (exit code {exit_code})")
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Child:
    """A running emulator.

    :param ready: the facts of its ready line.
    :param token: what its control plane wants in `X-Mock-Token`; empty: nothing.
    """

    ready: Mapping[str, Any]
    token: str = ""

    def control(self, key: str) -> Control:
        """Return the control plane of the world of *key*."""
        return Control(over_http(self.ready["url"], CHILD_TIMEOUT), key, self.token)


@contextmanager
def emulator(flags: Sequence[str], token: str = "", environment: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Run `serve` with *flags* until the block is left; yield it once it is ready.

    It gets a session of its own, so that Ctrl-C in a terminal does not end it before its owner does.

    :param token: what the flags or the environment have its control plane want.
    :param environment: its variables; by default those of this process.
    :raises NotStartedError: it ended instead of becoming ready.
    """
    with subprocess.Popen(  # noqa: S603  # ourselves
        [*COMMAND, *flags],
        stdin=subprocess.PIPE,  # its leash
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise NotStartedError(process.wait())
            yield Child(json.loads(line), token)
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(CHILD_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()  # its worker notices, and ends too
