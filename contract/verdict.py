"""What is concluded about a claim, and from which evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contract.claim import Claim, Level
from contract.history import Event


class Verdict(StrEnum):
    """The conclusion about one claim."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_EXERCISED = "not exercised"
    SKIPPED = "skipped"
    OBSERVED = "observed"


HELD, BROKE, USAGE, UNEXERCISED = range(4)
"""Exit codes: every claim tried holds; one is broken; the call made no sense; a MUST was not exercised."""

FIRM: Final = frozenset({Level.MUST, Level.SHOULD})


@dataclass(frozen=True, slots=True)
class Finding:
    """The conclusion about one claim.

    :param reason: why it was skipped or not exercised, or what was observed where the page is silent.
    :param expected: what was promised in this very case; empty unless broken.
    :param got: what came instead; empty unless broken.
    :param evidence: the events that show it, in order; of a broken claim the last one is the offence.
    :param conclusive: how many times the claim was put to the test.
    :param requests: exchanges made for it.
    :param seconds: real time it took.
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


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run concluded.

    :param target: the address that was held to the claims, or what stands for it in process.
    :param seed: with it, the run can be repeated.
    """

    target: str
    model: str
    profile: str
    seed: int
    budget: str
    findings: tuple[Finding, ...]
    seconds: float

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings with this verdict."""
        return tuple(each for each in self.findings if each.verdict is verdict)

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
