"""The result of one run of a program."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompletedRun:
    """One completed run of a program.

    :param exit_code: negative: the signal that killed it; None: it was killed at its time limit.
    :param output: standard output and standard error in order, with the key masked.
    :param seconds: real time taken.
    :param left_behind: number of child processes that it left running; they were killed.
    :param printed_key: whether the output contained the key.
    """

    exit_code: int | None
    output: str
    seconds: float
    left_behind: int = 0
    printed_key: bool = False

    @property
    def timed_out(self) -> bool:
        """Whether it was killed at its time limit."""
        return self.exit_code is None
