"""Real time: measures it, and waits where a server's clock cannot be moved. The only importer of `time`."""

import time


def monotonic() -> float:
    """Return real seconds since some moment in the past; only differences have a meaning."""
    return time.monotonic()


def now_ms() -> int:
    """Return the time of this machine in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def pause(real_seconds: float) -> None:
    """Wait so many real seconds."""
    time.sleep(real_seconds)
