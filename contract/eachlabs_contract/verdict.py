"""What is concluded about a claim, and from which evidence."""

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
"""Exit codes: every claim tried holds; one is broken; the call made no sense; a MUST was not exercised."""

MEANINGS: Final = (
    "every claim that was tried holds",
    "a claim is broken",
    "the call made no sense",
    "a MUST was not put to the test",
)
"""What each exit code says; a CHOICE changes none."""

OBSERVATION: Final = "contract_observed"
"""The property of a pytest report that says what a server does where the page is silent."""

FIRM: Final = frozenset({Level.MUST, Level.SHOULD})


@dataclass(frozen=True, slots=True)
class Finding:
    """The conclusion about one claim.

    :param reason: why it was skipped, not exercised or not applicable, or what was observed where the page is silent.
    :param expected: what was promised in this very case; empty unless broken.
    :param got: what came instead; empty unless broken.
    :param evidence: the events that show it, in order; of a broken claim the last one is the violation.
    :param conclusive: how many times the claim was put to the test.
    :param requests: exchanges made for it.
    :param seconds: real time it took.
    :param during: the id of the check that made the violation happen, where the claim is a law.
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
    """What a run is about, and how any part of it is repeated.

    :param target: the address that is held to the claims, or what stands for it in process.
    :param root: scheme and host of the server; in process, those that the application is told of.
    :param command: what starts it in a shell, without claims and seed.
    :param option: what the names of that command's options begin with.
    :param seed: with it, the run can be repeated.
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
        """Return the command that puts only this claim to the test again; a law, with the check that broke it."""
        ids = [each for each in (finding.during, finding.claim.id) if each]
        chosen = " ".join(f"{self.option}check {each}" for each in ids)
        return f"{self.command} {chosen} {self.option}seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run concluded.

    :param seconds: real time it took.
    """

    run: Run
    findings: tuple[Finding, ...]
    seconds: float

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings with this verdict."""
        return tuple(each for each in self.findings if each.verdict is verdict)

    @property
    def requests(self) -> int:
        """How many exchanges were made."""
        return sum(each.requests for each in self.findings)

    @property
    def exit_code(self) -> int:
        """0 every firm claim holds; 1 one is broken; 3 none is, but a MUST was not exercised or was skipped."""
        return exit_code(self.findings)


def exit_code(findings: Iterable[Finding]) -> int:
    """Return what a command ends with that found *findings*: see `Report.exit_code`."""
    kept = tuple(findings)
    if any(each.verdict is Verdict.BROKEN and each.claim.level in FIRM for each in kept):
        return BROKE
    untried = {Verdict.NOT_EXERCISED, Verdict.SKIPPED}
    return UNEXERCISED if any(each.claim.level is Level.MUST and each.verdict in untried for each in kept) else HELD


@dataclass(frozen=True, slots=True)
class Violation:
    """One time that a law, a manner or an expectation was broken.

    :param got: what happened, in words.
    :param evidence: the events that show it, in order; the violation itself is the last one.
    :param wasted: the predictions that were paid for in vain because of it.
    :param expected: what should have happened, in words.
    :param cost: what it costs, in words.
    :param during: the id of the trial in which it happened.
    """

    got: str
    evidence: tuple[Event, ...] = ()
    wasted: tuple[Prediction, ...] = ()
    expected: str = ""
    cost: str = ""
    during: str = ""


class BrokenError(Exception):
    """A promise was broken: what was expected, what came, and the events that show it.

    :param got: what came, in words; empty: what the last piece of evidence says.
    """

    def __init__(self, expected: str, got: str, evidence: tuple[Event, ...]) -> None:
        got = got or _summary(evidence)
        super().__init__(f"expected: {expected}; got: {got}")
        self.expected, self.got, self.evidence = expected, got, evidence


class InconclusiveError(Exception):
    """Things went so that nothing can be concluded; the text says how."""


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
