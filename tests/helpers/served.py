"""`eachlabs-mock serve` as a child process, and calls to it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

COMMAND = [sys.executable, "-m", "eachlabs_mock", "serve"]


BODY = b'{"model":"qwen-image","input":{"prompt":"a red bicycle"}}'


class Served:
    """A served emulator: its ready line, its process, and calls to it."""

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, object]) -> None:
        self.process = process
        self.ready = ready
        self.port = int(str(ready["port"]))

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def create(self, key: str = "a-key") -> tuple[int, bytes]:
        return self.call("POST", "/v1/prediction/", BODY, X_API_Key=key, Content_Type="application/json")

    def errors(self) -> str:
        """Stop the server and return its standard error."""
        self.process.terminate()
        return self.process.communicate(timeout=10)[1]


@contextmanager
def serving(*flags: str, errors: int = subprocess.PIPE, **environment: str) -> Iterator[Served]:
    command = [*COMMAND, "--port", "0", *flags]
    variables = {**os.environ, **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=variables) as process:
        assert process.stdout is not None
        try:
            yield Served(process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(10)


def refused(*flags: str, **environment: str) -> tuple[int, str, str]:
    """Run a server that cannot start; return its exit code and its output."""
    run = subprocess.run(
        [*COMMAND, *flags], env={**os.environ, **environment}, capture_output=True, text=True, timeout=30, check=False
    )
    return run.returncode, run.stdout, run.stderr
