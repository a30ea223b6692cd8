"""A stream that holds nobody up: what its reader does not take, or the disk has no room for, is left out."""

import os
import select
import sys
from pathlib import Path
from typing import TextIO


class LineWriter:
    """Writes lines to a stream, as far as that neither fails nor has to wait. For one thread at a time.

    A pipe whose reader has stopped reading would otherwise stop whoever writes, and one without a reader, a full disk
    or a closed file would fail them.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._poll = _poll_of(stream)
        self._is_within_a_line = False

    def write(self, line: str) -> bool:
        """Write *line*, which ends in a line feed; return whether all of it went out."""
        text = "\n" + line if self._is_within_a_line else line
        try:
            return self._written(text)
        except (OSError, ValueError):  # nobody reads it, there is no room, or it is closed
            return False

    def _written(self, text: str) -> bool:
        if self._poll is None or self._stream.closed:
            self._stream.write(text)
            return True
        left = memoryview(text.encode(self._stream.encoding or "utf-8", "backslashreplace"))
        while left and self._poll.poll(0):  # then a pipe takes as much as this at once
            # Past the stream's own buffer: that would keep what it cannot write, and fail with it later.
            left = left[os.write(self._stream.fileno(), left[: select.PIPE_BUF]) :]
            self._is_within_a_line = bool(left)
        return not left


def _poll_of(stream: TextIO) -> "select.poll | None":
    """Return what tells whether *stream* takes more without waiting; None for one in memory, which always does."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return None
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return poll


def open_closed_streams() -> None:
    """Lead those of the three standard streams that are closed to nowhere: a file of ours would take their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # for as long as the process lives
