"""How one run of a program ended, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ending:
    """How one run of a program ended.

    :param exit_code: negative: the signal that killed it; None: it had to be ended, since its time was up.
    :param output: what it printed on standard output and standard error, as it came, without the key.
    :param seconds: real time that it took.
    :param left_behind: processes that it left running, which were ended then.
    :param printed_key: whether the key was in what it printed.
    """

    exit_code: int | None
    output: str
    seconds: float
    left_behind: int = 0
    printed_key: bool = False

    @property
    def timed_out(self) -> bool:
        """Whether it had to be ended."""
        return self.exit_code is None
