"""A rule in force: what it matches, and what of that its fault strikes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

from eachlabs_mock.core import Chance, Instant, millis
from eachlabs_mock.faults.fault import Fault, Route
from eachlabs_mock.faults.rule import Rule


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that a rule may match.

    :param model: tells the slug of the model it is about, where a rule wants to know.
    :param prediction: the id of the prediction it is about; empty, where there is none yet.
    """

    route: Route
    now: Instant
    model: Callable[[], str]
    prediction: str = ""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that strikes, and the draws that it may make for it."""

    fault: Fault
    chance: Chance


@dataclass(slots=True)
class ArmedRule:
    """A rule in force.

    :ivar matches: how many occasions it has matched so far.
    :ivar strikes: how many of them its fault has struck.
    """

    rule: Rule
    since: Instant
    matches: int = 0
    strikes: int = 0

    @property
    def left(self) -> int | None:
        """How often it may still strike; None: without end."""
        return None if self.rule.times is None else self.rule.times - self.strikes

    def concerns(self, occasion: Occasion) -> bool:
        """Whether its rule is about such an occasion, and in force by now."""
        rule, elapsed = self.rule, occasion.now - self.since
        return (
            occasion.route in rule.routes
            and rule.prediction in {"", occasion.prediction}
            and millis(rule.after) <= elapsed
            and (rule.until is None or elapsed <= millis(rule.until))
            and (not rule.model or rule.model == occasion.model())
        )

    def strikes_at(self, match: int, chance: Chance) -> bool:
        """Whether its fault strikes at the match of that number, from 1."""
        rule = self.rule
        is_due = match > rule.skip and rule.nth in {None, match} and self.left != 0
        return is_due and (rule.rate == 1 or chance.draw("strike") < rule.rate)


def at_once(rules: Iterable[Rule], chance: Chance, occasion: Occasion) -> tuple[Strike, ...]:
    """Return what strikes of *rules* that are armed for *occasion* alone."""
    armed = (ArmedRule(each, occasion.now) for each in rules)
    chances = (chance.named(number) for number in count(1))
    return tuple(
        Strike(each.rule.fault, own)
        for each, own in zip(armed, chances, strict=False)
        if each.concerns(occasion) and each.strikes_at(1, own)
    )
