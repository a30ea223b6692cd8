"""Whom a run measures: ours in two ways, the baseline, and other servers, as far as this machine has them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench import peers
from bench.calls import CREATE_PATH, HEADERS, Calls
from bench.canned import ID

Command = Callable[[int, Path], Sequence[str]]
"""Returns how a server is started that listens on a port, and may write to an empty folder what it needs."""

_READY = "/__mock/health/ready"

# Limits that every call is counted for, and none is refused by.
_EMULATOR = ("-m", "eachlabs_mock", "serve", "--log-format", "off", "--duration", "0.1")
_EMULATOR += ("--rate-limit", "100000/1", "--max-in-flight", "100000", "--port")
_CANNED = ("-P", str(Path(__file__).with_name("baseline.py")))


_OURS = Calls()


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that is measured.

    :param needs: commands, and files below the `node_modules` of the peers, that it needs.
    :param probe: what it answers with 200 once it is ready.
    """

    command: Command
    needs: tuple[str, ...] = ()
    probe: str = CREATE_PATH + ID
    calls: Calls = _OURS

    @property
    def missing(self) -> str:
        """What to do so that it can be measured; nothing where it can be."""
        return peers.missing(*self.needs)


def _ours(*flags: str) -> Subject:
    calls = Calls(id_field="predictionID")
    return Subject(lambda port, _: (sys.executable, *_EMULATOR, str(port), *flags), probe=_READY, calls=calls)


def _baseline(*flags: str) -> Subject:
    calls = Calls(id_field="predictionID")
    return Subject(lambda port, _: (sys.executable, *_CANNED, str(port), *flags), calls=calls)


OURS = "ours"
NO_LANE = "no lane"
BASELINE = "minimal Flask"
KEEPING = "minimal Flask that keeps"
NGINX = "nginx"
WIREMOCK = "WireMock, no journal"
AIMOCK = "aimock, its own jobs"

_FAL = "/fal/fal-ai/flux/dev"
_JOBS = Calls(
    _FAL,
    _FAL + "/requests/{}/status",
    '{"prompt": "a tram in the rain at night, reflections on wet cobbles", "seed": 4711}',
    {**HEADERS, "x-fal-target-host": "queue.fal.run"},
    "request_id",
)

SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        OURS: _ours(),
        NO_LANE: _ours("--no-lane"),
        NGINX: Subject(peers.nginx, ("nginx",)),
        WIREMOCK: Subject(peers.wiremock_unjournaled, ("java", "wiremock")),
        "WireMock": Subject(peers.wiremock, ("java", "wiremock")),
        AIMOCK: Subject(peers.aimock, ("node", "@copilotkit/aimock"), calls=_JOBS),
        "aimock, canned": Subject(peers.aimock, ("node", "@copilotkit/aimock")),
        "Prism": Subject(peers.prism, ("node", "@stoplight/prism-cli")),
        "Mockoon": Subject(peers.mockoon, ("node", "@mockoon/cli")),
        BASELINE: _baseline(),
    }
)
"""Those of the comparison, in the order of its tables."""

KEEPER = _baseline("--keep")
"""The baseline of memory: it keeps what it is sent."""

LIMIT = frozenset({NGINX})
"""Those that are no mock servers, but tell what the machine can do."""
