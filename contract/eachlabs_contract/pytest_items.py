"""The claims of the contract as tests of pytest; `eachlabs_contract.pytest_plugin` collects them."""

import os
import shlex
import sys
from contextlib import AbstractContextManager, ExitStack
from importlib import import_module
from typing import Any, Final, Self

import pytest

from eachlabs_contract.checks.check import Check
from eachlabs_contract.laws.law import Law
from eachlabs_contract.reports.terminal import broken
from eachlabs_contract.runner import catalogue
from eachlabs_contract.runner.examination import Examination
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.spec.model import UnknownModelError
from eachlabs_contract.targets.open import BAD_KEY, KEY, SECOND_KEY, Access, OpeningError, in_process, over_http
from eachlabs_contract.targets.target import Target
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import OBSERVATION, USAGE, Finding, Run, Verdict

NAME: Final = "contract"


class BrokenClaimError(Exception):
    """A claim does not hold, or nothing shows that it does; the text is for people."""


class Hearing:
    """The target that claims are held against, opened when the first one is tried.

    :param checks: those that were asked for.
    """

    def __init__(self, config: pytest.Config, checks: tuple[Check, ...]) -> None:
        self._config, self._checks = config, checks
        self._stack = ExitStack()
        self._examination: Examination | None = None
        self._run = Run("", "", "", "")

    def finding(self, test: Check | Law) -> Finding:
        """Return what is found about one claim."""
        if self._examination is None:
            self._examination = self._open()
        return self._examination.finding(test)

    def told(self, finding: Finding) -> str:
        """Return all that there is to know of a broken claim."""
        return "\n".join(broken(finding, self._run))

    def close(self) -> None:
        """Leave the target as its start made it."""
        self._stack.close()

    def _open(self) -> Examination:
        try:
            target = self._stack.enter_context(_target(self._config))
        except (OpeningError, UnknownModelError) as error:
            pytest.exit(str(error), USAGE)
        thorough, seed = _option(self._config, "budget") == "full", _option(self._config, "seed")
        examination = Examination(target, self._checks, seed=seed, thorough=thorough)
        self._stack.callback(examination.leave)
        model, command = target.model.slug, _command(self._config)
        self._run = Run(target.name, target.transport.root, model, command, "--contract-", seed=seed)
        return examination


class Claims(pytest.Collector):
    """The claims that were asked for."""

    def __init__(self, *, tests: tuple[Check | Law, ...], hearing: Hearing, **kwargs: Any) -> None:  # noqa: ANN401  # pytest's
        super().__init__(**kwargs)
        self._tests = tests
        self.hearing = hearing

    @classmethod
    def asked(cls, session: pytest.Session, config: pytest.Config) -> Self:
        """Return the claims that the options ask for.

        :raises pytest.UsageError: there are no such, or both a server and an application are to be held to them.
        """
        if _option(config, "url") and _option(config, "app"):
            raise pytest.UsageError("--contract-url and --contract-app: one of them, not both")
        groups, ids = _option(config, "group"), _option(config, "check")
        try:
            catalogue.verify(groups, ids)
        except catalogue.UnknownNameError as error:
            raise pytest.UsageError(str(error)) from None
        checks, laws = catalogue.selected(groups, ids)
        hearing = Hearing(config, checks)
        claims: Self = cls.from_parent(session, name=NAME, nodeid=NAME, tests=(*checks, *laws), hearing=hearing)
        return claims

    def collect(self) -> list[pytest.Item]:
        return [
            ClaimItem.from_parent(self, name=each.claim.id, test=each, hearing=self.hearing) for each in self._tests
        ]


class ClaimItem(pytest.Item):
    """One claim."""

    def __init__(self, *, test: Check | Law, hearing: Hearing, **kwargs: Any) -> None:  # noqa: ANN401  # pytest's
        super().__init__(**kwargs)
        self._test = test
        self._hearing = hearing

    def runtest(self) -> None:
        """Put the claim to the test.

        :raises BrokenClaimError: it does not hold, or is a MUST and was not exercised.
        """
        finding = self._hearing.finding(self._test)
        binding = finding.claim.level is not Level.CHOICE
        match finding.verdict:
            case Verdict.BROKEN if binding:
                raise BrokenClaimError(self._hearing.told(finding))
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
