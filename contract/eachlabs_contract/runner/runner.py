"""Puts claims to the test, each once, and concludes: checks one by one, laws over everything that happened."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from traceback import extract_tb
from typing import Final

from eachlabs_contract.checks import CHECKS, Check, Session
from eachlabs_contract.history import BAD_SERVER, TOO_MANY, Episode, Event, Exchange
from eachlabs_contract.laws import Law
from eachlabs_contract.runner.catalogue import select_tests, verify_names
from eachlabs_contract.spec import DEFAULT_MODEL, Level
from eachlabs_contract.targets import (
    Access,
    ControlError,
    NoAnswerError,
    SpentError,
    Target,
    WsgiApp,
    in_process,
    monotonic,
    over_http,
)
from eachlabs_contract.verdict import BrokenError, Finding, InconclusiveError, Report, Run, Verdict

MISHAPS: Final = frozenset({0, *range(BAD_SERVER + 1, 600)})
"""Statuses that break a claim by chance: no answer, or a failure such as 503. A 500 is a defect of the server."""

TRIES, FREE_TRIES = 3, 6
"""Times that a check is tried whose outcome may be the work of a server that stumbles; more where worlds are free."""


class Runner:
    """Puts claims to the test on one target, each when its finding is first wanted.

    :param checks: those to run; laws are judged by what they make happen. By default, and if empty, laws are judged by
        every check there is.
    :param laws: those to judge.
    :param seed: the same seed sends the same requests.
    :param thorough: whether it may take minutes.
    :ivar episodes: everything that happened so far.
    """

    def __init__(
        self,
        target: Target,
        checks: Sequence[Check] = (),
        laws: Sequence[Law] = (),
        *,
        seed: int = 0,
        thorough: bool = False,
    ) -> None:
        self.target, self.seed, self.thorough = target, seed, thorough
        self.episodes: list[Episode] = []
        self._tests: tuple[Check | Law, ...] = (*checks, *laws)
        self._checks = tuple(checks) or CHECKS
        self._findings: dict[str, Finding] = {}

    def run(self) -> tuple[Finding, ...]:
        """Return the findings about the checks and laws, in their order."""
        return tuple(map(self.finding, self._tests))

    def finding(self, test: Check | Law) -> Finding:
        """Return what is found about one claim. What it takes to find out is done the first time."""
        identity = test.claim.id
        if identity not in self._findings:
            self._findings[identity] = self._judge(test) if isinstance(test, Law) else self._try(test)
        return self._findings[identity]

    def leave(self) -> None:
        """Leave the target's worlds as its start made them; a target that is gone has none."""
        try:
            for caller in (self.target.owner, self.target.second):
                if caller and caller.control:
                    caller.control.reset()
        except (ControlError, NoAnswerError):
            return

    def _judge(self, law: Law) -> Finding:
        for check_of_history in self._checks:
            self.finding(check_of_history)
        return law.judge(self.episodes)

    def _try(self, check: Check) -> Finding:
        if irrelevance := check.irrelevance(self.target.model):
            return Finding(check.claim, Verdict.NOT_APPLICABLE, irrelevance)
        if obstacle := check.obstacle(self.target):
            return Finding(check.claim, Verdict.SKIPPED, obstacle)
        tries = FREE_TRIES if self.target.owner.control else TRIES
        for _ in range(tries):
            finding, doubtful = self._try_once(check)
            if not doubtful:
                return finding
        last = finding.reason or f"it answered {finding.got}"
        reason = f"the server stumbled in each of {tries} tries; in the last one {last}"
        return replace(finding, verdict=Verdict.NOT_EXERCISED, reason=reason, expected="", got="")

    def _try_once(self, check: Check) -> tuple[Finding, bool]:
        began = monotonic()
        try:
            session = Session(self.target, check.claim.id, check.settings, seed=self.seed, thorough=self.thorough)
        except (ControlError, NoAnswerError) as error:
            return Finding(check.claim, Verdict.NOT_EXERCISED, f"no fresh world could be had: {error}"), False
        finding = _driven(check, session)
        episodes = session.episodes
        self.episodes += episodes
        requests = sum(len(each.exchanges) for each in episodes)
        stumbled = session.disturbed or (finding.verdict is Verdict.BROKEN and _stumbled(finding.evidence, session))
        doubtful = stumbled and finding.verdict in {Verdict.BROKEN, Verdict.NOT_EXERCISED}
        return replace(finding, requests=requests, seconds=monotonic() - began), doubtful


