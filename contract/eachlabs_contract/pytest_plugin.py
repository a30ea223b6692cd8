"""A pytest plugin with one test for each claim of the contract.

Hold a server to it, or a WSGI application of one's own, in this process and without a socket::

    pytest -p eachlabs_contract.pytest_plugin --contract-url http://127.0.0.1:8780
    pytest -p eachlabs_contract.pytest_plugin --contract-app shop.api:app
    pytest -p eachlabs_contract.pytest_plugin --contract-app 'shop.api:create_app()' --contract-group limits

Where no test files are named as well, the claims are all that runs. A broken claim fails, and says what was promised,
where that is written, what was sent and what came back; so does a MUST that was not put to the test. What cannot be
tried is skipped with the reason. What a server does where the page is silent passes and is listed at the end. For a
test of one's own there is `eachlabs_contract.runner.examination.check_app`.
"""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from eachlabs_contract.verdict import OBSERVATION

if TYPE_CHECKING:
    from eachlabs_contract.pytest_items import Claims

CLAIMS: Final = pytest.StashKey["Claims"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options: those of `eachlabs-contract check`, behind `--contract-`."""
    group = parser.getgroup("contract", "the contract of the Eachlabs prediction API")
    group.addoption("--contract-url", default="", metavar="URL", help="a server's root or its /v1")
    group.addoption("--contract-app", default="", metavar="MODULE:APP", help="a WSGI application, or its maker()")
    group.addoption("--contract-api-key", default="", metavar="KEY", help="sent in X-API-Key")
    group.addoption("--contract-second-key", default="", metavar="KEY", help="another caller's key")
    group.addoption("--contract-bad-key", default="", metavar="KEY", help="a key that must be refused")
    group.addoption("--contract-control", default="auto", metavar="auto|off|URL", help="the control plane")
    group.addoption("--contract-control-token", default="", metavar="TOKEN", help="what the control plane wants")
    group.addoption("--contract-model", default="qwen-image", metavar="SLUG", help="the model to create with")
    group.addoption("--contract-group", action="append", default=[], metavar="GROUP", help="claims of this group only")
    group.addoption("--contract-check", action="append", default=[], metavar="ID", help="this claim only")
    group.addoption("--contract-seed", type=int, default=0, metavar="N", help="the same seed sends the same requests")
    group.addoption("--contract-budget", choices=["quick", "full"], default="quick", help="time to take")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:  # noqa: ARG001  # pytest's names
    """Leave every test file alone where the contract is asked for and no file is."""
    return True if _is_wanted(config) and config.args_source is not pytest.Config.ArgsSource.ARGS else None


@pytest.hookimpl(tryfirst=True)  # so that -k and -m choose among the claims too
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test for each claim."""
    if _is_wanted(config):
        claims = config.stash[CLAIMS] = _claims(session, config)
        items += claims.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Leave the server as its start made it, once all is done."""
    try:
        return (yield)
    finally:
        if claims := session.config.stash.get(CLAIMS, None):
            claims.hearing.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what the server does where the page is silent."""
    reports = [each for each in terminalreporter.getreports("passed") if each.when == "call"]
    seen = [(each.nodeid, text) for each in reports for name, text in each.user_properties if name == OBSERVATION]
    if seen:
        terminalreporter.section("where the page is silent")
    for nodeid, text in seen:
        terminalreporter.write_line(f"{nodeid.removeprefix('contract::')}: {text}")


def _is_wanted(config: pytest.Config) -> bool:
    return bool(config.getoption("--contract-url") or config.getoption("--contract-app"))


def _claims(session: pytest.Session, config: pytest.Config) -> "Claims":
    from eachlabs_contract.pytest_items import Claims  # noqa: PLC0415  # it takes a moment, and most runs of pytest need none of it

    return Claims.asked(session, config)
