"""Counts paid executions, so that a run cannot cost more than allowed."""

from dataclasses import dataclass, field
from threading import Lock


class SpentError(Exception):
    """Another execution would exceed the allowed number."""


@dataclass(slots=True)
class Budget:
    """The number of executions that a run may still ask for. Safe between threads.

    :param left: remaining executions; None where they are free, as on an emulator.
    """

    left: int | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def can_pay(self, executions: int) -> bool:
        """Say whether *executions* more are allowed."""
        return self.left is None or executions <= self.left

    def pay(self) -> None:
        """Reserve one execution, before it is requested.

        :raises SpentError: none is left.
        """
        with self._lock:
            if self.left is not None:
                if not self.left:
                    raise SpentError("all allowed executions are used (--max-executions)")
                self.left -= 1

    def refund(self) -> None:
        """Return a reserved execution after the request was refused."""
        with self._lock:
            if self.left is not None:
                self.left += 1
