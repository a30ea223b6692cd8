"""Runs a user's program once in a session of its own, and kills it at its time limit."""

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
from eachlabs_contract.certification.process.result import CompletedRun
from eachlabs_contract.targets import monotonic

POLL_INTERVAL: Final = 0.2
"""Real seconds between two checks of the stop event."""

GRACE: Final = 5.0
"""Real seconds to wait for the end of a killed program; without /proc, some of its processes may survive."""

LOOPBACK: Final = "127.0.0.1,localhost"

BASE_URL: Final = "EACHLABS_BASE_URL"
KEY: Final = "EACHLABS_API_KEY"
"""The environment variables with the API's URL and key."""


class NotStartedError(Exception):
    """A program cannot be started; the text says which and why."""


class Program(Protocol):
    """A user's program: a command or a function.

    :ivar label: its name in the reports.
    :ivar jobs: largest number of parallel runs.
    """

    @property
    def label(self) -> str: ...

    @property
    def jobs(self) -> int: ...

    def run(self, variables: Mapping[str, str], limit: float, stop: Event) -> CompletedRun:
        """Run the program once.

        :param variables: additional environment variables, among them `EACHLABS_API_KEY`.
        :param limit: real seconds after which the program is killed.
        :param stop: when set, the program is killed at once.
        :raises NotStartedError: the program cannot be started.
        """


@dataclass(frozen=True, slots=True)
class Command:
    """A program started by a command line."""

    label: str
    words: tuple[str, ...]
    jobs: int = 8

    def run(self, variables: Mapping[str, str], limit: float, stop: Event) -> CompletedRun:
        with pipe() as (output, printed), pipe() as (facts, report):
            process = subprocess.Popen(  # noqa: S603  # our supervisor, which starts the user's command
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
                assert process.stdin is not None  # noqa: S101  # it is a pipe
                running = RunningProgram(output, facts, process.stdin, CapturedOutput(variables[KEY]))
                return running.wait(self.label, limit, stop)


@dataclass(frozen=True, slots=True)
class RunningProgram:
    """A running program.

    :param output: the pipe with its output.
    :param report: the pipe with its supervisor's report.
    :param stop_pipe: closing it makes the supervisor kill the program.
    """

    output: IO[bytes]
    report: IO[bytes]
    stop_pipe: IO[bytes]
    captured: CapturedOutput

    def wait(self, label: str, limit: float, stop: Event) -> CompletedRun:
        """Wait for the end of the program, kill it at the *limit* or when *stop* is set, and return the run.

        :raises NotStartedError: the program could not be started.
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
        return CompletedRun(exit_code, self.captured.text, seconds, facts["left_behind"], self.captured.has_secret)

    def _listen(self, deadline: float, stop: Event) -> bool:
        """Capture the output; return whether it ended before the *deadline* and before *stop* was set."""
        while (left := deadline - monotonic()) > 0 and not stop.is_set():
            if not _has_more(self.output, min(left, POLL_INTERVAL)):
                continue
            chunk = os.read(self.output.fileno(), 65_536)
            if not chunk:
                return True
            self.captured.add(chunk)
        return False

    def _facts(self) -> Any:  # noqa: ANN401  # JSON
        """Return the supervisor's report; if it is missing, that of a killed program."""
        text = os.read(self.report.fileno(), 65_536) if _has_more(self.report, GRACE) else b""
        return json.loads(text or b'{"exit_code": null, "left_behind": 0}')


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of this process with *variables*, and with loopback exempt from any proxy."""
    exempt = {name: ",".join(filter(None, (os.environ.get(name), LOOPBACK))) for name in ("NO_PROXY", "no_proxy")}
    return {**os.environ, **exempt, **variables}


@contextmanager
def pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Yield the read end and the write end of a pipe, and close both afterwards."""
    reader, writer = os.pipe()
    with open(reader, "rb", buffering=0) as source, open(writer, "wb", buffering=0) as sink:  # noqa: PTH123  # descriptors
        yield source, sink


def _has_more(stream: IO[bytes], seconds: float) -> bool:
    """Return whether the stream has data, or has ended, within so many real seconds."""
    return bool(select.select([stream], [], [], seconds)[0])
