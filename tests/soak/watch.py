"""Looks at the processes of a server, slice by slice, while wrk sends at full speed."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench import procfs, wrk
from bench.children import Server
from bench.rounds import mixed
from soak.slices import Slice

CONNECTIONS = 32
NOWHERE = ""
"""The webhook address of those sent at full speed: sending theirs would be all that is left to do."""


def slices(server: Server, program: str, seconds: int, number: int) -> Iterator[Slice]:
    """Yield *number* slices of so many *seconds* each.

    :param program: wrk.
    """
    load = mixed(NOWHERE, server.calls)
    for done in range(1, number + 1):
        outcome = wrk.run(program, server.url, load, CONNECTIONS, seconds)
        members = procfs.tree(server.pid)
        yield Slice(
            seconds=done * seconds,
            requests=outcome.requests,
            per_second=outcome.per_second,
            p50_ms=outcome.p50_ms,
            p99_ms=outcome.p99_ms,
            failed=outcome.failed,
            memory_mb=procfs.pss_megabytes(server.pid),
            threads=sum(_entries(pid, "task") for pid in members),
            descriptors=sum(_entries(pid, "fd") for pid in members),
        )


def _entries(pid: int, folder: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return len(list(Path(f"/proc/{pid}/{folder}").iterdir()))
    return 0
