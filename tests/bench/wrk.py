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
local headers = {{{headers}}}

{requests}

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{{"requests": %d, "microseconds": %d, "p50": %.1f, "p99": %.1f, "refused": %d, "broken": %d}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status, broken))
end
"""

_READS = """\
local requests, turn = {{}}, 0
function init()
  for _, path in ipairs({{{paths}}}) do requests[#requests + 1] = wrk.format("GET", path, headers) end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end"""

_CREATES = """\
local body, made = {body}, nil
function init() made = wrk.format("POST", {path}, headers, body) end
function request() return made end"""

_LIVES = """\
local body, create, last, turn = {body}, nil, nil, -1
local before, behind = {before}, {behind}
function init() create = wrk.format("POST", {path}, headers, body) end
function request()
  turn = (turn + 1) % {length}
  if turn == 0 or last == nil then return create end
  return wrk.format("GET", before .. last .. behind, headers)
end
function response(status, _, answer) last = string.match(answer, '"{id_field}": ?"([^"]+)"') or last end"""

_LENGTH = 10
"""Calls in a life: a create, and the polls after it."""


class WrkError(Exception):
    """wrk broke off, or told no result."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: *requests* is Lua that makes them, of *headers* among others."""

    name: str
    requests: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load. *failed* counts answers of 400 and more, and those that never came."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


def reads(paths: Sequence[str]) -> str:
    """Return the Lua that asks for *paths* in turn."""
    return _READS.format(paths=", ".join(map(json.dumps, paths)))


def creates(path: str, body: str) -> str:
    """Return the Lua that posts *body* to *path*."""
    return _CREATES.format(path=json.dumps(path), body=json.dumps(body))


def lives(path: str, body: str, read: tuple[str, str], id_field: str) -> str:
    """Return the Lua that posts *body* to *path*, and then asks for what was made nine times, and so on.

    :param read: what stands before and behind the id in the path of a poll.
    :param id_field: where an answer has the id.
    """
    path, body, before, behind = map(json.dumps, (path, body, *read))
    return _LIVES.format(path=path, body=body, before=before, behind=behind, id_field=id_field, length=_LENGTH)


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
    headers = ", ".join(f"[{json.dumps(name)}] = {json.dumps(value)}" for name, value in load.headers.items())
    return _SCRIPT.format(headers=headers, requests=load.requests)


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
