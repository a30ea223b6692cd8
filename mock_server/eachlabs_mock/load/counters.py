"""Counts and times by the second, in a form that adds up: over users, and over the processes of several machines."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MOST_NAMES = 40
"""Different names that one tally takes; what more there is counts as `error:others`."""

OTHERS = "error:others"


@dataclass(slots=True)
class Second:
    """What happened in one second.

    :param counts: how often what happened.
    :param times: by kind of request, how many of them took so many milliseconds.
    """

    counts: Counter[str] = field(default_factory=Counter)
    times: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, other: "Second") -> None:
        """Add what happened in another one."""
        self.counts.update(other.counts)
        for kind, found in other.times.items():
            self.times.setdefault(kind, Counter()).update(found)


class Tally:
    """Seconds since the epoch, and what happened in each."""

    def __init__(self) -> None:
        self.seconds: dict[int, Second] = {}
        self._names: set[str] = set()

    def count(self, second: int, name: str, number: int = 1) -> None:
        """Note that something called *name* happened."""
        if name not in self._names and len(self._names) >= MOST_NAMES:
            name = OTHERS
        self._names.add(name)
        self._at(second).counts[name] += number

    def time(self, second: int, kind: str, milliseconds: float, number: int = 1) -> None:
        """Note how long a request of that *kind* took."""
        self._at(second).times.setdefault(kind, Counter())[rounded(milliseconds)] += number

    def take(self) -> str:
        """Return all of it as JSON, and begin anew."""
        text = self.dump()
        self.seconds.clear()
        return text

    def dump(self) -> str:
        """Return all of it as JSON."""
        return json.dumps({second: [each.counts, each.times] for second, each in sorted(self.seconds.items())})

    def add(self, text: str) -> None:
        """Add what `take` or `dump` of another tally has returned."""
        for second, (counts, times) in json.loads(text).items():
            for name, number in counts.items():
                self.count(int(second), name, number)
            for kind, found in times.items():
                for milliseconds, number in found.items():
                    self.time(int(second), kind, int(milliseconds), number)

    def _at(self, second: int) -> Second:
        return self.seconds.setdefault(second, Second())


def rounded(milliseconds: float) -> int:
    """Return *milliseconds* to three digits, so that there are few different ones; at least 1."""
    whole = max(1, round(milliseconds))
    digits = min(0, 3 - len(str(whole)))
    return round(whole, digits)


def percentile(times: Counter[int], share: float) -> int:
    """Return the time that a *share* (over 0, up to 1) of *times*, of which there is one at least, do not exceed."""
    left = math.ceil(share * times.total())
    for milliseconds in sorted(times):
        left -= times[milliseconds]
        if left <= 0:
            return milliseconds
    raise ValueError("there are no times")


def summed(times: Iterable[Counter[int]]) -> Counter[int]:
    """Return all *times* together."""
    total: Counter[int] = Counter()
    for each in times:
        total.update(each)
    return total


def total(counts: Mapping[str, int], prefix: str) -> int:
    """Return how often anything happened whose name begins with *prefix*."""
    return sum(number for name, number in counts.items() if name.startswith(prefix))
