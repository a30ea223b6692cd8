"""What a run is to show, and whether it does: each target with the figures it is judged by."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.rounds import measure
from bench.samples import Table
from bench.subjects import AIMOCK, BASELINE, LIMIT, NO_LANE, OURS, WIREMOCK

LOADS = ("poll", "create")
CONNECTIONS = 32

OF_THE_FASTEST = 2.5
OF_AIMOCK = 5.0
P99_MS = 10.0
CPU_US = {"poll": 60.0, "create": 100.0}
START_MS = 500.0
START_MB = 80.0


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted, and what was measured. *is_met* is None where the run has not measured it."""

    wanted: str
    measured: str
    is_met: bool | None


def targets(table: Table) -> list[Target]:
    """Return what *table* says of each target."""
    return [target for load in LOADS for target in _of_load(table, load)] + [*_of_start(table)]


def _of_load(table: Table, load: str) -> Iterator[Target]:
    row = table.row(measure(load, CONNECTIONS), "requests/s")
    yield _ratio(f"{load}: {OF_THE_FASTEST:g} times {WIREMOCK}", row.ratio(OURS, WIREMOCK), OF_THE_FASTEST)
    yield _ratio(f"{load}: {OF_AIMOCK:g} times {AIMOCK}", row.ratio(OURS, AIMOCK), OF_AIMOCK)
    p99 = table.median(measure(load, CONNECTIONS), "p99 ms", OURS)
    yield _most(f"{load}: p99 under {P99_MS:g} ms", p99, P99_MS, "ms")
    others = {
        name: value
        for name in table.subjects
        if name not in {OURS, NO_LANE, BASELINE, *LIMIT}
        and (value := table.median(measure(load, CONNECTIONS), "p99 ms", name)) is not None
    }
    if others:
        best = min(others, key=others.__getitem__)
        yield _most(f"{load}: p99 below every peer's (best: {best}, {others[best]:.1f} ms)", p99, others[best], "ms")
    cpu = table.median(measure(load, CONNECTIONS), "CPU us/request", OURS)
    yield _most(f"{load}: at most {CPU_US[load]:g} us of server CPU", cpu, CPU_US[load], "us")


def _of_start(table: Table) -> Iterator[Target]:
    yield _most(f"ready in under {START_MS:g} ms", table.median("start-up", "ms", OURS), START_MS, "ms")
    at_start = table.median("memory at start", "MB", OURS)
    yield _most(f"under {START_MB:g} MB at start", at_start, START_MB, "MB")


def _ratio(wanted: str, ratio: float | None, least: float) -> Target:
    return Target(wanted, "-" if ratio is None else f"{ratio:.2f} times", None if ratio is None else ratio >= least)


def _most(wanted: str, value: float | None, most: float, unit: str) -> Target:
    measured = "-" if value is None else f"{value:.1f} {unit}"
    return Target(wanted, measured, None if value is None else value <= most)
