"""The log on standard error: one line per request and per webhook attempt, with the world's name and never a key."""

import json
import re
from threading import Lock
from typing import Any, Literal, TextIO

import orjson

from eachlabs_mock.console import LineWriter
from eachlabs_mock.core import Clock, utc_text

_PLAIN = re.compile("[!#-~]+")  # a column of visible ASCII without spaces and quotes needs none around it


class RequestLog:
    """Writes log lines, each with one write, so that threads do not mix them.

    No call waits for its line: a line that the stream does not accept is dropped, and before the next accepted line
    another one reports the number of dropped lines.

    :param clock: the real clock, for the time of each line.
    :param form: ``text`` for people (columns ``name=value``), ``json`` for programs (one object a line), ``off``.
    """

    def __init__(self, form: Literal["text", "json", "off"], stream: TextIO, clock: Clock) -> None:
        self._form = form
        self._writer = LineWriter(stream)
        self._clock = clock
        self._lock = Lock()
        self._missed = 0

    @property
    def is_on(self) -> bool:
        """Whether anything is written at all."""
        return self._form != "off"

    def write(self, event: str, **facts: Any) -> None:  # noqa: ANN401  # any JSON values
        """Write one line about *event*; *facts* in their order."""
        if not self.is_on:
            return
        with self._lock:
            if self._missed and self._writer.write(self._line("lines_missed", {"lines": self._missed})):
                self._missed = 0
            if not self._writer.write(self._line(event, facts)):
                self._missed += 1

    def _line(self, event: str, facts: dict[str, Any]) -> str:
        return self._json(event, facts) if self._form == "json" else self._text(event, facts)

    def _json(self, event: str, facts: dict[str, Any]) -> str:
        line = orjson.dumps({"event": event, "at": utc_text(self._clock.now()), **facts}).decode()
        # orjson leaves DEL, C1 controls and the line separators of Unicode as they are.
        return (line if line.isprintable() else json.dumps(orjson.loads(line))) + "\n"

    def _text(self, event: str, facts: dict[str, Any]) -> str:
        columns = [f"{name}={_column(value)}" for name, value in facts.items() if value not in (None, "")]
        return f"{utc_text(self._clock.now())} {event:<8} {' '.join(columns)}\n"


def _column(value: object) -> str:
    """Return *value* as a column shows it: quoted as in JSON where it holds spaces, quotes or control characters."""
    text = str(value)
    if _PLAIN.fullmatch(text):
        return text
    return orjson.dumps(text).decode() if text.isprintable() else json.dumps(text)
