"""What was measured, and what becomes of it: samples of one measure make a row of medians."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

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

    def ratio(self, subject: str, other: str) -> float | None:
        """Return the median of *subject* as a multiple of the *other*'s; None without either, or if that is 0."""
        own, base = self.median(subject), self.median(other)
        return own / base if own is not None and base else None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a run."""

    rows: Sequence[Row]

    def row(self, measure: str, unit: str) -> Row:
        """Return the row of that *measure* in *unit*, an empty one where it was not measured."""
        found = (each for each in self.rows if (each.measure, each.unit) == (measure, unit))
        return next(found, Row(measure, unit, {}))

    def median(self, measure: str, unit: str, subject: str) -> float | None:
        """Return the middle of those samples; None where there are none."""
        return self.row(measure, unit).median(subject)

    @property
    def subjects(self) -> Sequence[str]:
        """Whoever was measured, in the order of their first samples."""
        return list(dict.fromkeys(subject for row in self.rows for subject in row.values))

    @property
    def failures(self) -> Sequence[str]:
        """A line for each load that had requests fail."""
        return [
            f"{row.measure}, {subject}: {sum(values):.0f} requests failed"
            for row in self.rows
            if row.unit == FAILED
            for subject, values in row.values.items()
            if any(values)
        ]


def table(samples: Iterable[Sample]) -> Table:
    """Return the table of *samples*, with a row for each measure and unit, ordered by their first samples."""
    grouped: dict[tuple[str, str], dict[str, list[float]]] = {}
    for each in samples:
        grouped.setdefault((each.measure, each.unit), {}).setdefault(each.subject, []).append(each.value)
    return Table([Row(measure, unit, values) for (measure, unit), values in grouped.items()])
