"""A pytest plugin with one test for each claim of the contract.

Hold a server to it, or a WSGI application of one's own, in this process and without a socket::

    pytest -p eachlabs_contract.pytest_plugin --contract-url http://127.0.0.1:8780
    pytest -p eachlabs_contract.pytest_plugin --contract-app shop.api:app
    pytest -p eachlabs_contract.pytest_plugin --contract-app 'shop.api:create_app()' --contract-group limits

Where no test files are named as well, the claims are all that runs. A broken claim fails, and says what was promised,
where that is written, what was sent and what came back; so does a MUST that was not put to the test. What cannot be
tried is skipped with the reason. What a server does where the page is silent passes and is listed at the end. For a
test of one's own there is `eachlabs_contract.check`.
"""

import os
import shlex
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Self

import pytest

from eachlabs_contract.checks import Check
from eachlabs_contract.laws import Law
from eachlabs_contract.reports import broken_lines
from eachlabs_contract.runner import Runner, UnknownNameError, select_tests, verify_names
from eachlabs_contract.spec import Level, UnknownModelError
from eachlabs_contract.targets import (
    BAD_KEY,
    KEY,
    SECOND_KEY,
    Access,
    OpeningError,
    Target,
    WsgiApp,
    in_process,
    over_http,
)
from eachlabs_contract.verdict import OBSERVATION, USAGE, Finding, Run, Verdict

NAME: Final = "contract"
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
        claims = config.stash[CLAIMS] = Claims.selected(session, config)
        items += claims.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Leave the server as its start made it, once all is done."""
    try:
        return (yield)
    finally:
        if claims := session.config.stash.get(CLAIMS, None):
            claims.runner.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what the server does where the page is silent."""
    reports = [each for each in terminalreporter.getreports("passed") if each.when == "call"]
    seen = [(each.nodeid, text) for each in reports for name, text in each.user_properties if name == OBSERVATION]
    if seen:
        terminalreporter.section("where the page is silent")
    for nodeid, text in seen:
        terminalreporter.write_line(f"{nodeid.removeprefix('contract::')}: {text}")


class BrokenClaimError(Exception):
    """A claim does not hold, or nothing shows that it does; the text is for people."""


class LazyRunner:
    """Runs claims against the target of the options, which is opened when the first claim is run.

    :param checks: those to run.
    """

    def __init__(self, config: pytest.Config, checks: tuple[Check, ...]) -> None:
        self._config, self._checks = config, checks
        self._stack = ExitStack()
        self._runner: Runner | None = None
        self._run = Run("", "", "", "")

    def finding(self, test: Check | Law) -> Finding:
        """Return what is found about one claim."""
        if self._runner is None:
            self._runner = self._open()
        return self._runner.finding(test)

    def describe(self, finding: Finding) -> str:
        """Return all that there is to know of a broken claim, for people."""
        return "\n".join(broken_lines(finding, self._run))

    def close(self) -> None:
        """Leave the target as its start made it."""
        self._stack.close()

    def _open(self) -> Runner:
        try:
            target = self._stack.enter_context(_target(self._config))
        except (OpeningError, UnknownModelError) as error:
            pytest.exit(str(error), USAGE)
        thorough, seed = _option(self._config, "budget") == "full", _option(self._config, "seed")
        runner = Runner(target, self._checks, seed=seed, thorough=thorough)
        self._stack.callback(runner.leave)
        model, command = target.model.slug, _command(self._config)
        self._run = Run(target.name, target.transport.root, model, command, "--contract-", seed=seed)
        return runner


