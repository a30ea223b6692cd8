"""What stored predictions weigh: the growth of a server over a counted number of creates."""

from contextlib import closing

from bench import procfs
from bench.caller import Caller
from bench.children import KEEPING, serving
from bench.samples import BASELINE, OURS, Sample

UNIT = 10_000
"""Predictions the figure is for."""
WARM_UP = 1_000
"""Creates before the first look: what a first request brings in is no prediction's weight."""


def measure_memory(count: int = UNIT) -> list[Sample]:
    """Return what *count* predictions weigh in ours and in a plain dict, scaled to 10,000."""
    return [
        Sample("memory per 10,000 predictions", "MB", subject, _growth(server, count))
        for subject, server in ((OURS, OURS), (BASELINE, KEEPING))
    ]


def _growth(subject: str, count: int) -> float:
    with serving(subject) as server, closing(Caller(server.url)) as caller:
        _create(caller, WARM_UP * count // UNIT)
        before = procfs.pss_megabytes(server.pid)
        _create(caller, count)
        return (procfs.pss_megabytes(server.pid) - before) * UNIT / count


def _create(caller: Caller, count: int) -> None:
    for _ in range(count):
        caller.create()
