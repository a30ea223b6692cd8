"""Many figures in three: the median, the 95th percentile and the greatest."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """How figures are spread; percentiles by nearest rank, so that each is a figure that was there."""

    median: float
    p95: float
    max: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Self | None:
        """Return the spread of *figures*; None where there is none."""
        ordered = sorted(figures)
        return cls(_ranked(ordered, 0.5), _ranked(ordered, 0.95), ordered[-1]) if ordered else None


def _ranked(ordered: list[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]
