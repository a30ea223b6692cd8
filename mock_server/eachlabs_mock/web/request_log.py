"""Lines on standard error: one a request, one a webhook attempt. Keys are never in them, only the world's name."""

import json
from threading import Lock
from typing import Any, Literal, TextIO

import orjson

from eachlabs_mock.console import LineWriter, printable
from eachlabs_mock.core import Clock, utc_text


class RequestLog:
    """Writes log lines, each in one call, so that threads do not mix them.

    No call waits for its line: what the stream does not take is left out, and the next line that it does take comes
    behind one that says how many it missed.

    :param clock: tells the time of each line: the real one, whatever the worlds' clocks show.
    :param form: ``text`` for people, ``json`` for programs (one object a line), ``off`` for silence.
    """

    def __init__(self, form: Literal["text", "json", "off"], stream: TextIO, clock: Clock) -> None:
        self._form = form
        self._outlet = LineWriter(stream)
        self._clock = clock
        self._lock = Lock()
        self._missed = 0

    @property
    def is_on(self) -> bool:
        """Whether anything is written at all."""
        return self._form != "off"

    def write(self, event: str, **facts: Any) -> None:  # noqa: ANN401  # facts are whatever JSON can hold
        """Write one line about *event*; *facts* in the order given."""
        if not self.is_on:
            return
        with self._lock:
            if self._missed and self._outlet.write(self._line("lines_missed", {"lines": self._missed})):
                self._missed = 0
            if not self._outlet.write(self._line(event, facts)):
                self._missed += 1

    def _line(self, event: str, facts: dict[str, Any]) -> str:
        return self._json(event, facts) if self._form == "json" else self._text(event, facts)

    def _json(self, event: str, facts: dict[str, Any]) -> str:
        line = orjson.dumps({"event": event, "at": utc_text(self._clock.now()), **facts}).decode()
        # orjson leaves DEL, C1 controls and the line separators of Unicode as they are.
        return (line if line.isprintable() else json.dumps(orjson.loads(line))) + "\n"

    def _text(self, event: str, facts: dict[str, Any]) -> str:
        shown = " ".join(printable(str(value)) for value in facts.values() if value is not None and value != "")
        return f"{utc_text(self._clock.now())} {event:<8} {shown}\n"
