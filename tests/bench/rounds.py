"""The measures over HTTP: in every round all servers start anew and take each load one after the other."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from time import sleep

from bench import procfs, wrk
from bench.caller import Caller
from bench.calls import Calls
from bench.canned import ID
from bench.children import Server, serving
from bench.receiving import receiving
from bench.samples import FAILED, Sample
from bench.subjects import NO_LANE, OURS, SUBJECTS

CONNECTIONS = (1, 32, 256)
MIXED_CONNECTIONS = 32
POLLED = 200
"""Predictions that are polled in turn."""
WARM_UP = 4
"""Seconds of either call before anything is measured: some servers compile themselves as they go."""

OWN = frozenset({OURS, NO_LANE})
"""Those that send webhooks."""

ENDED = frozenset({"success", "COMPLETED"})
"""What a prediction that has ended says, in whatever dialect."""

JUST_STARTED = "just started"
"""When either call is measured first, before any warming up: short runs of tests see nothing else."""

MIXED = "life cycle"
"""The load in which predictions are created, polled, and told of by webhook; whoever knows no webhooks sends none."""


def measure_round(number: int, names: Sequence[str], seconds: int, program: str) -> list[Sample]:
    """Return the samples of one round; *number*, from 0, turns the order of the servers.

    :param names: of the subjects.
    :param seconds: of each load.
    :param program: wrk.
    """
    turn = number % len(names)
    with ExitStack() as stack:
        order = [*names[turn:], *names[:turn]]
        servers = [stack.enter_context(serving(name, SUBJECTS[name])) for name in order]
        samples = [sample for server in servers for sample in _at_start(server)]
        samples += [sample for server in servers for sample in _just_started(server, seconds, program)]
        ids = {server.name: prepare(server, program) for server in servers}
        for connections in CONNECTIONS:
            for server in servers:
                load = poll_of(ids[server.name], server.calls)
                samples += _under_load(server, load, connections, seconds, program)
        for connections in CONNECTIONS:  # after them: so many new predictions push out the polled ones
            for server in servers:
                samples += _under_load(server, create(server.calls), connections, seconds, program)
        samples += [sample for server in servers for sample in _mixed(server, seconds, program)]
        samples += [Sample("memory after", "MB", each.name, procfs.pss_megabytes(each.pid)) for each in servers]
    return samples


def poll_of(ids: Sequence[str], calls: Calls) -> wrk.Load:
    """Return the load of reading these predictions."""
    return wrk.Load("poll", wrk.reads([calls.read.format(each) for each in ids]), calls.headers)


def create(calls: Calls) -> wrk.Load:
    """Return the load of creating predictions."""
    return wrk.Load("create", wrk.creates(calls.create, calls.body), calls.headers)


def mixed(webhook_url: str, calls: Calls) -> wrk.Load:
    """Return the load in which each create is followed by nine polls of the prediction it made."""
    body = calls.body.replace('"webhook_url": ""', f'"webhook_url": "{webhook_url}"')
    read, _, rest = calls.read.partition("{}")
    lives = wrk.lives(calls.create, body, (read, rest), calls.id_field or "predictionID")
    return wrk.Load(MIXED, lives, calls.headers)


def prepare(server: Server, program: str) -> list[str]:
    """Warm *server* up, and return the ids of what is to be polled there, once all of it has ended."""
    wrk.run(program, server.url, create(server.calls), MIXED_CONNECTIONS, WARM_UP)
    ids = predictions(server, POLLED)  # now: some keep but the latest
    wrk.run(program, server.url, poll_of(ids, server.calls), MIXED_CONNECTIONS, WARM_UP)
    return ids


def predictions(server: Server, count: int) -> list[str]:
    """Create *count* predictions and return their ids once all of them have ended; the one id that canned ones have."""
    if not server.calls.id_field:
        return [ID]
    with closing(Caller(server.url, server.calls)) as caller:
        ids = [caller.create() for _ in range(count)]
        for each in ids:
            while caller.read(each)["status"] not in ENDED:
                sleep(0.01)
        return ids


def _at_start(server: Server) -> list[Sample]:
    return [
        Sample("start-up", "ms", server.name, server.startup_ms),
        Sample("memory at start", "MB", server.name, procfs.pss_megabytes(server.pid)),
    ]


def _just_started(server: Server, seconds: int, program: str) -> list[Sample]:
    samples = _under_load(server, create(server.calls), MIXED_CONNECTIONS, seconds, program, JUST_STARTED)
    load = poll_of(predictions(server, POLLED), server.calls)
    return samples + _under_load(server, load, MIXED_CONNECTIONS, seconds, program, JUST_STARTED)


def _under_load(
    server: Server, load: wrk.Load, connections: int, seconds: int, program: str, when: str = ""
) -> list[Sample]:
    before = procfs.cpu_microseconds(server.pid)
    outcome = wrk.run(program, server.url, load, connections, seconds)
    used = procfs.cpu_microseconds(server.pid) - before
    figures: Mapping[str, float] = {
        "requests/s": outcome.per_second,
        "p50 ms": outcome.p50_ms,
        "p99 ms": outcome.p99_ms,
        "CPU us/request": used / outcome.requests,
        FAILED: outcome.failed,
    }
    name = measure(load.name, connections, when)
    return [Sample(name, unit, server.name, value) for unit, value in figures.items()]


def measure(load: str, connections: int, when: str = "") -> str:
    """Return what the samples of *load* over that many *connections* are called; *when*: not at the usual time."""
    return f"{load}, {connections} connection{'s' if connections > 1 else ''}{when and f', {when}'}"


def _mixed(server: Server, seconds: int, program: str) -> list[Sample]:
    with receiving() as receiver:
        samples = _under_load(server, mixed(receiver.url, server.calls), MIXED_CONNECTIONS, seconds, program)
        if server.name in OWN:
            sleep(1)  # what was created last ends in a tenth of that, and is told of
        received = receiver.close()
    name = measure(MIXED, MIXED_CONNECTIONS)
    return [*samples, Sample(name, "webhooks/s", server.name, received / seconds)] if server.name in OWN else samples
