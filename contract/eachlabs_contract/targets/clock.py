"""Real time: how long things took, and waiting where a server's clock cannot be moved. The only importer of `time`."""

import time


def monotonic() -> float:
    """Return real seconds since some moment in the past; differences mean something."""
    return time.monotonic()


def now_ms() -> int:
    """Return the time of this machine in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def pause(real_seconds: float) -> None:
    """Let real time pass."""
    time.sleep(real_seconds)
