"""What the contract takes: `eachlabs-contract check` against a server with no flags, as a newcomer would run it."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.children import serving
from bench.samples import Sample
from bench.subjects import OURS, Subject

MEASURE = "contract check"
PATIENCE = 300

_PLAIN = Subject(
    lambda port, _: (sys.executable, "-m", "eachlabs_mock", "serve", "--log-format", "off", "--port", str(port)),
    probe="/__mock/health/ready",
)


class BrokenClaimError(Exception):
    """The emulator did not keep to its contract."""


def measure_check(*options: str) -> list[Sample]:
    """Return seconds and requests of one check.

    :param options: more of them, such as a group.
    :raises BrokenClaimError: it did not end well.
    """
    with serving(OURS, _PLAIN) as server, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "eachlabs_contract", "check", server.url, "--report", folder, *options]
        began = time.monotonic()
        result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        took = time.monotonic() - began
        if result.returncode:
            raise BrokenClaimError(f"the check ended with {result.returncode}: {result.stdout[-500:]}{result.stderr}")
        requests = json.loads(Path(folder, "report.json").read_text())["requests"]
    return [Sample(MEASURE, "s", OURS, took), Sample(MEASURE, "requests", OURS, requests)]
