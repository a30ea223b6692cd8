"""The rules that are armed in one world, and how often each has struck. Safe between threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, count, groupby

from mock_server.chance import Chance
from mock_server.clock import Instant, millis
from mock_server.faults.fault import Fault, Route
from mock_server.faults.rule import Rule

MOST_BOUND = 1000
"""Predictions with rules of their own, per world; the oldest make way, so that asking in prompts fills nothing."""


class Alert:
    """Tells, for the price of reading a number, whether any rule is armed in any world."""

    def __init__(self) -> None:
        self.armed = 0
        self._lock = threading.Lock()

    def change(self, by: int) -> None:
        """Count so many rules more."""
        with self._lock:
            self.armed += by


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
class Armed:
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
        return match > rule.skip and rule.nth in {None, match} and self.left != 0 and chance.draw("strike") < rule.rate


def at_once(rules: Iterable[Rule], seed: int, name: str, occasion: Occasion) -> tuple[Strike, ...]:
    """Return what strikes of *rules* that are armed for *occasion* alone; their draws go by *name*."""
    armed = (Armed(each, occasion.now) for each in rules)
    chances = (Chance(seed, ("asked", name, number)) for number in count(1))
    return tuple(
        Strike(each.rule.fault, chance)
        for each, chance in zip(armed, chances, strict=False)
        if each.concerns(occasion) and each.strikes_at(1, chance)
    )


class Armory:
    """The rules of a world.

    :param seed: of all draws; with the rule's id and the number of the match it decides every one.
    :param alert: is told while there are any.
    """

    def __init__(self, seed: int, world: str, alert: Alert) -> None:
        self._seed = seed
        self._world = world
        self._alert = alert
        self._rules: OrderedDict[str, Armed] = OrderedDict()
        self._bound: OrderedDict[str, tuple[Armed, ...]] = OrderedDict()
        self._last_number = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rules) + len(self._bound)

    @property
    def last_number(self) -> int:
        """The number of the latest rule that was given one for its name."""
        return self._last_number

    @property
    def armed(self) -> tuple[Armed, ...]:
        """The rules in force, in the order in which they stand around a call, the outermost first."""
        with self._lock:
            return tuple(self._rules.values())

    @property
    def bound(self) -> tuple[Armed, ...]:
        """The rules that somebody has asked for one prediction only."""
        with self._lock:
            return tuple(chain.from_iterable(self._bound.values()))

    def arm(self, rules: Iterable[Rule], now: Instant) -> None:
        """Arm *rules* besides what is there; one with the id of another takes its place."""
        with self._changing():
            for each in rules:
                self._put(each, now)

    def replace(self, rules: Iterable[Rule], now: Instant) -> None:
        """Arm *rules* in the place of all there is."""
        with self._changing():
            self._rules.clear()
            self._bound.clear()
            for each in rules:
                self._put(each, now)

    def bind(self, rules: Sequence[Rule], prediction: str, now: Instant) -> None:
        """Arm *rules* for one prediction only."""
        if not rules:
            return
        named = (
            replace(each, id=f"{prediction}-{number}", prediction=prediction) for number, each in enumerate(rules, 1)
        )
        with self._changing():
            self._bound[prediction] = tuple(Armed(each, now) for each in named)
            if len(self._bound) > MOST_BOUND:
                self._bound.popitem(last=False)

    def disarm(self, rule_id: str) -> bool:
        """Disarm the rule called *rule_id*; False where there is none."""
        with self._changing():
            return self._rules.pop(rule_id, None) is not None

    def restore(self, armed: Iterable[Armed], bound: Iterable[Armed], last_number: int) -> None:
        """Put all this in the place of all there is."""
        with self._changing():
            self._rules = OrderedDict((each.rule.id, each) for each in armed)
            self._bound = OrderedDict(
                (prediction, tuple(them)) for prediction, them in groupby(bound, lambda each: each.rule.prediction)
            )
            self._last_number = last_number

    def foreseen(self, occasion: Occasion) -> tuple[Strike, ...]:
        """Return what would strike at *occasion*, and count nothing."""
        with self._lock:
            return tuple(strike for _, strike in self._matching(occasion) if strike)

    def strikes(self, occasion: Occasion) -> tuple[Strike, ...]:
        """Return what strikes at *occasion*, the outermost first, and count it."""
        found = []
        with self._lock:
            for armed, strike in self._matching(occasion):
                armed.matches += 1
                if strike:
                    armed.strikes += 1
                    found.append(strike)
        return tuple(found)

    def _matching(self, occasion: Occasion) -> Iterator[tuple[Armed, Strike | None]]:
        """Yield what is about *occasion*. Of several rules of one fault the first that strikes leaves it to no other."""
        bound = self._bound.get(occasion.prediction, ()) if occasion.prediction else ()
        struck = set()
        for armed in (*bound, *self._rules.values()):
            name = armed.rule.fault.name
            if name in struck or not armed.concerns(occasion):
                continue
            match = armed.matches + 1
            chance = Chance(self._seed, (self._world, "fault", armed.rule.id, match))
            if armed.strikes_at(match, chance):
                struck.add(name)
                yield armed, Strike(armed.rule.fault, chance)
            else:
                yield armed, None

    def _put(self, rule: Rule, now: Instant) -> None:
        if not rule.id:
            self._last_number += 1
            rule = replace(rule, id=f"rule-{self._last_number}")
        self._rules[rule.id] = Armed(rule, now)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            before = bool(len(self))
            yield
            self._alert.change(bool(len(self)) - before)
