"""Counts and response times per second; counters of several users, processes or machines can be added up."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MAX_NAMES = 40
"""Different names in one `Counters`; further ones count as `error:others`."""

OTHERS = "error:others"


@dataclass(slots=True)
class Second:
    """The counts and times of one second.

    :param counts: number of events by name.
    :param times: by kind of request: the number of requests by milliseconds.
    """

    counts: Counter[str] = field(default_factory=Counter)
    times: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, other: "Second") -> None:
        """Add the counts and times of *other*."""
        self.counts.update(other.counts)
        for kind, times in other.times.items():
            self.times.setdefault(kind, Counter()).update(times)


class Counters:
    """The counts and times of a run.

    :ivar seconds: by seconds since the epoch.
    """

    def __init__(self) -> None:
        self.seconds: dict[int, Second] = {}
        self._names: set[str] = set()

    def count(self, second: int, name: str, number: int = 1) -> None:
        """Count an event called *name*."""
        if name not in self._names and len(self._names) >= MAX_NAMES:
            name = OTHERS
        self._names.add(name)
        self._at(second).counts[name] += number

    def time(self, second: int, kind: str, milliseconds: float, number: int = 1) -> None:
        """Record the response time of a request of that *kind*."""
        self._at(second).times.setdefault(kind, Counter())[rounded(milliseconds)] += number

    def drain(self) -> str:
        """Return everything as JSON, and clear it."""
        text = self.dump()
        self.seconds.clear()
        return text

    def dump(self) -> str:
        """Return everything as JSON."""
        return json.dumps({at: [second.counts, second.times] for at, second in sorted(self.seconds.items())})

    def add(self, text: str) -> None:
        """Add the JSON that `drain` or `dump` of other counters returned."""
        for second, (counts, times) in json.loads(text).items():
            for name, number in counts.items():
                self.count(int(second), name, number)
            for kind, numbers in times.items():
                for milliseconds, number in numbers.items():
                    self.time(int(second), kind, int(milliseconds), number)

    def _at(self, second: int) -> Second:
        return self.seconds.setdefault(second, Second())


def rounded(milliseconds: float) -> int:
    """Return *milliseconds* rounded to three digits, which limits the number of different values; at least 1."""
    whole = max(1, round(milliseconds))
    digits = min(0, 3 - len(str(whole)))
    return round(whole, digits)


def percentile(times: Counter[int], share: float) -> int:
    """Return the lowest time that at least *share* of *times* do not exceed.

    :param times: at least one.
    :param share: over 0, up to 1.
    """
    left = math.ceil(share * times.total())
    for milliseconds in sorted(times):
        left -= times[milliseconds]
        if left <= 0:
            return milliseconds
    raise ValueError("there are no times")


def summed(times: Iterable[Counter[int]]) -> Counter[int]:
    """Return the sum of all *times*."""
    total: Counter[int] = Counter()
    for part in times:
        total.update(part)
    return total


def total(counts: Mapping[str, int], prefix: str) -> int:
    """Return the number of events whose name starts with *prefix*."""
    return sum(number for name, number in counts.items() if name.startswith(prefix))
