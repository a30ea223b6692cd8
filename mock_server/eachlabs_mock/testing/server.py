"""The server of a test run: an emulator in a child process, because granian cannot serve from a thread."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from eachlabs_mock.control import over_http
from eachlabs_mock.server import emulator
from eachlabs_mock.settings import variable
from eachlabs_mock.testing.world import SEED, MockWorld, key_of_test

DEFAULTS = MappingProxyType({variable("seed"): str(SEED), variable("clock"): "manual", variable("log_format"): "off"})
"""The defaults of a test run. The user's variables override them, and flags override both."""

NOT_INHERITED = frozenset(map(variable, ("host", "port", "api_key", "control_token", "public_base_url")))
"""Variables that are not passed on, because they describe another server and its users."""


class MockServer:
    """A running emulator.

    :param ready: the content of its ready line.
    :ivar url: the root URL.
    :ivar base_url: the base URL of the API, ending in ``/v1``.
    :ivar pid: the process id.
    :ivar seed: the seed of all random draws.
    """

    def __init__(self, ready: Mapping[str, Any]) -> None:
        self.url: str = ready["url"]
        self.base_url: str = ready["base_url"]
        self.pid: int = ready["pid"]
        self.seed: int = ready["seed"]
        self._send = over_http(self.url)

    def world(self, api_key: str) -> MockWorld:
        """Return the world of *api_key*, for a test that needs several worlds."""
        return MockWorld(self.base_url, api_key, self._send)

    def world_of_test(self, test_id: str) -> MockWorld:
        """Return the world of a test."""
        return self.world(key_of_test(test_id))


@contextmanager
def serving(options: Sequence[str] = ()) -> Iterator[MockServer]:
    """Run an emulator on a free port.

    :param options: flags of ``eachlabs-mock serve``.
    :raises NotStartedError: it did not start; the reason is on standard error.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    with emulator(["--port", "0", *options], environment={**DEFAULTS, **inherited}) as child:
        yield MockServer(child.ready)
