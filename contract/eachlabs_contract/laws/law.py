"""A law: a claim about whole histories, and how one is judged by it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps

from eachlabs_contract.history.events import Episode, Event
from eachlabs_contract.spec.claim import Claim, Level
from eachlabs_contract.verdict import Finding, Verdict


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


Observations = Iterator[Offence | None]
"""One entry for each time that a law was put to the test: the breach, or None where there was none."""


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
        judged = [(each.name, self.look(each)) for each in episodes]
        conclusive = sum(each.conclusive for _, each in judged)
        offences = ((name, each.offence) for name, each in judged if each.offence)
        during, offence = next(offences, ("", None))
        if offence:
            return Finding(
                self.claim,
                Verdict.BROKEN,
                expected=offence.expected,
                got=offence.got,
                evidence=offence.evidence,
                conclusive=conclusive,
                during=during,
            )
        if not conclusive:
            return Finding(self.claim, Verdict.NOT_EXERCISED, "nothing that happened puts it to the test")
        return Finding(self.claim, Verdict.HOLDS, conclusive=conclusive)


def law(
    identity: str, sentence: str, *, source: str, level: Level = Level.MUST
) -> Callable[[Callable[[Episode], Observations]], Law]:
    """Make a law of a function that goes through an episode: its docstring says how; the rest is as in `Claim`."""
    claim = Claim(identity, sentence, source, level)

    def of(observe: Callable[[Episode], Observations]) -> Law:
        @wraps(observe)
        def look(episode: Episode) -> Judgement:
            return judgement(observe(episode))

        return Law(claim, look)

    return of


def judgement(observations: Observations) -> Judgement:
    """Return what *observations* say together; those after the first breach are not looked at."""
    conclusive = 0
    for offence in observations:
        conclusive += 1
        if offence:
            return Judgement(conclusive, offence)
    return Judgement(conclusive)


def unless(holds: object, expected: str, got: str, *evidence: Event) -> Offence | None:  # reads as a sentence
    """Return one observation: nothing where the law *holds*, else the breach that *evidence* shows, the last most."""
    return None if holds else Offence(expected, got, evidence)
