"""Verdicts on claims, with their evidence: findings, violations and the report of a run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eachlabs_contract.history import Delivery, Event, Exchange, Prediction
from eachlabs_contract.spec import Claim, Level


class Verdict(StrEnum):
    """The conclusion about one claim."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_EXERCISED = "not exercised"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not applicable"
    OBSERVED = "observed"


HELD, BROKE, USAGE, UNEXERCISED = range(4)
"""Exit codes; `MEANINGS` says what each means."""

MEANINGS: Final = (
    "every tested claim holds",
    "a claim is broken",
    "usage error",
    "a MUST was not tested",
)
"""Meaning of each exit code. Claims of level CHOICE never change it."""

OBSERVATION: Final = "contract_observed"
"""Property of a pytest report: the server's behaviour where the page says nothing."""

FIRM: Final = frozenset({Level.MUST, Level.SHOULD})


@dataclass(frozen=True, slots=True)
class Finding:
    """The conclusion about one claim.

    :param reason: why the claim was skipped, not exercised or not applicable; of a CHOICE, the observation.
    :param expected: the promise in this case; empty unless broken.
    :param got: the actual behaviour; empty unless broken.
    :param evidence: the events that show it, in order; the last event of a broken claim is the violation.
    :param conclusive: number of times the claim was tested.
    :param requests: number of exchanges made.
    :param seconds: real time taken.
    :param during: of a law, the id of the check during which it was broken.
    """

    claim: Claim
    verdict: Verdict
    reason: str = ""
    expected: str = ""
    got: str = ""
    evidence: tuple[Event, ...] = ()
    conclusive: int = 0
    requests: int = 0
    seconds: float = 0.0
    during: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The subject of a run, and the command that repeats it.

    :param target: the address of the server, or the name of an application in this process.
    :param root: scheme and host of the server.
    :param command: the shell command of the run, without claims and seed.
    :param option: prefix of that command's options.
    :param seed: repeats the same requests.
    """

    target: str
    root: str
    model: str
    command: str
    option: str = "--"
    profile: str = "page"
    seed: int = 0
    budget: str = "quick"

    def again(self, finding: Finding) -> str:
        """Return the command that tests only this claim; for a law it includes the check that broke it."""
        ids = filter(None, (finding.during, finding.claim.id))
        selection = " ".join(f"{self.option}check {identity}" for identity in ids)
        return f"{self.command} {selection} {self.option}seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of one run.

    :param seconds: real time taken.
    """

    run: Run
    findings: tuple[Finding, ...]
    seconds: float

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings with this verdict."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    @property
    def requests(self) -> int:
        """Number of exchanges made."""
        return sum(finding.requests for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """1 if a MUST or SHOULD is broken; else 3 if a MUST was not exercised or was skipped; else 0."""
        return exit_code(self.findings)


def exit_code(findings: Iterable[Finding]) -> int:
    """Return the exit code for *findings*: see `Report.exit_code`."""
    verdicts = {(finding.claim.level, finding.verdict) for finding in findings}
    if any((level, Verdict.BROKEN) in verdicts for level in FIRM):
        return BROKE
    untested = {(Level.MUST, Verdict.NOT_EXERCISED), (Level.MUST, Verdict.SKIPPED)}
    return UNEXERCISED if verdicts & untested else HELD


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a law, a manner or an expectation.

    :param got: the actual behaviour, in words.
    :param evidence: the events that show it, in order; the last one is the violation.
    :param wasted: predictions paid for in vain because of it.
    :param expected: the expected behaviour, in words.
    :param cost: its cost, in words.
    :param during: the id of the trial in which it happened.
    """

    got: str
    evidence: tuple[Event, ...] = ()
    wasted: tuple[Prediction, ...] = ()
    expected: str = ""
    cost: str = ""
    during: str = ""


class BrokenError(Exception):
    """A promise was broken.

    :param got: the actual behaviour, in words; if empty, a summary of the last event of *evidence*.
    """

    def __init__(self, expected: str, got: str, evidence: tuple[Event, ...]) -> None:
        got = got or _summary(evidence)
        super().__init__(f"expected: {expected}; got: {got}")
        self.expected, self.got, self.evidence = expected, got, evidence


class InconclusiveError(Exception):
    """A test allows no conclusion; the text says why."""


def _summary(evidence: Sequence[Event]) -> str:
    match evidence[-1:]:
        case [Exchange(answer=None, failure=failure)]:
            return f"no answer: {failure}"
        case [Exchange(answer=answer)] if answer:
            return f"{answer.status} {answer.body[:300].decode(errors='replace')}"
        case [Delivery(request=request)]:
            return f"a webhook: {request.body[:300].decode(errors='replace')}"
        case _:
            return "nothing"
