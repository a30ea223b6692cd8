"""Where and when a run took place: figures mean little without it."""

import os
import platform
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """The facts. *load* is the average of the last minute, before the run."""

    date: str
    python: str
    cpu: str
    cores: int
    load: float

    @classmethod
    def this(cls) -> "Machine":
        """Look around."""
        return cls(
            datetime.now(UTC).date().isoformat(),
            platform.python_version(),
            cpu_model(Path("/proc/cpuinfo").read_text()) or platform.machine(),
            len(os.sched_getaffinity(0)),
            round(os.getloadavg()[0], 1),
        )


def cpu_model(cpuinfo: str) -> str:
    """Return the processor's name out of the text of /proc/cpuinfo; nothing where it has none, as on ARM."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return found[1].strip() if found else ""
