"""What was measured, and what becomes of it: samples of one measure make a row of medians and ratios."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

OURS = "ours"
NO_LANE = "no lane"
BASELINE = "baseline"
SUBJECTS = (OURS, NO_LANE, BASELINE)

FAILED = "failed"
"""The unit of requests that were not answered 2xx; any of them spoils a run."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One *value* of *measure* in *unit*, taken of *subject*."""

    measure: str
    unit: str
    subject: str
    value: float


@dataclass(frozen=True, slots=True)
class Row:
    """All samples of one measure, by subject, in the order they were taken."""

    measure: str
    unit: str
    values: Mapping[str, Sequence[float]]

    def median(self, subject: str) -> float | None:
        """Return the middle of the samples; None where *subject* was not measured."""
        return median(self.values[subject]) if subject in self.values else None

    def ratio(self, subject: str) -> float | None:
        """Return the median as a multiple of the baseline's; None without either, or if that is 0 or less."""
        own, baseline = self.median(subject), self.median(BASELINE)
        return own / baseline if own is not None and baseline is not None and baseline > 0 else None


def rows(samples: Iterable[Sample]) -> list[Row]:
    """Return a row for each measure and unit, ordered by their first samples."""
    grouped: dict[tuple[str, str], dict[str, list[float]]] = {}
    for each in samples:
        grouped.setdefault((each.measure, each.unit), {}).setdefault(each.subject, []).append(each.value)
    return [Row(measure, unit, values) for (measure, unit), values in grouped.items()]


def failures(table: Iterable[Row]) -> list[str]:
    """Return a line for each load that had requests fail."""
    return [
        f"{row.measure}, {subject}: {sum(values):.0f} requests failed"
        for row in table
        if row.unit == FAILED
        for subject, values in row.values.items()
        if any(values)
    ]
