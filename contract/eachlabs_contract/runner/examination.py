"""Puts claims to the test when they are asked about, each once: checks one by one, laws over all that happened."""

from collections.abc import Collection, Sequence

from eachlabs_contract.checks.check import Check
from eachlabs_contract.laws.law import Law
from eachlabs_contract.runner import catalogue
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec import model as models
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.control import ControlError
from eachlabs_contract.targets.open import IN_PROCESS, in_process
from eachlabs_contract.targets.target import Target
from eachlabs_contract.targets.transport import NoAnswerError, WsgiApp
from eachlabs_contract.verdict import Finding, Report, Run


class Examination:
    """A target, and what has been found out about it so far.

    :param checks: those that make the history by which laws are judged; none: every check there is.
    """

    def __init__(self, target: Target, checks: Sequence[Check] = (), *, seed: int = 0, thorough: bool = False) -> None:
        self._runner = Runner(target, seed, thorough)
        self._checks = tuple(checks) or catalogue.CHECKS
        self._found: dict[str, Finding] = {}

    def finding(self, test: Check | Law) -> Finding:
        """Return what is found about one claim. What it takes to find out is done the first time."""
        identity = test.claim.id
        if identity not in self._found:
            self._found[identity] = self._judged(test) if isinstance(test, Law) else self._tried(test)
        return self._found[identity]

    def leave(self) -> None:
        """Leave the target's worlds as its start made them; one that is gone has none."""
        try:
            self._runner.leave()
        except (ControlError, NoAnswerError):
            return

    def _tried(self, check: Check) -> Finding:
        (finding,) = self._runner.run([check])
        return finding

    def _judged(self, law: Law) -> Finding:
        for each in self._checks:
            self.finding(each)
        return law.judge(self._runner.episodes)


def check_app(
    app: WsgiApp,
    *,
    groups: Collection[str] = (),
    ids: Collection[str] = (),
    model: str = models.DEFAULT,
    seed: int = 0,
    thorough: bool = False,
) -> Report:
    """Hold a WSGI application of this process to the claims, and return what was found.

    :param groups: claims of these groups only, such as ``limits``.
    :param ids: these claims only, such as ``limits.window``; with *groups*, both.
    :param thorough: whether it may take minutes.
    :raises UnknownModelError: no file describes the model.
    """
    began = clock.monotonic()
    checks, laws = catalogue.selected(groups, ids)
    with in_process(app, model) as target:
        examination = Examination(target, checks, seed=seed, thorough=thorough)
        tests: tuple[Check | Law, ...] = (*checks, *laws)
        findings = tuple(map(examination.finding, tests))
        examination.leave()
    command = "pytest -p eachlabs_contract.pytest_plugin --contract-app MODULE:APP"
    budget = "full" if thorough else "quick"
    run = Run(IN_PROCESS, target.transport.root, model, command, "--contract-", seed=seed, budget=budget)
    return Report(run, findings, clock.monotonic() - began)
