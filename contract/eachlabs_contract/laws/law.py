"""A law: a claim about whole histories, and how one is judged by it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps

from eachlabs_contract.history import Episode, Event
from eachlabs_contract.spec import Claim, Level
from eachlabs_contract.verdict import Finding, Verdict, Violation


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one episode says about a law.

    :param conclusive: how many times it was put to the test.
    :param violation: the first violation; None where there is none.
    """

    conclusive: int
    violation: Violation | None = None


Observations = Iterator[Violation | None]
"""One entry for each time that a law was put to the test: the violation, or None where there was none."""


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
        violations = ((name, each.violation) for name, each in judged if each.violation)
        during, violation = next(violations, ("", None))
        if violation:
            return Finding(
                self.claim,
                Verdict.BROKEN,
                expected=violation.expected,
                got=violation.got,
                evidence=violation.evidence,
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
    """Return what *observations* say together; those after the first violation are not looked at."""
    conclusive = 0
    for violation in observations:
        conclusive += 1
        if violation:
            return Judgement(conclusive, violation)
    return Judgement(conclusive)


def unless(holds: object, expected: str, got: str, *evidence: Event) -> Violation | None:  # reads as a sentence
    """Return None where the law *holds*, else the violation that *evidence* shows; the last event is the violation."""
    return None if holds else Violation(got, evidence, expected=expected)
