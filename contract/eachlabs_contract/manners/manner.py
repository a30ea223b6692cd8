"""A manner is a rule for callers of the API; a journal shows whether a caller kept it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from eachlabs_contract.history import Journal, Prediction
from eachlabs_contract.manners.prices import cost_of, is_charged
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Verdict, Violation

Observations = Iterator[Violation | None]
"""One entry for each occasion on which a manner could be broken: the violation, or None if it was kept."""


@dataclass(frozen=True, slots=True)
class Manner:
    """A rule for callers.

    :param id: `subject.name`, in lower case with hyphens; its meaning never changes.
    :param sentence: the rule in one sentence.
    :param why: the harm that a violation does.
    :param right: the right behaviour.
    """

    id: str
    sentence: str
    level: Level
    why: str
    right: str
    look: Callable[[Journal], Observations]

    @property
    def method(self) -> str:
        """How the manner is judged, in words."""
        return " ".join((self.look.__doc__ or "").split())

    def judge(self, journal: Journal) -> "Conduct":
        """Return the conduct of the caller of *journal*."""
        observations = tuple(self.look(journal))
        violations = tuple(filter(None, observations))
        predictions = (prediction for violation in violations for prediction in violation.wasted)
        wasted = {prediction.id: prediction for prediction in predictions if is_charged(journal, prediction)}
        return Conduct(self, len(observations), violations, tuple(wasted.values()), cost_of(journal, wasted.values()))


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a caller kept one manner.

    :param occasions: number of times it could be kept or broken.
    :param wasted: predictions paid for in vain because it was broken.
    :param cost: their cost in USD, as far as their prices are known.
    """

    manner: Manner
    occasions: int
    violations: tuple[Violation, ...] = ()
    wasted: tuple[Prediction, ...] = ()
    cost: Decimal = Decimal()

    @property
    def verdict(self) -> Verdict:
        """`BROKEN`, `HOLDS` or, without an occasion, `NOT_EXERCISED`."""
        if self.violations:
            return Verdict.BROKEN
        return Verdict.HOLDS if self.occasions else Verdict.NOT_EXERCISED


def manner(
    identity: str, sentence: str, *, level: Level = Level.MUST, why: str, right: str
) -> Callable[[Callable[[Journal], Observations]], Manner]:
    """Make a `Manner` from a function that examines a journal. The function's docstring describes the method."""

    def of(look: Callable[[Journal], Observations]) -> Manner:
        return Manner(identity, sentence, level, why, right, look)

    return of
