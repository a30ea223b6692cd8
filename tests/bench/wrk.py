"""Drives wrk, the load generator: writes its script, reads its result."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MISSING = "bench: wrk is not on PATH; it generates the load. On Debian and Ubuntu: apt-get install wrk"

# JSON of plain ASCII is Lua as well, which is how texts get in here.
_SCRIPT = """\
local headers, body = {{{headers}}}, {body}
local requests, turn = {{}}, 0

function init()
  for _, path in ipairs({{{paths}}}) do
    requests[#requests + 1] = wrk.format({method}, path, headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{{"requests": %d, "microseconds": %d, "p50": %.1f, "p99": %.1f, "refused": %d, "broken": %d}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status, broken))
end
"""


class WrkError(Exception):
    """wrk broke off, or told no result."""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to send, the *paths* in turn."""

    name: str
    method: str
    paths: Sequence[str]
    headers: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load. *failed* counts answers of 400 and more, and those that never came."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


def run(program: str, url: str, load: Load, connections: int, seconds: int) -> Outcome:
    """Send *load* to the server at *url*, over that many connections, for that long.

    :raises WrkError: wrk could not do it.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        path = Path(directory, "load.lua")
        path.write_text(script(load))
        command = [program, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(path), url]
        result = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=False)
    if result.returncode:
        raise WrkError(f"wrk ended with {result.returncode}: {result.stderr or result.stdout}")
    return outcome(result.stdout)


def script(load: Load) -> str:
    """Return the Lua that makes wrk send *load* and report in JSON."""
    return _SCRIPT.format(
        headers=", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in load.headers.items()),
        body=json.dumps(load.body) if load.body else "nil",
        paths=", ".join(map(json.dumps, load.paths)),
        method=json.dumps(load.method),
    )


def outcome(printed: str) -> Outcome:
    """Return what wrk *printed*: the one line of JSON amid its own words.

    :raises WrkError: there is no such line, or no request was answered.
    """
    line = next((each for each in printed.splitlines() if each.startswith('{"requests"')), None)
    found = json.loads(line) if line else {}
    if not found.get("requests"):
        raise WrkError(f"wrk got no answers; it printed: {printed}")
    return Outcome(
        requests=found["requests"],
        per_second=found["requests"] / (found["microseconds"] / 1e6),
        p50_ms=found["p50"] / 1000,
        p99_ms=found["p99"] / 1000,
        failed=found["refused"] + found["broken"],
    )
