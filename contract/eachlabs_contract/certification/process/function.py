"""Runs a user's function once in a forked process, so that it may be any function."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event

from eachlabs_contract.certification.process.captured_output import CapturedOutput
from eachlabs_contract.certification.process.command import KEY, RunningProgram, environment, pipe
from eachlabs_contract.certification.process.forking import Call, fork, supervise
from eachlabs_contract.certification.process.result import CompletedRun


@dataclass(frozen=True, slots=True)
class Function:
    """A function without parameters. A return means exit code 0; an exception is printed and means exit code 1.

    It runs in a fork of a fork of this process, so it may be a closure, and its changes stay in the fork. Only one runs
    at a time: a fork is safe only while this package runs no thread.
    """

    label: str
    call: Call
    jobs: int = 1

    def run(self, variables: Mapping[str, str], limit: float, stop: Event) -> CompletedRun:
        with pipe() as (output, printed), pipe() as (facts, report), pipe() as (stopped, stop_pipe):
            if not (pid := fork()):
                stop_pipe.close()
                supervise(self.call, environment(variables), printed, report, stopped)
            for child_end in (printed, report, stopped):
                child_end.close()
            try:
                running = RunningProgram(output, facts, stop_pipe, CapturedOutput(variables[KEY]))
                return running.wait(self.label, limit, stop)
            finally:
                stop_pipe.close()
                os.waitpid(pid, 0)
