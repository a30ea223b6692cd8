"""Runs a function of a user's once, in a process of its own: a fork, so that any function will do."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event

from eachlabs_contract.certification.process.captured_output import CapturedOutput
from eachlabs_contract.certification.process.command import KEY, RunningProgram, environment, pipe
from eachlabs_contract.certification.process.forking import Call, fork, guard
from eachlabs_contract.certification.process.result import Ending


@dataclass(frozen=True, slots=True)
class Function:
    """A function without parameters. It ends well by returning; what it raises is printed, and its exit code is 1.

    It runs in a fork of a fork of this process, so that it may be anything, a closure too, and whatever it changes is
    changed there only. One at a time: a fork is safe only while no thread of ours runs.
    """

    label: str
    call: Call
    jobs: int = 1

    def run(self, variables: Mapping[str, str], limit: float, stop: Event) -> Ending:
        with pipe() as (output, printed), pipe() as (facts, report), pipe() as (held, stop_pipe):
            if not (pid := fork()):
                stop_pipe.close()
                guard(self.call, environment(variables), printed, report, held)
            for each in (printed, report, held):
                each.close()
            try:
                return RunningProgram(output, facts, stop_pipe, CapturedOutput(variables[KEY])).ending(
                    self.label, limit, stop
                )
            finally:
                stop_pipe.close()
                os.waitpid(pid, 0)
