"""An emulator in a child process: started, asked over its control plane, and surely ended."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 10.0
"""Real seconds the emulator is given to answer one call, and then to end by itself."""

COMMAND = (sys.executable, "-P", "-m", "mock_server.leash")
"""With -P, nothing in the directory of whoever starts it can stand in for a module of ours."""


class NotStartedError(Exception):
    """The emulator ended instead of becoming ready; it has said why on standard error.

    :ivar exit_code: what it ended with; negative: the signal that killed it.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"the emulator did not start (exit code {exit_code})")
        self.exit_code = exit_code


class NoAnswerError(Exception):
    """The control plane did not answer, or refused; the text says what it was asked."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running emulator.

    :param ready: the facts of its ready line.
    :param token: what its control plane wants in `X-Mock-Token`; empty: nothing.
    """

    ready: Mapping[str, Any]
    token: str = ""

    def control(self, method: str, path: str, key: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return what the control plane answers about the world of *key*.

        :param path: what follows `/__mock`.
        :raises NoAnswerError: it answered no 200.
        """
        headers = {"X-API-Key": key, "X-Mock-Token": self.token, "Content-Type": "application/json"}
        url = urlsplit(self.ready["url"])
        connection = HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE)
        try:
            connection.request(method, f"/__mock{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            facts: dict[str, Any] = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswerError(f"{method} {path}: {type(error).__name__} {error}") from error
        finally:
            connection.close()
        if answer.status != 200:  # noqa: PLR2004  # OK
            raise NoAnswerError(f"{method} {path}: {answer.status} {facts.get('detail', '')}")
        return facts


@contextmanager
def emulator(flags: Sequence[str], token: str = "") -> Iterator[Child]:
    """Run `serve` with *flags*, in this environment, until the block is left; yield it once it is ready.

    It gets a session of its own, so that Ctrl-C in a terminal does not end it before its owner does.

    :raises NotStartedError: it ended instead of becoming ready.
    """
    with subprocess.Popen(  # noqa: S603  # ourselves
        [*COMMAND, *flags],
        stdin=subprocess.PIPE,  # its leash
        stdout=subprocess.PIPE,
        text=True,
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
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()  # its worker notices, and ends too
