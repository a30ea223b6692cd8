"""Tests each claim once: it drives checks one by one, and judges laws over all recorded events."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from traceback import extract_tb
from typing import Final

from eachlabs_contract.checks import CHECKS, Check, Session
from eachlabs_contract.history import BAD_SERVER, TOO_MANY, Episode, Event, Exchange
from eachlabs_contract.laws import Law
from eachlabs_contract.manners import counted
from eachlabs_contract.runner.catalogue import select_tests
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

TRANSIENT: Final = frozenset({0, *range(BAD_SERVER + 1, 600)})
"""Statuses of a transient failure: no response, or a failure such as 503. A 500 is a defect of the server."""

TRIES, FREE_TRIES = 3, 6
"""Attempts at a check that transient failures disturb: without and with a control plane, where worlds cost nothing."""


class Runner:
    """Tests claims against one target. A claim is tested when its finding is first requested.

    :param checks: the checks to run; laws are judged over their events. If empty, laws are judged over all checks.
    :param laws: the laws to judge.
    :param seed: repeats the same requests.
    :param thorough: whether the run may take minutes.
    :ivar episodes: all recorded events so far.
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
        """Return the findings of all checks and laws, in order."""
        return tuple(map(self.finding, self._tests))

    def finding(self, test: Check | Law) -> Finding:
        """Return the finding of one claim; the first call tests it."""
        identity = test.claim.id
        if identity not in self._findings:
            self._findings[identity] = self._judge(test) if isinstance(test, Law) else self._try(test)
        return self._findings[identity]

    def leave(self) -> None:
        """Reset the target's worlds, if the target still answers."""
        try:
            for caller in (self.target.owner, self.target.second):
                if caller and caller.control:
                    caller.control.reset()
        except (ControlError, NoAnswerError):
            return

    def _judge(self, law: Law) -> Finding:
        for driven in self._checks:
            self.finding(driven)
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
        last = finding.reason or f"got {finding.got}"
        reason = f"transient server failures in all {tries} attempts; the last one: {last}"
        return replace(finding, verdict=Verdict.NOT_EXERCISED, reason=reason, expected="", got="")

    def _try_once(self, check: Check) -> tuple[Finding, bool]:
        began = monotonic()
        try:
            session = Session(self.target, check.claim.id, check.settings, seed=self.seed, thorough=self.thorough)
        except (ControlError, NoAnswerError) as error:
            return Finding(check.claim, Verdict.NOT_EXERCISED, f"cannot prepare a fresh world: {error}"), False
        finding = _drive(check, session)
        episodes = session.episodes
        self.episodes += episodes
        requests = sum(len(episode.exchanges) for episode in episodes)
        disturbed = session.disturbed or (
            finding.verdict is Verdict.BROKEN and _is_transient(finding.evidence, session)
        )
        doubtful = disturbed and finding.verdict in {Verdict.BROKEN, Verdict.NOT_EXERCISED}
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
    """Check a server, or a WSGI application in this process, against the claims, and return the report.

    :param subject: the URL of a server, its root or its `/v1`; or a WSGI application.
    :param groups: check only these groups, such as ``limits``.
    :param ids: check only these claims, such as ``limits.window-ends``; together with *groups*, both.
    :param access: keys for the server; by default made-up keys, which an emulator accepts.
    :param seed: repeats the same requests.
    :param thorough: whether the run may take minutes.
    :raises UnknownNameError: a group or claim is unknown.
    :raises UnknownModelError: no file describes the model.
    :raises OpeningError: no server answers at the URL, or it refuses the key.
    """
    checks, laws = select_tests(groups, ids)
    if isinstance(subject, str):
        opened, command, option = over_http(subject, access, model), f"eachlabs-contract check {subject}", "--"
    else:
        opened, option = in_process(subject, model), "--contract-"
        command = "pytest -p eachlabs_contract.pytest_plugin --contract-app MODULE:APP"
    began = monotonic()
    with opened as target:
        runner = Runner(target, checks, laws, seed=seed, thorough=thorough)
        findings = runner.run()
        runner.leave()
    budget = "full" if thorough else "quick"
    run = Run(target.name, target.transport.root, model, command, option, seed=seed, budget=budget)
    return Report(run, findings, monotonic() - began)


def _drive(check: Check, session: Session) -> Finding:
    try:
        check.drive(session)
    except BrokenError as error:
        return _finding(check, Verdict.BROKEN, session, expected=error.expected, got=error.got, evidence=error.evidence)
    except (InconclusiveError, SpentError, ControlError, NoAnswerError) as error:
        return _finding(check, Verdict.NOT_EXERCISED, session, reason=str(error))
    except Exception as error:  # noqa: BLE001  # an error in one check must not end the run
        return _finding(check, Verdict.NOT_EXERCISED, session, reason=f"error in the check: {_place(error)}")
    if session.conclusive < check.minimum:
        reason = f"tested {counted(session.conclusive, 'time')}, fewer than the minimum of {check.minimum}"
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
    events = tuple(session.evidence) if evidence is None else evidence
    return Finding(check.claim, verdict, reason, expected, got, events, session.conclusive)


def _place(error: Exception) -> str:
    last = extract_tb(error.__traceback__)[-1]
    return f"{error!r} ({last.name}, line {last.lineno})"


def _is_transient(evidence: Iterable[Event], session: Session) -> bool:
    """Return whether a transient failure may explain the violation: a 429, a server failure, or no response.

    A session with limits has already repeated a request that got 429 (`Session.insist`).
    """
    statuses = TRANSIENT if session.limits else TRANSIENT | {TOO_MANY}
    return any(event.status in statuses for event in evidence if isinstance(event, Exchange))
