"""Shows the progress of a prediction: one updating line on a terminal, separate lines elsewhere."""

from typing import TextIO

from .types import Poll
from .waiting import Clock

_TICK = 1.0  # seconds between two updates of the line


def printable(text: str) -> str:
    """Return *text* with a space for each non-printable character, so that a server cannot control the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


class Progress:
    """The progress display, and the client's clock: it updates the display while the client sleeps.

    `prediction_id` is empty until the prediction is created.
    """

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self.prediction_id = ""
        self._stream = stream
        self._terminal = stream.isatty()
        self._clock = clock
        self._began = clock.now()
        self._state = "creating"
        self._polls = 0
        self._width = 0  # of the line on the terminal; 0: there is none

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Block for *seconds*, updating the line on a terminal."""
        end = self.now() + seconds
        while self._terminal and (left := end - self.now()) > _TICK:
            self._clock.sleep(min(_TICK, left))
            self._draw()
        self._clock.sleep(max(end - self.now(), 0.0))

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.now() - self._began

    def created(self, prediction_id: str) -> None:
        """Print the id of the prediction on a line of its own."""
        self.clear()
        self.prediction_id = prediction_id
        self._stream.write(f"created {printable(prediction_id)}\n")
        self._state = "waiting"

    def polled(self, poll: Poll) -> None:
        """Show the state after a poll."""
        self._state, self._polls = poll.prediction.status, poll.number
        self._draw()

    def clear(self) -> None:
        """Clear the line on the terminal."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._width = 0
        self._stream.flush()

    def _draw(self) -> None:
        polls = f", {self._polls} poll{'s' if self._polls > 1 else ''}" if self._polls else ""
        line = f"{self._state} … {self.elapsed:.0f} s{polls}"
        self._stream.write("\r" + line.ljust(self._width) if self._terminal else line + "\n")
        self._stream.flush()
        self._width = len(line) if self._terminal else 0
