"""The two forks in which a function runs: the first supervises the second, which calls the function."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import IO, NoReturn

from eachlabs_contract.certification.process import supervisor

Call = Callable[[], object]


def guard(call: Call, variables: Mapping[str, str], printed: IO[bytes], report: IO[bytes], held: IO[bytes]) -> NoReturn:
    """Do in the first fork what the supervisor of a command does.

    :param variables: the environment of the call.
    :param printed: where what it prints goes.
    :param report: where what became of it is told.
    :param held: it is ended when this ends.
    """
    try:
        supervisor.adopt_orphans()
        if not (pid := fork()):
            _perform(call, variables, printed)
        supervisor.tell(os.dup(report.fileno()), **supervisor.keep(pid, held.fileno()))
    finally:
        os._exit(0)


def fork() -> int:
    """Fork: 0 in the child, and the child's id in the parent."""
    with warnings.catch_warnings():  # of threads that pytest or its plugins may have; the child uses none of theirs
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _perform(call: Call, variables: Mapping[str, str], printed: IO[bytes]) -> NoReturn:
    """Do in the second fork what the function does."""
    exit_code = 1
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(variables)
        _print_to(printed.fileno())
        exit_code = _exit_code(call)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


def _print_to(descriptor: int) -> None:
    """Let everything that is printed go to *descriptor*, also where pytest has put something else in its place."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, descriptor, descriptor)):
        os.dup2(source, number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # descriptors, open as long as the process is
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115  # the same
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115  # the same


def _exit_code(call: Call) -> int:
    """Call, and return what a program would end with that did so."""
    try:
        call()
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return leaving.code or 0
        print(leaving.code, file=sys.stderr)  # noqa: T201  # as Python does
        return 1
    except BaseException:  # noqa: BLE001  # whatever it is, it is the function's end
        traceback.print_exc()
        return 1
    return 0
