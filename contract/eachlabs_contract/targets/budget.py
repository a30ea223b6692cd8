"""Counts paid executions, so that nothing on trial can cost more than was allowed."""

from dataclasses import dataclass, field
from threading import Lock


class SpentError(Exception):
    """Another execution would cost more than was allowed."""


@dataclass(slots=True)
class Budget:
    """How many executions may still be asked for. Safe between threads.

    :param left: executions; None where they are free, as those of an emulator are.
    """

    left: int | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def can_pay(self, executions: int) -> bool:
        """Say whether so many executions may still be asked for."""
        return self.left is None or executions <= self.left

    def pay(self) -> None:
        """Set one execution aside, before it is asked for.

        :raises SpentError: there is none left.
        """
        with self._lock:
            if self.left is not None:
                if not self.left:
                    raise SpentError("the executions that were allowed are spent (--max-executions)")
                self.left -= 1

    def refund(self) -> None:
        """Take one back that a refusal has saved."""
        with self._lock:
            if self.left is not None:
                self.left += 1
