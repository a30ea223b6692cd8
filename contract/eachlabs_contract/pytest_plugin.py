"""A pytest plugin with one test for each claim of the contract.

It checks a server, or a WSGI application in this process without a socket::

    pytest -p eachlabs_contract.pytest_plugin --contract-url http://127.0.0.1:8780
    pytest -p eachlabs_contract.pytest_plugin --contract-app shop.api:app
    pytest -p eachlabs_contract.pytest_plugin --contract-app 'shop.api:create_app()' --contract-group limits

If the command line names no test files, only the claims run. A broken claim fails and shows the promise, its source,
the request and the response. A MUST that was not tested fails too. Other untested claims are skipped with the reason.
Behaviour that the page leaves open is listed at the end. In your own test, call `eachlabs_contract.check`.
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
from eachlabs_contract.runner import Runner, UnknownNameError, select_tests
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
    """Declare the options of `eachlabs-contract check`, with the prefix `--contract-`."""
    group = parser.getgroup("contract", "contract of the Eachlabs prediction API")
    group.addoption("--contract-url", default="", metavar="URL", help="server root or its /v1")
    group.addoption("--contract-app", default="", metavar="MODULE:APP", help="WSGI application or factory()")
    group.addoption("--contract-api-key", default="", metavar="KEY", help="API key")
    group.addoption("--contract-second-key", default="", metavar="KEY", help="key of a second caller")
    group.addoption("--contract-bad-key", default="", metavar="KEY", help="key that must be refused")
    group.addoption("--contract-control", default="auto", metavar="auto|off|URL", help="control plane")
    group.addoption("--contract-control-token", default="", metavar="TOKEN", help="token for the control plane")
    group.addoption("--contract-model", default="qwen-image", metavar="SLUG", help="model of the predictions")
    group.addoption("--contract-group", action="append", default=[], metavar="GROUP", help="check only this group")
    group.addoption("--contract-check", action="append", default=[], metavar="ID", help="check only this claim")
    group.addoption("--contract-seed", type=int, default=0, metavar="N", help="seed of the requests that are sent")
    group.addoption("--contract-budget", choices=["quick", "full"], default="quick", help="run time")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:  # noqa: ARG001  # pytest's names
    """Ignore every test file if the command line names none and asks for the contract."""
    return True if _is_wanted(config) and config.args_source is not pytest.Config.ArgsSource.ARGS else None


@pytest.hookimpl(tryfirst=True)  # so that -k and -m also select claims
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test for each claim."""
    if _is_wanted(config):
        claims = config.stash[CLAIMS] = Claims.selected(session, config)
        items += claims.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Reset the server's worlds after the last claim."""
    try:
        return (yield)
    finally:
        if claims := session.config.stash.get(CLAIMS, None):
            claims.runner.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the observations of claims that the page leaves open."""
    reports = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    observed = [
        (report.nodeid, text) for report in reports for name, text in report.user_properties if name == OBSERVATION
    ]
    if observed:
        terminalreporter.section("observed where the page says nothing")
    for nodeid, text in observed:
        terminalreporter.write_line(f"{nodeid.removeprefix('contract::')}: {text}")


class BrokenClaimError(Exception):
    """A claim is broken, or a MUST was not tested; the text is for people."""


class LazyRunner:
    """Runs claims against the target of the options; the first claim opens the target.

    :param checks: the checks to run.
    """

    def __init__(self, config: pytest.Config, checks: tuple[Check, ...]) -> None:
        self._config, self._checks = config, checks
        self._stack = ExitStack()
        self._runner: Runner | None = None
        self._run = Run("", "", "", "")

    def finding(self, test: Check | Law) -> Finding:
        """Return the finding of one claim."""
        if self._runner is None:
            self._runner = self._open()
        return self._runner.finding(test)

    def describe(self, finding: Finding) -> str:
        """Return the description of a broken claim for people."""
        return "\n".join(broken_lines(finding, self._run))

    def close(self) -> None:
        """Reset the target's worlds and close it."""
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

        :raises pytest.UsageError: a group or claim is unknown, or both a server and an application are named.
        """
        if _option(config, "url") and _option(config, "app"):
            raise pytest.UsageError("use either --contract-url or --contract-app, not both")
        try:
            checks, laws = select_tests(_option(config, "group"), _option(config, "check"))
        except UnknownNameError as error:
            raise pytest.UsageError(str(error)) from None
        runner = LazyRunner(config, checks)
        claims: Self = cls.from_parent(session, name=NAME, nodeid=NAME, tests=(*checks, *laws), runner=runner)
        return claims

    def collect(self) -> list[pytest.Item]:
        return [ClaimItem.from_parent(self, name=test.claim.id, test=test, runner=self.runner) for test in self._tests]


class ClaimItem(pytest.Item):
    """One claim."""

    def __init__(self, *, test: Check | Law, runner: LazyRunner, **kwargs: Any) -> None:  # noqa: ANN401  # pytest's
        super().__init__(**kwargs)
        self._test = test
        self._runner = runner

    def runtest(self) -> None:
        """Test the claim.

        :raises BrokenClaimError: the claim is broken, or is a MUST that was not exercised.
        """
        finding = self._runner.finding(self._test)
        binding = finding.claim.level is not Level.CHOICE
        match finding.verdict:
            case Verdict.BROKEN if binding:
                raise BrokenClaimError(self._runner.describe(finding))
            case Verdict.NOT_EXERCISED if finding.claim.level is Level.MUST:
                raise BrokenClaimError(f"{finding.claim.sentence}\nThis was not tested: {finding.reason}")
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
    # Each pytest-xdist process gets its own world, unless the options name a key.
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
    """Return the application at *path*: `module:attribute`, or the result of a call if *path* ends with ``()``.

    :raises OpeningError: no such module or attribute.
    """
    module, _, attribute = path.partition(":")
    here = str(config.invocation_params.dir)
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        member = getattr(import_module(module), attribute.removesuffix("()"))
    except (ImportError, AttributeError, ValueError) as error:
        raise OpeningError(f"--contract-app {path}: {error}; the form is package.module:app") from None
    app: WsgiApp = member() if attribute.endswith("()") else member
    return app


def _command(config: pytest.Config) -> str:
    flags = [(f"--contract-{name}", _option(config, name)) for name in ("url", "app", "control", "model", "budget")]
    defaults = ("", "auto", "qwen-image", "quick")
    options = [word for flag, value in flags if value not in defaults for word in (flag, value)]
    return shlex.join(["pytest", "-p", "eachlabs_contract.pytest_plugin", *options])


def _option(config: pytest.Config, name: str) -> Any:  # noqa: ANN401  # texts, numbers and lists
    return config.getoption(f"--contract-{name}")
