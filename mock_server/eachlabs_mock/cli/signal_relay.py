"""Runs a command as if it had been started directly: signals reach it, and its exit code comes back."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

RELAYED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

KILLED = 128
"""Plus the number of the signal: the exit code by which shells report a command that a signal has killed."""


class Relay:
    """Takes the signals that would end this process, while it is entered, and hands them to the command it runs.

    So this process outlives the command, whatever happens, and can clean up. A signal that is ignored stays so.
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
        """Run *command* and return its exit code; 128 and the number of the signal, if one has killed it.

        After a signal that came before, the command is not started.

        :raises OSError: it cannot be started.
        """
        if self._early:
            return KILLED + self._early[0]
        self._process = subprocess.Popen(command, env=environment)  # noqa: S603  # the user's own command
        for number in self._early:  # it came while the process was being made
            self._take(number, None)
        code = self._process.wait()
        return code if code >= 0 else KILLED - code

    def _take(self, number: int, _: FrameType | None) -> None:
        # It raises nothing: an exception out of a handler could leave a process behind that nobody knows of.
        if self._process is None:
            self._early.append(number)
        elif number != signal.SIGINT or not _is_in_foreground():
            self._process.send_signal(number)


def _is_in_foreground() -> bool:
    """Whether the terminal's Ctrl-C goes to this process group: then the command has had it, and two would be rude."""
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
