"""Puts claims to the test, one after another, and concludes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from traceback import extract_tb

from eachlabs_contract.broken import BrokenError, InconclusiveError
from eachlabs_contract.checks.check import Check
from eachlabs_contract.checks.session import BAD_SERVER, TOO_MANY, Session
from eachlabs_contract.history.events import Episode, Event, Exchange
from eachlabs_contract.laws.law import Law
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.budget import SpentError
from eachlabs_contract.targets.control import ControlError
from eachlabs_contract.targets.target import Target
from eachlabs_contract.targets.transport import NoAnswerError
from eachlabs_contract.verdict import Finding, Verdict

TRIES, FREE_TRIES = 3, 6
"""Times that a check is tried whose outcome may be the work of a server that stumbles; more where worlds are free."""


@dataclass
class Runner:
    """One run over a target.

    :param announce: told of each finding at once.
    :param thorough: whether it may take long.
    :ivar episodes: everything that happened so far.
    """

    target: Target
    seed: int = 0
    thorough: bool = False
    announce: Callable[[Finding], None] = lambda _finding: None
    episodes: list[Episode] = field(default_factory=list)

    def run(self, checks: Sequence[Check], laws: Sequence[Law] = ()) -> tuple[Finding, ...]:
        """Return what was found about each check, and about each law over all that happened meanwhile."""
        findings = [self._announced(self._try(each)) for each in checks]
        return (*findings, *(self._announced(each.judge(self.episodes)) for each in laws))

    def leave(self) -> None:
        """Leave the target's worlds as its start made them."""
        for caller in (self.target.owner, self.target.second):
            if caller and caller.control:
                caller.control.reset()

    def _announced(self, finding: Finding) -> Finding:
        self.announce(finding)
        return finding

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
        began = clock.monotonic()
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
        return replace(finding, requests=requests, seconds=clock.monotonic() - began), doubtful


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
    """Say whether the offence may be a mishap: a refusal for now, a server's failure, or no answer at all.

    Where limits are on, a 429 is what the check is about: it has asked again already (`Session.insist`).
    """
    mishaps = {0} if session.limits else {0, TOO_MANY}
    statuses = [each.status for each in evidence if isinstance(each, Exchange)]
    return any(each in mishaps or each > BAD_SERVER for each in statuses)
