"""`make audit`: asks a public advisory service for known holes in all that is pinned, and says plainly what came of it.

Exit codes: 0 no known hole, 1 there are some, 3 not all could be asked for. pip-audit alone calls it success when it
could look nothing up.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

COMMAND = (sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off", "--format", "json")

SOUND, HOLES, NOT_ASKED = 0, 1, 3

LONGEST = 200
"""Characters of a reason."""


def verdict(out: str, err: str) -> tuple[int, list[str]]:
    """Return the exit code and what to say, by what pip-audit has written."""
    try:
        packages: list[dict[str, Any]] = json.loads(out)["dependencies"]
    except ValueError:
        reason = (err.strip().splitlines() or ["it said nothing"])[-1][:LONGEST]
        return NOT_ASKED, [f"audit: the advisory service could not be asked: {reason}"]
    holes = list(_holes(packages))
    unasked = [each["name"] for each in packages if "skip_reason" in each]
    lines = [*holes, *_summary(len(packages), len(unasked), len(holes))]
    return (HOLES if holes else NOT_ASKED if unasked or not packages else SOUND), lines


def _holes(packages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for package in packages:
        for hole in package.get("vulns", ()):
            mended = ", ".join(hole["fix_versions"]) or "no release yet"
            yield f"{package['name']} {package['version']}: {hole['id']}, mended in: {mended}"


def _summary(packages: int, unasked: int, holes: int) -> Iterator[str]:
    if unasked or not packages:
        yield f"audit: {unasked} of {packages} packages could not be asked for: the advisory service knows none of them"
    if asked := packages - unasked:
        yield f"audit: {holes or 'no'} known {'hole' if holes == 1 else 'holes'} in {asked} packages"


def main() -> None:
    """Ask, and end with the verdict."""
    files = [
        part for each in sorted((ROOT / ".ci/requirements").glob("*.txt")) for part in ("--requirement", str(each))
    ]
    run = subprocess.run([*COMMAND, *files], capture_output=True, text=True, check=False)
    code, lines = verdict(run.stdout, run.stderr)
    sys.stdout.write("\n".join([*lines, ""]))
    raise SystemExit(code)


if __name__ == "__main__":
    main()
