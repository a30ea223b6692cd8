"""Runs one program and kills all processes that it leaves behind.

It runs as a script with the standard library only, so that the program's environment and working directory do not
affect it::

    python -I -S supervisor.py REPORT COMMAND...

When its standard input closes, or the parent process dies, it kills the program and all processes that the program has
started. When the program ends, it kills the processes that the program leaves behind. Then it writes a line of JSON to
the file descriptor REPORT: `exit_code` (negative: the signal that killed the program) and `left_behind` (the number of
remaining processes); or `error`, why the program could not be started.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

PR_SET_CHILD_SUBREAPER = 36
"""From <linux/prctl.h>: orphans below this process become its children, in any session or group."""

PROC = Path("/proc")


def run(report: int, command: Sequence[str]) -> None:
    """Run *command* and write the report to the file descriptor *report*."""
    adopt_orphans()
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603  # the user's command
    except OSError as error:
        write_report(report, error=error.strerror)
        return
    write_report(report, **wait_for(program.pid, stop_pipe=0))
    program.returncode = 0  # `wait_for` has reaped it


def wait_for(pid: int, stop_pipe: int) -> dict[str, int]:
    """Wait for the child *pid*, the leader of a session, and return its report; kill it when *stop_pipe* closes."""
    over = threading.Event()
    threading.Thread(target=_kill_at_end_of, args=(stop_pipe, pid, over), daemon=True).start()
    _, status = os.waitpid(pid, 0)
    over.set()
    return {"exit_code": os.waitstatus_to_exitcode(status), "left_behind": kill_remaining(pid)}


def adopt_orphans() -> None:
    """Become the parent of all orphans below this process (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_remaining(session: int) -> int:
    """Kill all processes below this one and in the group *session*; return the number of those below."""
    killed: set[int] = set()
    while living := descendants(os.getpid()):
        killed |= living
        _kill(living)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)
    return len(killed)


def descendants(root: int) -> set[int]:
    """Return the processes below *root*, after reaping ended children."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return _below(root, _parents())


def write_report(report: int, **facts: object) -> None:
    """Write *facts* to the file descriptor *report*, and close it."""
    with open(report, "w", encoding="utf-8") as stream:  # a descriptor has no path
        stream.write(json.dumps(facts) + "\n")


def _kill_at_end_of(stop_pipe: int, pid: int, over: threading.Event) -> None:
    os.read(stop_pipe, 1)  # returns when the parent closes its end; it never writes
    if not over.is_set():
        _kill({pid, *_below(os.getpid(), _parents())})


def _parents() -> dict[int, int]:
    """Return the parent of every process of this machine; empty without /proc."""
    parents: dict[int, int] = {}
    for entry in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):  # the process may have ended
            name, _, rest = entry.read_text(errors="replace").rpartition(")")
            parents[int(name.split()[0])] = int(rest.split()[1])
    return parents


def _below(root: int, parents: dict[int, int]) -> set[int]:
    below = {root}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {root}


def _kill(pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def main() -> NoReturn:
    """Run the program that the command line names."""
    run(int(sys.argv[1]), sys.argv[2:])
    sys.exit(0)


if __name__ == "__main__":
    main()