def check(
    subject: str | WsgiApp,
    *,
    groups: Collection[str] = (),
    ids: Collection[str] = (),
    model: str = DEFAULT_MODEL,
    access: Access | None = None,
    seed: int = 0,
    thorough: bool = False,
) -> Report:
    """Hold a server, or a WSGI application in this process, to the claims, and return what was found.

    :param subject: the address of a server, its root or its `/v1`; or a WSGI application.
    :param groups: claims of these groups only, such as ``limits``.
    :param ids: these claims only, such as ``limits.window``; with *groups*, both.
    :param access: keys for the server; by default made-up ones, which an emulator takes.
    :param seed: the same seed sends the same requests.
    :param thorough: whether it may take minutes.
    :raises UnknownNameError: there is no such group or claim.
    :raises UnknownModelError: no file describes the model.
    :raises OpeningError: no server answers at the address, or it refuses the key.
    """
    verify_names(groups, ids)
    if isinstance(subject, str):
        opened, command, option = over_http(subject, access, model), f"eachlabs-contract check {subject}", "--"
    else:
        opened, option = in_process(subject, model), "--contract-"
        command = "pytest -p eachlabs_contract.pytest_plugin --contract-app MODULE:APP"
    began = monotonic()
    with opened as target:
        runner = Runner(target, *select_tests(groups, ids), seed=seed, thorough=thorough)
        findings = runner.run()
        runner.leave()
    budget = "full" if thorough else "quick"
    run = Run(target.name, target.transport.root, model, command, option, seed=seed, budget=budget)
    return Report(run, findings, monotonic() - began)


def _driven(check: Check, session: Session) -> Finding:
    try:
        check.drive(session)
    except BrokenError as error:
        return _finding(check, Verdict.BROKEN, session, expected=error.expected, got=error.got, evidence=error.evidence)
    except (InconclusiveError, SpentError, ControlError, NoAnswerError) as error:
        return _finding(check, Verdict.NOT_EXERCISED, session, reason=str(error))
    except Exception as error:  # noqa: BLE001  # a check that trips must not take the whole run with it
        return _finding(check, Verdict.NOT_EXERCISED, session, reason=f"the check itself tripped: {_place(error)}")
    if session.conclusive < check.minimum:
        reason = f"it was put to the test {session.conclusive} times, which is fewer than {check.minimum}"
        return _finding(check, Verdict.NOT_EXERCISED, session, reason=reason)
    if check.claim.level is Level.CHOICE:
        return _finding(check, Verdict.OBSERVED, session, reason="; ".join(dict.fromkeys(session.observations)))
    return _finding(check, Verdict.HOLDS, session)


def _finding(
    check: Check,
    verdict: Verdict,
    session: Session,
    *,
    reason: str = "",
    expected: str = "",
    got: str = "",
    evidence: tuple[Event, ...] | None = None,
) -> Finding:
    shown = tuple(session.evidence) if evidence is None else evidence
    return Finding(check.claim, verdict, reason, expected, got, shown, session.conclusive)


def _place(error: Exception) -> str:
    last = extract_tb(error.__traceback__)[-1]
    return f"{error!r} ({last.name}, line {last.lineno})"


def _stumbled(evidence: Iterable[Event], session: Session) -> bool:
    """Say whether the violation may be a mishap: a refusal for now, a server's failure, or no answer at all.

    Where limits are on, a 429 is what the check is about: it has asked again already (`Session.insist`).
    """
    mishaps = MISHAPS if session.limits else MISHAPS | {TOO_MANY}
    return any(each.status in mishaps for each in evidence if isinstance(each, Exchange))
