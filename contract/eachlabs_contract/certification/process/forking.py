"""The two forks in which a function runs: the first supervises the second, which calls the function."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import IO, NoReturn

from eachlabs_contract.certification.process import supervisor

Call = Callable[[], object]


def supervise(
    call: Call, variables: Mapping[str, str], output: IO[bytes], report: IO[bytes], stop_pipe: IO[bytes]
) -> NoReturn:
    """Supervise the call in the first fork, as the supervisor of a command does.

    :param variables: the environment of the call.
    :param output: the pipe for the output of the call.
    :param report: the pipe for the supervisor's report.
    :param stop_pipe: when it closes, the call is killed.
    """
    try:
        supervisor.adopt_orphans()
        if not (pid := fork()):
            _perform(call, variables, output)
        supervisor.write_report(os.dup(report.fileno()), **supervisor.wait_for(pid, stop_pipe.fileno()))
    finally:
        os._exit(0)


def fork() -> int:
    """Fork; return 0 in the child, and the child's id in the parent."""
    with warnings.catch_warnings():  # about threads of pytest or its plugins; the child uses none of them
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _perform(call: Call, variables: Mapping[str, str], output: IO[bytes]) -> NoReturn:
    """Call the function in the second fork."""
    exit_code = 1
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(variables)
        _print_to(output.fileno())
        exit_code = _exit_code(call)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


def _print_to(descriptor: int) -> None:
    """Redirect standard output and standard error to *descriptor*, even if pytest has replaced the streams."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, descriptor, descriptor)):
        os.dup2(source, number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # descriptors, open as long as the process is
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115  # the same
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115  # the same


def _exit_code(call: Call) -> int:
    """Call the function, and return the exit code of a program that makes this call."""
    try:
        call()
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return leaving.code or 0
        print(leaving.code, file=sys.stderr)  # noqa: T201  # as Python does
        return 1
    except BaseException:  # noqa: BLE001  # any exception ends the function
        traceback.print_exc()
        return 1
    return 0
