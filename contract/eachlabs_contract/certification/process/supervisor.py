"""Runs one program, and leaves no process of it behind.

It is started as a file of its own, on the standard library alone, so that neither the program's environment nor its
working directory can disturb it::

    python -I -S supervisor.py REPORT COMMAND...

The process that starts the supervisor holds the other end of its standard input. When that end is closed, or its holder
dies, the program is killed with every process that it has started. When the program ends by itself, the processes that
it leaves behind are killed. Then it writes a line of JSON to the file descriptor REPORT: `exit_code` (negative: the
signal that killed it) and `left_behind`, the number of processes that were; or `error`, why it could not be started.
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
"""From <linux/prctl.h>: orphans below this process become its children, whatever session or group they went to."""

PROC = Path("/proc")


def run(report: int, command: Sequence[str]) -> None:
    """Run *command* and tell the file descriptor *report* what became of it."""
    adopt_orphans()
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603  # what the user asked for
    except OSError as error:
        tell(report, error=error.strerror)
        return
    tell(report, **keep(program.pid, stop_pipe=0))
    program.returncode = 0  # `keep` has waited for it


def keep(pid: int, stop_pipe: int) -> dict[str, int]:
    """Wait for the child *pid*, leader of a session, and return what became of it; end it when *stop_pipe* ends."""
    over = threading.Event()
    threading.Thread(target=_kill_at_end_of, args=(stop_pipe, pid, over), daemon=True).start()
    _, status = os.waitpid(pid, 0)
    over.set()
    return {"exit_code": os.waitstatus_to_exitcode(status), "left_behind": sweep(pid)}


def adopt_orphans() -> None:
    """Become the parent of all orphans below this process, where the system knows how: Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def sweep(session: int) -> int:
    """Kill what is left below this process, or in the group *session*, until nothing is; return how many there were."""
    found: set[int] = set()
    while living := descendants(os.getpid()):
        found |= living
        _kill(living)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)
    return len(found)


def descendants(root: int) -> set[int]:
    """Return the processes below *root*; those that are over and not yet waited for are waited for now."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return _below(root, _parents())


def tell(report: int, **facts: object) -> None:
    """Write *facts* to the file descriptor *report*, and close it."""
    with open(report, "w", encoding="utf-8") as stream:  # a descriptor has no path
        stream.write(json.dumps(facts) + "\n")


def _kill_at_end_of(stop_pipe: int, pid: int, over: threading.Event) -> None:
    os.read(stop_pipe, 1)  # nothing is ever written: this returns when nobody holds the other end
    if not over.is_set():
        _kill({pid, *_below(os.getpid(), _parents())})


def _parents() -> dict[int, int]:
    """Return the parent of every process of this machine; nothing where there is no /proc."""
    found: dict[int, int] = {}
    for entry in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):  # it may be over by now
            name, _, rest = entry.read_text(errors="replace").rpartition(")")
            found[int(name.split()[0])] = int(rest.split()[1])
    return found


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
    """Run what the command line says."""
    run(int(sys.argv[1]), sys.argv[2:])
    sys.exit(0)


if __name__ == "__main__":
    main()
