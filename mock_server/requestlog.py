"""Lines on standard error: one a request, one a webhook attempt. Keys are never in them, only the world's name."""

import json
from typing import Any, Literal, TextIO

import orjson

from mock_server.clock import Clock, utc_text
from mock_server.terminal import printable


class RequestLog:
    """Writes log lines, each in one call, so that threads do not mix them.

    :param clock: tells the time of each line: the real one, whatever the worlds' clocks show.
    :param form: ``text`` for people, ``json`` for programs (one object a line), ``off`` for silence.
    """

    def __init__(self, form: Literal["text", "json", "off"], stream: TextIO, clock: Clock) -> None:
        self._form = form
        self._stream = stream
        self._clock = clock

    @property
    def is_on(self) -> bool:
        """Whether anything is written at all."""
        return self._form != "off"

    def write(self, event: str, **facts: Any) -> None:  # noqa: ANN401  # facts are whatever JSON can hold
        """Write one line about *event*; *facts* in the order given."""
        if not self.is_on:
            return
        self._stream.write(self._json(event, facts) if self._form == "json" else self._text(event, facts))
        self._stream.flush()

    def _json(self, event: str, facts: dict[str, Any]) -> str:
        line = orjson.dumps({"event": event, "at": utc_text(self._clock.now()), **facts}).decode()
        # orjson leaves DEL, C1 controls and the line separators of Unicode as they are.
        return (line if line.isprintable() else json.dumps(orjson.loads(line))) + "\n"

    def _text(self, event: str, facts: dict[str, Any]) -> str:
        shown = " ".join(printable(str(value)) for value in facts.values() if value is not None and value != "")
        return f"{utc_text(self._clock.now())} {event:<8} {shown}\n"
