"""Runs a command as if the user had started it: passes signals on to it and returns its exit code."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

RELAYED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

KILLED = 128
"""Shells report a command killed by signal N with the exit code 128 + N."""


class SignalRelay:
    """A context manager that passes the signals that would end this process on to the command it runs.

    This process therefore outlives the command and can clean up. Ignored signals stay ignored.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in RELAYED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run *command* and return its exit code, or 128 + N if signal N killed it.

        The command is not started if a signal arrived earlier.

        :raises OSError: the command cannot be started.
        """
        if self._early:
            return KILLED + self._early[0]
        self._process = subprocess.Popen(command, env=environment)  # noqa: S603  # the user's own command
        for number in self._early:  # arrived while the process was starting
            self._take(number, None)
        code = self._process.wait()
        return code if code >= 0 else KILLED - code

    def _take(self, number: int, _: FrameType | None) -> None:
        # A handler must not raise: the exception could leave an unknown process behind.
        if self._process is None:
            self._early.append(number)
        elif number != signal.SIGINT or not _is_in_foreground():
            self._process.send_signal(number)


def _is_in_foreground() -> bool:
    """Whether this process group receives the terminal's Ctrl-C: the command then has received it already."""
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
