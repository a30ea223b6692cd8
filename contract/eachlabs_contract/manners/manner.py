"""A manner: a claim about whoever calls the API, and how one is judged by what a journal shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from eachlabs_contract.history import Journal, Prediction
from eachlabs_contract.manners.prices import cost_of, is_charged
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Verdict, Violation

Observations = Iterator[Violation | None]
"""One entry for each occasion on which a manner could be kept or broken: the violation, or None where it was kept."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What a well-behaved caller does.

    :param id: `subject.name`, in lower case with hyphens; it never changes its meaning.
    :param sentence: the manner, in one sentence that a caller can break.
    :param why: what it hurts when it is broken.
    :param right: what to do instead.
    """

    id: str
    sentence: str
    level: Level
    why: str
    right: str
    look: Callable[[Journal], Observations]

    @property
    def method(self) -> str:
        """How it is judged, in words."""
        return " ".join((self.look.__doc__ or "").split())

    def judge(self, journal: Journal) -> "Conduct":
        """Return what *journal* says about it."""
        seen = tuple(self.look(journal))
        violations = tuple(each for each in seen if each)
        wasted = {each.id: each for violation in violations for each in violation.wasted if is_charged(journal, each)}
        return Conduct(self, len(seen), violations, tuple(wasted.values()), cost_of(journal, wasted.values()))


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a caller behaved with regard to one manner.

    :param occasions: how many times it could be kept or broken.
    :param wasted: the predictions that were paid for in vain by breaking it.
    :param cost: what these cost, in USD, as far as their prices are known.
    """

    manner: Manner
    occasions: int
    violations: tuple[Violation, ...] = ()
    wasted: tuple[Prediction, ...] = ()
    cost: Decimal = Decimal()

    @property
    def verdict(self) -> Verdict:
        """`HOLDS`, `BROKEN` or, where there was no occasion, `NOT_EXERCISED`."""
        if self.violations:
            return Verdict.BROKEN
        return Verdict.HOLDS if self.occasions else Verdict.NOT_EXERCISED


def manner(
    identity: str, sentence: str, *, level: Level = Level.MUST, why: str, right: str
) -> Callable[[Callable[[Journal], Observations]], Manner]:
    """Make a manner of a function that goes through a journal: its docstring says how; the rest is as in `Manner`."""

    def of(look: Callable[[Journal], Observations]) -> Manner:
        return Manner(identity, sentence, level, why, right, look)

    return of
