"""Runs a user's program once: in a session of its own, watched, and over when its time is up."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO, Any, Final, Protocol

from eachlabs_contract.certification.process import supervisor
from eachlabs_contract.certification.process.captured_output import CapturedOutput
from eachlabs_contract.certification.process.result import Ending
from eachlabs_contract.targets import monotonic

GLANCE: Final = 0.2
"""Real seconds after which a watcher looks whether it is to stop."""

GRACE: Final = 5.0
"""Real seconds for a program that was killed to be gone; where there is no /proc, something of it may linger."""

LOOPBACK: Final = "127.0.0.1,localhost"

BASE_URL: Final = "EACHLABS_BASE_URL"
KEY: Final = "EACHLABS_API_KEY"
"""The variables by which a program knows where to call, and as whom."""


class NotStartedError(Exception):
    """A program cannot be started; the text says which and why."""


class Program(Protocol):
    """Something of a user's that can be run under a trial.

    :ivar label: by which it is known in a report.
    :ivar jobs: how many of it may run at once at most.
    """

    @property
    def label(self) -> str: ...

    @property
    def jobs(self) -> int: ...

    def run(self, variables: Mapping[str, str], limit: float, stop: Event) -> Ending:
        """Run it once.

        :param variables: of its environment, beside those that are there; `EACHLABS_API_KEY` is among them.
        :param limit: real seconds after which it is ended.
        :param stop: set: it is ended at once.
        :raises NotStartedError: it cannot be started.
        """


@dataclass(frozen=True, slots=True)
class Command:
    """A program that is started by a command line."""

    label: str
    words: tuple[str, ...]
    jobs: int = 8

    def run(self, variables: Mapping[str, str], limit: float, stop: Event) -> Ending:
        with pipe() as (output, printed), pipe() as (facts, report):
            process = subprocess.Popen(  # noqa: S603  # ourselves, and then what the user asked for
                [sys.executable, "-I", "-S", str(Path(supervisor.__file__)), str(report.fileno()), *self.words],
                stdin=subprocess.PIPE,
                stdout=printed,
                stderr=printed,
                pass_fds=(report.fileno(),),
                env=environment(variables),
                start_new_session=True,
            )
            printed.close()
            report.close()
            with process:
                assert process.stdin is not None  # noqa: S101  # it was asked for
                return RunningProgram(output, facts, process.stdin, CapturedOutput(variables[KEY])).ending(
                    self.label, limit, stop
                )


@dataclass(frozen=True, slots=True)
class RunningProgram:
    """What there is to see of a program that runs.

    :param output: from which what it prints is read.
    :param report: from which its supervisor's report is read.
    :param stop_pipe: by whose closing the supervisor is told to end it.
    """

    output: IO[bytes]
    report: IO[bytes]
    stop_pipe: IO[bytes]
    captured: CapturedOutput

    def ending(self, label: str, limit: float, stop: Event) -> Ending:
        """Return how the program ended, which is ended when the *limit* is over or *stop* is set.

        :raises NotStartedError: it could not be started.
        """
        began = monotonic()
        in_time = self._listen(began + limit, stop)
        seconds = monotonic() - began
        if not in_time:
            self.stop_pipe.close()
            self._listen(monotonic() + GRACE, Event())
        facts = self._facts()
        if "error" in facts:
            raise NotStartedError(f"{label} cannot be started: {facts['error']}")
        exit_code = facts["exit_code"] if in_time else None
        return Ending(exit_code, self.captured.text, seconds, facts["left_behind"], self.captured.has_secret)

    def _listen(self, deadline: float, stop: Event) -> bool:
        """Keep what is printed; say whether that ended before the *deadline*, and before *stop* was set."""
        while (left := deadline - monotonic()) > 0 and not stop.is_set():
            if not _has_more(self.output, min(left, GLANCE)):
                continue
            piece = os.read(self.output.fileno(), 65_536)
            if not piece:
                return True
            self.captured.add(piece)
        return False

    def _facts(self) -> Any:  # noqa: ANN401  # JSON
        """Return what the supervisor says; by default, as if it was killed, that the program was ended."""
        text = os.read(self.report.fileno(), 65_536) if _has_more(self.report, GRACE) else b""
        return json.loads(text or b'{"exit_code": null, "left_behind": 0}')


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of this process with *variables*, and without a proxy between it and this machine."""
    spared = {name: ",".join(filter(None, (os.environ.get(name), LOOPBACK))) for name in ("NO_PROXY", "no_proxy")}
    return {**os.environ, **spared, **variables}


@contextmanager
def pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Yield a pipe: the end to read from, the end to write to. Both are closed then, if they are not yet."""
    reader, writer = os.pipe()
    with open(reader, "rb", buffering=0) as source, open(writer, "wb", buffering=0) as sink:  # noqa: PTH123  # descriptors
        yield source, sink


def _has_more(stream: IO[bytes], seconds: float) -> bool:
    """Say whether there is something to read, or the end, within so many real seconds."""
    return bool(select.select([stream], [], [], seconds)[0])
