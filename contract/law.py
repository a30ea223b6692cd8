"""A law: a claim about whole histories, and how one is judged by it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from contract.claim import Claim
from contract.history import Episode, Event
from contract.verdict import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Offence:
    """A breach of a law: what was expected, what came, and the events that show it, the offending one last."""

    expected: str
    got: str
    evidence: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one episode says about a law.

    :param conclusive: how many times it was put to the test.
    :param offence: the first breach; None where there is none.
    """

    conclusive: int
    offence: Offence | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """A claim about whole histories.

    :param look: judges one episode.
    """

    claim: Claim
    look: Callable[[Episode], Judgement]

    @property
    def method(self) -> str:
        """How it is tested, in words."""
        return " ".join((self.look.__doc__ or "").split())

    def judge(self, episodes: Iterable[Episode]) -> Finding:
        """Return what *episodes* together say."""
        judged = [self.look(each) for each in episodes]
        conclusive = sum(each.conclusive for each in judged)
        offence = next((each.offence for each in judged if each.offence), None)
        if offence:
            return Finding(
                self.claim,
                Verdict.BROKEN,
                expected=offence.expected,
                got=offence.got,
                evidence=offence.evidence,
                conclusive=conclusive,
            )
        if not conclusive:
            return Finding(self.claim, Verdict.NOT_EXERCISED, "nothing that happened puts it to the test")
        return Finding(self.claim, Verdict.HOLDS, conclusive=conclusive)