class Claims(pytest.Collector):
    """The claims that the options select."""

    def __init__(self, *, tests: tuple[Check | Law, ...], runner: LazyRunner, **kwargs: Any) -> None:  # noqa: ANN401  # pytest's
        super().__init__(**kwargs)
        self._tests = tests
        self.runner = runner

    @classmethod
    def selected(cls, session: pytest.Session, config: pytest.Config) -> Self:
        """Return the claims that the options select.

        :raises pytest.UsageError: there are no such, or both a server and an application are to be held to them.
        """
        if _option(config, "url") and _option(config, "app"):
            raise pytest.UsageError("--contract-url and --contract-app: one of them, not both")
        groups, ids = _option(config, "group"), _option(config, "check")
        try:
            verify_names(groups, ids)
        except UnknownNameError as error:
            raise pytest.UsageError(str(error)) from None
        checks, laws = select_tests(groups, ids)
        runner = LazyRunner(config, checks)
        claims: Self = cls.from_parent(session, name=NAME, nodeid=NAME, tests=(*checks, *laws), runner=runner)
        return claims

    def collect(self) -> list[pytest.Item]:
        return [ClaimItem.from_parent(self, name=each.claim.id, test=each, runner=self.runner) for each in self._tests]


class ClaimItem(pytest.Item):
    """One claim."""

    def __init__(self, *, test: Check | Law, runner: LazyRunner, **kwargs: Any) -> None:  # noqa: ANN401  # pytest's
        super().__init__(**kwargs)
        self._test = test
        self._runner = runner

    def runtest(self) -> None:
        """Put the claim to the test.

        :raises BrokenClaimError: it does not hold, or is a MUST and was not exercised.
        """
        finding = self._runner.finding(self._test)
        binding = finding.claim.level is not Level.CHOICE
        match finding.verdict:
            case Verdict.BROKEN if binding:
                raise BrokenClaimError(self._runner.describe(finding))
            case Verdict.NOT_EXERCISED if finding.claim.level is Level.MUST:
                raise BrokenClaimError(f"{finding.claim.sentence}\nThis was not put to the test: {finding.reason}")
            case Verdict.NOT_EXERCISED | Verdict.SKIPPED | Verdict.NOT_APPLICABLE:
                pytest.skip(finding.reason)
            case Verdict.OBSERVED | Verdict.BROKEN:
                self.user_properties.append((OBSERVATION, finding.reason or finding.got))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401  # pytest's
        if isinstance(excinfo.value, BrokenClaimError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        return NAME, None, self.name


def _is_wanted(config: pytest.Config) -> bool:
    return bool(config.getoption("--contract-url") or config.getoption("--contract-app"))


def _target(config: pytest.Config) -> AbstractContextManager[Target]:
    model: str = _option(config, "model")
    if path := _option(config, "app"):
        return in_process(_application(path, config), model)
    # Each process of pytest-xdist has a world of its own, unless a key that was given sees to something else.
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    access = Access(
        api_key=_option(config, "api-key") or (process and f"{KEY}-{process}"),
        second_key=_option(config, "second-key") or (process and f"{SECOND_KEY}-{process}"),
        bad_key=_option(config, "bad-key") or BAD_KEY,
        control=_option(config, "control"),
        token=_option(config, "control-token"),
    )
    return over_http(_option(config, "url"), access, model)


def _application(path: str, config: pytest.Config) -> WsgiApp:
    """Return the application at *path*: `module:attribute`, called first where that ends with ``()``.

    :raises OpeningError: there is none.
    """
    module, _, attribute = path.partition(":")
    here = str(config.invocation_params.dir)
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = getattr(import_module(module), attribute.removesuffix("()"))
    except (ImportError, AttributeError, ValueError) as error:
        raise OpeningError(f"--contract-app {path}: {error}; package.module:app is how it is said") from None
    app: WsgiApp = found() if attribute.endswith("()") else found
    return app


def _command(config: pytest.Config) -> str:
    said = [(f"--contract-{name}", _option(config, name)) for name in ("url", "app", "control", "model", "budget")]
    usual = ("", "auto", "qwen-image", "quick")
    options = [word for flag, value in said if value not in usual for word in (flag, value)]
    return shlex.join(["pytest", "-p", "eachlabs_contract.pytest_plugin", *options])


def _option(config: pytest.Config, name: str) -> Any:  # noqa: ANN401  # texts, numbers and lists
    return config.getoption(f"--contract-{name}")
