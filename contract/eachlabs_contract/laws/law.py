"""A law: a claim about whole histories, and how it is judged."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps

from eachlabs_contract.history import Episode, Event
from eachlabs_contract.spec import Claim, Level
from eachlabs_contract.verdict import Finding, Verdict, Violation


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one episode says about a law.

    :param conclusive: how many times the law was tested.
    :param violation: the first violation; None where there is none.
    """

    conclusive: int
    violation: Violation | None = None


Observations = Iterator[Violation | None]
"""One entry for each time that a law was tested: the violation, or None where there was none."""


@dataclass(frozen=True, slots=True)
class Law:
    """A claim about whole histories.

    :param look: judges one episode.
    """

    claim: Claim
    look: Callable[[Episode], Judgement]

    @property
    def method(self) -> str:
        """How the law is tested, in words."""
        return " ".join((self.look.__doc__ or "").split())

    def judge(self, episodes: Iterable[Episode]) -> Finding:
        """Return the finding for all *episodes* together."""
        results = [(episode.name, self.look(episode)) for episode in episodes]
        conclusive = sum(result.conclusive for _, result in results)
        violations = ((name, result.violation) for name, result in results if result.violation)
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
            return Finding(self.claim, Verdict.NOT_EXERCISED, "no event tested it")
        return Finding(self.claim, Verdict.HOLDS, conclusive=conclusive)


def law(
    identity: str, sentence: str, *, source: str, level: Level = Level.MUST
) -> Callable[[Callable[[Episode], Observations]], Law]:
    """Make a law of a function that examines an episode, and whose docstring says how. The rest is as in `Claim`."""
    claim = Claim(identity, sentence, source, level)

    def of(observe: Callable[[Episode], Observations]) -> Law:
        @wraps(observe)
        def look(episode: Episode) -> Judgement:
            return judgement(observe(episode))

        return Law(claim, look)

    return of


def judgement(observations: Observations) -> Judgement:
    """Return the judgement of *observations*, up to the first violation."""
    conclusive = 0
    for violation in observations:
        conclusive += 1
        if violation:
            return Judgement(conclusive, violation)
    return Judgement(conclusive)


def unless(holds: object, expected: str, got: str, *evidence: Event) -> Violation | None:  # reads as a sentence
    """Return None where the law *holds*, else the violation that *evidence* shows; the last event is the violation."""
    return None if holds else Violation(got, evidence, expected=expected)
