"""Starts the webhook receiver beside a load, and counts what it was sent."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Receiver:
    """A receiver at *url*, for as long as it is open."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{self._line()}/hook"

    def close(self) -> int:
        """End it, and return how many calls it took."""
        assert self._process.stdin
        self._process.stdin.close()
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver in a process of its own."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("receiver.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Receiver(process)
        finally:
            process.terminate()
