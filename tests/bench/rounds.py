"""The measures over HTTP: in every round all servers start anew and take each load one after the other."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from statistics import median
from urllib.parse import urlsplit

from bench import procfs, wrk
from bench.caller import CREATE_BODY, CREATE_PATH, HEADERS, Caller
from bench.children import Server, serving
from bench.samples import BASELINE, FAILED, SUBJECTS, Sample

CONNECTIONS = (1, 32)
POLLED = 200
"""Predictions that are polled in turn. Making and awaiting them warms a server, too."""
DOWNLOADS = 50


def measure_round(number: int, seconds: int, program: str) -> list[Sample]:
    """Return the samples of one round; *number*, from 0, turns the order of the servers.

    :param seconds: of each load.
    :param program: wrk.
    """
    order = [*SUBJECTS[number % len(SUBJECTS) :], *SUBJECTS[: number % len(SUBJECTS)]]
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(subject)) for subject in order]
        samples = [sample for server in servers for sample in _at_start(server)]
        callers = {server.subject: stack.enter_context(closing(Caller(server.url))) for server in servers}
        ids = {subject: prepare(caller, POLLED) for subject, caller in callers.items()}
        samples += _downloads(callers, {subject: each[0] for subject, each in ids.items()})
        for connections in CONNECTIONS:
            for server in servers:
                samples += _under_load(server, poll_of(ids[server.subject]), connections, seconds, program)
        for connections in CONNECTIONS:  # last: so many new predictions would push out the polled ones
            for server in servers:
                samples += _under_load(server, create(), connections, seconds, program)
    return samples


def poll_of(ids: Sequence[str]) -> wrk.Load:
    """Return the load of reading these predictions."""
    return wrk.Load("poll", "GET", [CREATE_PATH + each for each in ids], HEADERS)


def create() -> wrk.Load:
    """Return the load of creating predictions with all nine parameters."""
    return wrk.Load("create", "POST", [CREATE_PATH], HEADERS, CREATE_BODY)


def prepare(caller: Caller, count: int) -> list[str]:
    """Create *count* predictions; return their ids once all of them have ended."""
    ids = [caller.create() for _ in range(count)]
    for each in ids:
        while caller.read(each)["status"] == "processing":
            time.sleep(0.01)
    return ids


def _at_start(server: Server) -> list[Sample]:
    return [
        Sample("start-up", "ms", server.subject, server.startup_ms),
        Sample("memory at start", "MB", server.subject, procfs.pss_megabytes(server.pid)),
    ]


def _under_load(server: Server, load: wrk.Load, connections: int, seconds: int, program: str) -> list[Sample]:
    before = procfs.cpu_microseconds(server.pid)
    outcome = wrk.run(program, server.url, load, connections, seconds)
    used = procfs.cpu_microseconds(server.pid) - before
    measure = f"{load.name}, {connections} connection{'s' if connections > 1 else ''}"
    figures = {
        "requests/s": outcome.per_second,
        "p99 ms": outcome.p99_ms,
        "CPU us/request": used / outcome.requests,
        FAILED: outcome.failed,
    }
    return [Sample(measure, unit, server.subject, value) for unit, value in figures.items()]


def _downloads(callers: dict[str, Caller], ids: dict[str, str]) -> list[Sample]:
    """Time downloads of an image that is rendered already; the baseline sends as many bytes of nothing."""
    paths = {subject: urlsplit(callers[subject].read(ids[subject])["output"]).path for subject in callers}
    size = max(len(callers[subject].get(paths[subject])) for subject in callers if subject != BASELINE)
    paths[BASELINE] = f"/outputs/{size}.webp"
    return [
        Sample("cached download, webp 16:9", "ms", subject, _download_ms(caller, paths[subject]))
        for subject, caller in callers.items()
    ]


def _download_ms(caller: Caller, path: str) -> float:
    times = []
    for _ in range(DOWNLOADS):
        started = time.perf_counter()
        caller.get(path)
        times.append((time.perf_counter() - started) * 1000)
    return median(times)
