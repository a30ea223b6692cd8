"""What was seen in each slice of a soak, and what follows from all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

ALLOWED_MB = 5.0
ALLOWED_SHARE = 0.05
"""Memory has grown if its last third lies above its middle third by more than both together."""

FILLS = 1_000_000
"""Requests, one create in ten, after which the store is full and memory is to stay as it is."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some seconds of a soak.

    :param seconds: since the beginning, at its end.
    :param requests: answered at full speed, with their percentiles in milliseconds.
    :param failed: of those, the ones not answered 2xx.
    :param memory_mb: proportional set size of all processes of the server, at its end.
    """

    seconds: float
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int
    memory_mb: float
    threads: int
    descriptors: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole soak.

    :param lives: predictions that were followed from create to download, each step checked.
    :param refusals: calls that were refused as they should be.
    :param webhooks: expected and received.
    :param errors: what went wrong in those.
    """

    slices: Sequence[Slice]
    lives: int
    refusals: int
    webhooks: tuple[int, int]
    errors: Sequence[str]

    @property
    def thirds(self) -> tuple[Sequence[Slice], Sequence[Slice], Sequence[Slice]]:
        """The slices in three parts: the first warms up."""
        third = len(self.slices) // 3
        return self.slices[:third], self.slices[third : 2 * third], self.slices[2 * third :]

    @property
    def requests(self) -> int:
        """Those at full speed."""
        return sum(each.requests for each in self.slices)

    @property
    def failed(self) -> int:
        """Of those, the ones not answered 2xx."""
        return sum(each.failed for each in self.slices)

    @property
    def growth_mb(self) -> float:
        """How much more memory the last third took than the middle one."""
        _, middle, last = self.thirds
        return median(each.memory_mb for each in last) - median(each.memory_mb for each in middle)

    @property
    def faults(self) -> Sequence[str]:
        """What a sound server would not have shown."""
        first, middle, _ = self.thirds
        is_full = sum(each.requests for each in first) >= FILLS
        allowed = ALLOWED_MB + ALLOWED_SHARE * median(each.memory_mb for each in middle)
        expected, received = self.webhooks
        return [
            *([f"{self.failed} requests at full speed were not answered 2xx"] if self.failed else []),
            *(
                [f"memory grew by {self.growth_mb:.1f} MB, over {allowed:.1f}"]
                if is_full and self.growth_mb > allowed
                else []
            ),
            *([f"{received} webhooks were received of {expected}"] if received != expected else []),
            *self.errors,
        ]
