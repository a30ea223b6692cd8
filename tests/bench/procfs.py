"""What Linux tells about a tree of processes in /proc: processor time and memory."""

import os
import re
from pathlib import Path

PROC = Path("/proc")
_UTIME, _STIME, _PARENT = 11, 12, 1  # fields of /proc/N/stat, counted behind the name


def is_available() -> bool:
    """Tell whether this machine has what is read here."""
    return (PROC / "self/smaps_rollup").exists()


def tree(root: int) -> list[int]:
    """Return *root* and all processes below it."""
    children: dict[int, list[int]] = {}
    for entry in PROC.glob("[0-9]*/stat"):
        if text := _read(entry):
            children.setdefault(parent(text), []).append(int(entry.parent.name))
    found = [root]
    for each in found:  # grows on the way
        found += children.get(each, [])
    return found


def cpu_microseconds(root: int) -> float:
    """Return the processor time that the tree has used so far."""
    ticks = sum(cpu_ticks(text) for pid in tree(root) if (text := _read(PROC / f"{pid}/stat")))
    return ticks * 1e6 / os.sysconf("SC_CLK_TCK")


def pss_megabytes(root: int) -> float:
    """Return the tree's memory in 10^6 bytes; what processes share is counted once (proportional set size)."""
    kibibytes = sum(pss_kibibytes(text) for pid in tree(root) if (text := _read(PROC / f"{pid}/smaps_rollup")))
    return kibibytes * 1024 / 1e6


def parent(stat: str) -> int:
    """Return the parent's id out of the text of /proc/N/stat."""
    return int(_fields(stat)[_PARENT])


def cpu_ticks(stat: str) -> int:
    """Return the user's and the system's time together out of the text of /proc/N/stat, in clock ticks."""
    fields = _fields(stat)
    return int(fields[_UTIME]) + int(fields[_STIME])


def pss_kibibytes(smaps_rollup: str) -> int:
    """Return the proportional set size out of the text of /proc/N/smaps_rollup."""
    found = re.search(r"^Pss:\s+(\d+) kB$", smaps_rollup, re.MULTILINE)
    return int(found[1]) if found else 0


def _fields(stat: str) -> list[str]:
    return stat.rpartition(")")[2].split()  # a name may hold blanks and brackets of its own


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return ""
