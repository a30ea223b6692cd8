"""The pytest plugin: an emulator for each run and a world of its own for each test.

`eachlabs_mock` is what most tests want::

    def test_order(eachlabs_mock):
        place_order()                       # reads EACHLABS_BASE_URL and EACHLABS_API_KEY
        eachlabs_mock.clock.advance(2.5)
        assert eachlabs_mock.deliveries[0]["attempts"][0]["status"] == "SUCCESS"
        eachlabs_mock.assert_spend_below("0.10")

Runs repeat themselves. A test's API key is a hash of its node id, the key names the world, and ids, seeds and durations
are drawn from the server's seed, the world's name and the prediction's ordinal. The server's seed is 0 unless the
options say otherwise, so a test sees the same ids in every run, on every machine, in any order and on any worker.

Options are those of ``eachlabs-mock serve``: flags in the ini value ``eachlabs_mock_options``, or EACHLABS_MOCK_...
variables. A flag wins.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

# Every run of pytest loads this module where the package is installed; the rest waits until a fixture is asked for.
if TYPE_CHECKING:
    from eachlabs_mock.testing import MockServer, MockWorld, PatchedWorld

OPTIONS = "eachlabs_mock_options"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini value."""
    parser.addini(OPTIONS, "flags of `eachlabs-mock serve` for the fixture eachlabs_server", type="args", default=[])


@pytest.fixture(scope="session")
def eachlabs_server(pytestconfig: pytest.Config) -> "Iterator[MockServer]":
    """The emulator of this run, one for each worker of pytest-xdist: a child process on a free port."""
    from eachlabs_mock.testing import serving  # noqa: PLC0415  # costs nothing until a test wants it

    with serving(pytestconfig.getini(OPTIONS)) as server:
        yield server


@pytest.fixture
def eachlabs_mock(
    eachlabs_server: "MockServer", request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> "MockWorld":
    """A fresh world of the emulator, the test's alone, on a clock that stands still until the test moves it.

    EACHLABS_BASE_URL and EACHLABS_API_KEY lead there for as long as the test runs.
    """
    world = eachlabs_server.world_of_test(request.node.nodeid)
    world.reset()
    _lead_to(world, monkeypatch)
    return world


@pytest.fixture
def eachlabs_patched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Iterator[PatchedWorld]":
    """The like of `eachlabs_mock` without a server or a socket: `requests` is answered in this process.

    It needs ``pip install 'eachlabs-mock[patch]'``; the ini value does not concern it.
    """
    from eachlabs_mock.testing import patched_world  # noqa: PLC0415  # costs nothing until a test wants it

    # The patch sets the two variables as well, and puts back on leaving what it found. So they are set once before it,
    # that the last word may be monkeypatch's, which knows what they were at first; and once inside, for the test.
    for name in ("EACHLABS_BASE_URL", "EACHLABS_API_KEY"):
        monkeypatch.setenv(name, "")
    with patched_world(request.node.nodeid) as world:
        _lead_to(world, monkeypatch)
        yield world


def _lead_to(world: "MockWorld", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EACHLABS_BASE_URL", world.base_url)
    monkeypatch.setenv("EACHLABS_API_KEY", world.api_key)
