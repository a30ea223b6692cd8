"""What stored predictions weigh: the growth of a server over a counted number of creates."""

from contextlib import closing

from bench import procfs
from bench.caller import Caller
from bench.children import serving
from bench.samples import Sample
from bench.subjects import KEEPER, KEEPING, OURS, SUBJECTS, Subject

MEASURE = "memory per 10,000 predictions"
UNIT = 10_000
"""Predictions the figure is for."""
WARM_UP = 1_000
"""Creates before the first look: what a first request brings in is no prediction's weight."""


def measure_memory(count: int = UNIT) -> list[Sample]:
    """Return what *count* predictions weigh in ours and in a plain dict, scaled to 10,000."""
    measured = {OURS: SUBJECTS[OURS], KEEPING: KEEPER}
    return [Sample(MEASURE, "MB", name, _growth(name, subject, count)) for name, subject in measured.items()]


def _growth(name: str, subject: Subject, count: int) -> float:
    with serving(name, subject) as server, closing(Caller(server.url, server.calls)) as caller:
        _create(caller, WARM_UP * count // UNIT)
        before = procfs.pss_megabytes(server.pid)
        _create(caller, count)
        return (procfs.pss_megabytes(server.pid) - before) * UNIT / count


def _create(caller: Caller, count: int) -> None:
    for _ in range(count):
        caller.create()
