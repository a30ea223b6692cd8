"""Output to terminals and pipes: never blocks, never fails, and escapes what is not printable."""

import os
import select
import sys
from pathlib import Path
from typing import TextIO

import click


class LineWriter:
    """Writes lines to a stream, and drops what cannot be written at once. For one thread at a time.

    Otherwise a pipe whose reader has stopped would block the writer, and a pipe without a reader, a full disk or a
    closed file would raise an error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._poll = _poll_of(stream)
        self._is_within_a_line = False

    def write(self, line: str) -> bool:
        """Write *line*, which ends in a line feed; return whether all of it was written."""
        text = "\n" + line if self._is_within_a_line else line
        try:
            return self._written(text)
        except (OSError, ValueError):  # no reader, no space left, or closed
            return False

    def _written(self, text: str) -> bool:
        if self._poll is None or self._stream.closed:
            self._stream.write(text)
            return True
        left = memoryview(text.encode(self._stream.encoding or "utf-8", "backslashreplace"))
        while left and self._poll.poll(0):  # a ready pipe accepts PIPE_BUF bytes without blocking
            # Not through the stream's buffer, which would keep what it cannot write and fail with it later.
            left = left[os.write(self._stream.fileno(), left[: select.PIPE_BUF]) :]
            self._is_within_a_line = bool(left)
        return not left


def _poll_of(stream: TextIO) -> "select.poll | None":
    """Return a poll object that tells whether *stream* is ready for writing; None for a stream in memory."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return None
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return poll


def open_closed_streams() -> None:
    """Open closed standard streams on the null device; a file opened later would take their descriptors."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # for as long as the process lives


def printable(text: str) -> str:
    """Return *text*, as escaped ASCII if any character of it is not printable."""
    return text if text.isprintable() else ascii(text)[1:-1]


def say(text: str) -> None:
    """Print a message of the program on standard error."""
    click.echo(f"eachlabs-mock: {text}", err=True)
