"""A rule in force: which occasions it matches, and at which of them its fault strikes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from eachlabs_mock.core import Chance, Instant, millis
from eachlabs_mock.faults.fault import Fault, Route
from eachlabs_mock.faults.rule import Rule


@dataclass(frozen=True, slots=True)
class Occasion:
    """A call, a create or a webhook that a rule may match.

    :param model: returns the slug of its model; called only where a rule needs it.
    :param prediction: the id of its prediction; empty where there is none yet.
    """

    route: Route
    now: Instant
    model: Callable[[], str]
    prediction: str = ""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that strikes, and the random draws it may use."""

    fault: Fault
    chance: Chance


@dataclass(slots=True)
class ArmedRule:
    """A rule in force.

    :ivar since: when it was armed.
    :ivar matches: how many occasions it has matched so far.
    :ivar strikes: at how many of them its fault has struck.
    """

    rule: Rule
    since: Instant
    matches: int = 0
    strikes: int = 0

    @property
    def left(self) -> int | None:
        """How often its fault may still strike; None: without limit."""
        return None if self.rule.times is None else self.rule.times - self.strikes

    def matches_at(self, occasion: Occasion) -> bool:
        """Whether the rule is about *occasion* and in force at that time."""
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


def directive_strikes(directives: Iterable[Rule], chance: Chance, occasion: Occasion) -> tuple[Strike, ...]:
    """Return the faults of *directives*, the rules that one call carries itself, that strike at *occasion*."""
    numbered = ((ArmedRule(rule, occasion.now), chance.named(number)) for number, rule in enumerate(directives, 1))
    return tuple(
        Strike(armed.rule.fault, own)
        for armed, own in numbered
        if armed.matches_at(occasion) and armed.strikes_at(1, own)
    )
