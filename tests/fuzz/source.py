"""Makes decisions of bytes: the same bytes, the same decisions. Whoever has none left decides for the simplest."""

from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

NASTY = (
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    2**64,
    -(2**63) - 1,
    10**400,
    1e308,
    "",
    "x",
    "0",
    "NaN",
    "inf",
    "-1",
    "1e999",
    "\x00",
    "\ud800",
    "\x1b[2J",
    "é",
    "x" * 5000,
    [],
    {},
    [[]],
    {"": None},
    "http://[",
    "../../etc/passwd",
    "2026-02-30T25:61:61Z",
)
"""Values that a reader of JSON may not have thought of."""

MOST_EDITS = 4


class Source:
    """Bytes that are used up, one decision after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def rest(self) -> bytes:
        """All bytes that are left; none are left afterwards."""
        rest, self._at = self._data[self._at :], len(self._data)
        return rest

    def number(self, below: int) -> int:
        """Return a number from 0, one below *below* at most."""
        taken = self._data[self._at : self._at + 2]
        self._at += len(taken)
        return int.from_bytes(taken, "little") % below

    def choice(self, options: Sequence[T]) -> T:
        """Return one of *options*."""
        return options[self.number(len(options))]

    def text(self) -> str:
        """Return a text of a few characters, any of Unicode among them."""
        length = self.number(64)
        taken = self._data[self._at : self._at + length]
        self._at += len(taken)
        return taken.decode("utf-8", "surrogateescape")

    def value(self) -> Any:
        """Return a value as JSON has them."""
        nasty = (*NASTY, self.number(1000), self.text())
        return self.choice(nasty)

    def edited(self, document: Any) -> Any:
        """Return *document* with a few of its values replaced, removed or doubled."""
        for _ in range(self.number(MOST_EDITS) + 1):
            document = self._edited(document)
        return document

    def _edited(self, document: Any) -> Any:
        stays = bool(document) and isinstance(document, dict | list) and self.number(8)
        if not stays:
            return self.value()
        if isinstance(document, list):
            at = self.number(len(document))
            return self._relisted(document, at)
        name = self.choice(sorted(document))
        match self.number(8):
            case 0:
                return {key: value for key, value in document.items() if key != name}
            case 1:
                return {**document, self.text(): document[name]}
            case _:
                return {**document, name: self._edited(document[name])}

    def _relisted(self, items: list[Any], at: int) -> list[Any]:
        match self.number(8):
            case 0:
                return [*items[:at], *items[at + 1 :]]
            case 1:
                return [*items, items[at]]
            case _:
                return [*items[:at], self._edited(items[at]), *items[at + 1 :]]
