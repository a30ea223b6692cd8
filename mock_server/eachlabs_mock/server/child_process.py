"""Runs an emulator in a child process, and ends it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from eachlabs_mock.control import Control, over_http

CHILD_TIMEOUT = 10.0
"""Real seconds for the answer to one call, and for the end of the process after SIGTERM."""

COMMAND = (sys.executable, "-P", "-m", "eachlabs_mock", "serve", "--exit-with-stdin")
"""With -P, a module in the current directory cannot replace one of ours."""


class NotStartedError(Exception):
    """The emulator ended before it was ready; standard error has the reason.

    :ivar exit_code: negative: the signal that killed it.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"the emulator did not start (exit code {exit_code})")
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Child:
    """A running emulator.

    :param ready: the JSON of its ready line.
    :param token: the token of its control plane; empty: it has none.
    """

    ready: Mapping[str, Any]
    token: str = ""

    def control(self, key: str) -> Control:
        """Return the control plane of the world of *key*."""
        return Control(over_http(self.ready["url"], CHILD_TIMEOUT), key, self.token)


@contextmanager
def emulator(flags: Sequence[str], token: str = "", environment: Mapping[str, str] | None = None) -> Iterator[Child]:
    """Run `serve` with *flags* until the end of the block; yield it once it is ready.

    It gets its own session, so that Ctrl-C in a terminal does not end it first.

    :param token: the token that the flags or the environment set for its control plane.
    :param environment: its environment variables; by default those of this process.
    :raises NotStartedError: it ended before it was ready.
    """
    with subprocess.Popen(  # noqa: S603  # ourselves
        [*COMMAND, *flags],
        stdin=subprocess.PIPE,  # it ends when this pipe is closed
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
        process.kill()  # its worker notices this, and ends too
