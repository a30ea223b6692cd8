"""The pytest plugin: one emulator for each test run, and one isolated world for each test.

Most tests need only the fixture `eachlabs_mock`::

    def test_order(eachlabs_mock):
        place_order()                       # reads EACHLABS_BASE_URL and EACHLABS_API_KEY
        eachlabs_mock.clock.advance(2.5)
        assert eachlabs_mock.deliveries[0]["attempts"][0]["status"] == "SUCCESS"
        eachlabs_mock.assert_spend_below("0.10")

Runs are repeatable. The API key of a test is a hash of its node id, the key selects the world, and ids, seeds and
durations depend only on the server's seed, the world and the prediction's number. The server's seed is 0 by default, so
a test sees the same ids in every run, on every machine, in any order and on any worker.

The options are those of ``eachlabs-mock serve``: flags in the ini value ``eachlabs_mock_options``, or EACHLABS_MOCK_...
variables. Flags override variables.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

# Every run of pytest imports this module once the package is installed; all else is imported when a fixture is used.
if TYPE_CHECKING:
    from eachlabs_mock.testing import MockServer, MockWorld, PatchedWorld

OPTIONS = "eachlabs_mock_options"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini value `eachlabs_mock_options`."""
    parser.addini(OPTIONS, "Flags of `eachlabs-mock serve` for the fixture eachlabs_server.", type="args", default=[])


@pytest.fixture(scope="session")
def eachlabs_server(pytestconfig: pytest.Config) -> "Iterator[MockServer]":
    """Return the emulator of this test run (one for each pytest-xdist worker): a child process on a free port."""
    from eachlabs_mock.testing import serving  # noqa: PLC0415  # slow, and only some runs use it

    with serving(pytestconfig.getini(OPTIONS)) as server:
        yield server


@pytest.fixture
def eachlabs_mock(
    eachlabs_server: "MockServer", request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> "MockWorld":
    """Return a fresh, isolated world of the emulator, whose clock stands still until the test moves it.

    EACHLABS_BASE_URL and EACHLABS_API_KEY point to this world during the test.
    """
    world = eachlabs_server.world_of_test(request.node.nodeid)
    world.reset()
    _point_to(world, monkeypatch)
    return world


@pytest.fixture
def eachlabs_patched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Iterator[PatchedWorld]":
    """Return a world like that of `eachlabs_mock`, but without a server: calls of `requests` are answered in-process.

    It needs responses: run ``pip install '.[patch]'`` in a checkout, or install the wheel with [patch]. The ini value
    has no effect on it.
    """
    from eachlabs_mock.testing import patched_world  # noqa: PLC0415  # slow, and only some runs use it

    # The patch also sets the two variables and restores them on exit. Setting them before it makes monkeypatch record
    # the original values and restore them last; setting them again inside gives the test the key of its world.
    for name in ("EACHLABS_BASE_URL", "EACHLABS_API_KEY"):
        monkeypatch.setenv(name, "")
    with patched_world(request.node.nodeid) as world:
        _point_to(world, monkeypatch)
        yield world


def _point_to(world: "MockWorld", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EACHLABS_BASE_URL", world.base_url)
    monkeypatch.setenv("EACHLABS_API_KEY", world.api_key)
