"""An emulator in a child process for the length of a test run: granian cannot serve from a thread."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from eachlabs_mock.control import over_http
from eachlabs_mock.server import emulator
from eachlabs_mock.settings import variable
from eachlabs_mock.testing.world import MockWorld, key_of_test

DEFAULTS = MappingProxyType({variable("seed"): "0", variable("clock"): "manual", variable("log_format"): "off"})
"""What a test run wants otherwise than the command; variables of its own win, and flags win over both."""

ELSEWHERE = frozenset(map(variable, ("host", "port", "api_key", "control_token", "public_base_url")))
"""Variables that are not passed on: they say where, and for whom, some other server is there."""


class MockServer:
    """A running emulator.

    :param ready: the facts of its ready line.
    :ivar url: its root.
    :ivar base_url: the API's, with ``/v1``.
    :ivar pid: its process.
    :ivar seed: the seed of all draws.
    """

    def __init__(self, ready: Mapping[str, Any]) -> None:
        self.url: str = ready["url"]
        self.base_url: str = ready["base_url"]
        self.pid: int = ready["pid"]
        self.seed: int = ready["seed"]
        self._send = over_http(self.url)

    def world(self, api_key: str) -> MockWorld:
        """Return the world of a key, for a test that needs several."""
        return MockWorld(self.base_url, api_key, self._send)

    def world_of_test(self, test_id: str) -> MockWorld:
        """Return the world that belongs to a test."""
        return self.world(key_of_test(test_id))


@contextmanager
def serving(options: Sequence[str] = ()) -> Iterator[MockServer]:
    """Run an emulator on a free port.

    :param options: flags of ``eachlabs-mock serve``.
    :raises NotStartedError: it did not start, and has said why on standard error.
    """
    with emulator(["--port", "0", *options], environment=_environment(os.environ)) as child:
        yield MockServer(child.ready)


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    return {**DEFAULTS, **{name: value for name, value in inherited.items() if name not in ELSEWHERE}}
