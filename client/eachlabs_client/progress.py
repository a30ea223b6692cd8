"""What a person sees while a prediction runs: one line that keeps counting on a terminal, plain lines elsewhere."""

from typing import TextIO

from .types import Poll
from .waiting import Clock

_TICK = 1.0  # seconds between two drawings of the line


def seen(text: str) -> str:
    """Return *text* with a blank for what is not seen in it: a server's text is no command to a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


class Progress:
    """The display, and at the same time the clock the client sleeps by: it draws while it sleeps.

    `prediction_id` is empty until the prediction exists.
    """

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self.prediction_id = ""
        self._stream = stream
        self._terminal = stream.isatty()
        self._clock = clock
        self._began = clock.now()
        self._state = "asking"
        self._polls = 0
        self._width = 0  # of the line on the screen; 0 where there is none

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Return *seconds* later; on a terminal, having kept the line up to date."""
        end = self.now() + seconds
        while self._terminal and (left := end - self.now()) > _TICK:
            self._clock.sleep(min(_TICK, left))
            self._draw()
        self._clock.sleep(max(end - self.now(), 0.0))

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self.now() - self._began

    def created(self, prediction_id: str) -> None:
        """Say, on a line that stays, which prediction it is."""
        self.clear()
        self.prediction_id = prediction_id
        self._stream.write(f"created {seen(prediction_id)}\n")
        self._state = "waiting"

    def polled(self, poll: Poll) -> None:
        """Show what a look has found."""
        self._state, self._polls = poll.prediction.status, poll.number
        self._draw()

    def clear(self) -> None:
        """Leave the terminal's line empty, for something else to be written there."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._width = 0
        self._stream.flush()

    def _draw(self) -> None:
        looks = f", {self._polls} poll{'s' if self._polls > 1 else ''}" if self._polls else ""
        line = f"{self._state} … {self.elapsed:.0f} s{looks}"
        self._stream.write("\r" + line.ljust(self._width) if self._terminal else line + "\n")
        self._stream.flush()
        self._width = len(line) if self._terminal else 0
