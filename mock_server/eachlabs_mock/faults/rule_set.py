"""The rules that are armed in one world, and how often each has struck. Safe between threads."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, groupby

from eachlabs_mock.core import Chance, Instant
from eachlabs_mock.faults.armed_rule import ArmedRule, Occasion, Strike, at_once
from eachlabs_mock.faults.rule import Rule

MOST_BOUND = 1000
"""Predictions with rules of their own, per world; the oldest make way, so that asking in prompts fills nothing."""

MANY = 1000
"""Rules of a world; where there are so many, one that can strike no more makes way for each that is armed."""


class ArmedCount:
    """Tells, for the price of reading a number, whether any rule is armed in any world."""

    def __init__(self) -> None:
        self.armed = 0
        self._lock = threading.Lock()

    def change(self, by: int) -> None:
        """Count so many rules more."""
        with self._lock:
            self.armed += by


class RuleSet:
    """The rules of a world.

    :param seed: of all draws; with the rule's id and the number of the match it decides every one.
    :param armed_count: is told while there are any.
    """

    def __init__(self, seed: int, world: str, armed_count: ArmedCount) -> None:
        self._seed = seed
        self._world = world
        self._armed_count = armed_count
        self._rules: OrderedDict[str, ArmedRule] = OrderedDict()
        self._bound: OrderedDict[str, tuple[ArmedRule, ...]] = OrderedDict()
        self._last_number = 0
        self._last_asked = 0
        self._is_over = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rules) + len(self._bound)

    @property
    def last_number(self) -> int:
        """The number of the latest rule that was given one for its name."""
        return self._last_number

    @property
    def last_asked(self) -> int:
        """How many calls have asked for faults of their own."""
        return self._last_asked

    @property
    def armed(self) -> tuple[ArmedRule, ...]:
        """The rules in force, in the order in which they stand around a call, the outermost first."""
        with self._lock:
            return tuple(self._rules.values())

    @property
    def bound(self) -> tuple[ArmedRule, ...]:
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

    def end(self) -> None:
        """Disarm every rule and arm none from now on: a caller that still holds the world must not count as armed."""
        with self._changing():
            self._rules.clear()
            self._bound.clear()
            self._is_over = True

    def bind(self, rules: Sequence[Rule], prediction: str, now: Instant) -> None:
        """Arm *rules* for one prediction only."""
        if not rules:
            return
        named = (
            replace(each, id=f"{prediction}-{number}", prediction=prediction) for number, each in enumerate(rules, 1)
        )
        with self._changing():
            if self._is_over:
                return
            self._bound[prediction] = tuple(ArmedRule(each, now) for each in named)
            if len(self._bound) > MOST_BOUND:
                self._bound.popitem(last=False)

    def disarm(self, rule_id: str) -> bool:
        """Disarm the rule called *rule_id*; False where there is none."""
        with self._changing():
            return self._rules.pop(rule_id, None) is not None

    def restore(
        self, armed: Iterable[ArmedRule], bound: Iterable[ArmedRule], last_number: int, last_asked: int
    ) -> None:
        """Put all this in the place of all there is."""
        with self._changing():
            self._rules = OrderedDict((each.rule.id, each) for each in armed)
            self._bound = OrderedDict(
                (prediction, tuple(them)) for prediction, them in groupby(bound, lambda each: each.rule.prediction)
            )
            self._last_number, self._last_asked = last_number, last_asked

    def asked(self, rules: Sequence[Rule], occasion: Occasion) -> tuple[Strike, ...]:
        """Return what strikes of *rules* that the call at *occasion* asks for; each such call draws anew."""
        if not any(occasion.route in each.routes for each in rules):
            return ()
        with self._lock:
            self._last_asked = number = self._last_asked + 1
        return at_once(rules, Chance(self._seed, (self._world, "asked", number)), occasion)

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

    def _matching(self, occasion: Occasion) -> Iterator[tuple[ArmedRule, Strike | None]]:
        """Yield what is about *occasion*. Of several rules of one fault the first that strikes leaves it to no other.

        The others have matched all the same: the n-th match of a rule is the n-th whatever other rules there are.
        """
        bound = self._bound.get(occasion.prediction, ()) if occasion.prediction else ()
        struck = set()
        for armed in (*bound, *self._rules.values()):
            if not armed.concerns(occasion):
                continue
            name, match = armed.rule.fault.name, armed.matches + 1
            chance = Chance(self._seed, (self._world, "fault", armed.rule.id, match))
            if name not in struck and armed.strikes_at(match, chance):
                struck.add(name)
                yield armed, Strike(armed.rule.fault, chance)
            else:
                yield armed, None

    def _put(self, rule: Rule, now: Instant) -> None:
        if self._is_over:
            return
        if len(self._rules) >= MANY:
            self._forget_spent()
        rule = rule if rule.id else replace(rule, id=self._free_id())
        self._rules[rule.id] = ArmedRule(rule, now)

    def _forget_spent(self) -> None:
        spent = next((name for name, each in self._rules.items() if each.left == 0), None)
        if spent is not None:
            del self._rules[spent]

    def _free_id(self) -> str:
        while True:
            self._last_number += 1
            if (name := f"rule-{self._last_number}") not in self._rules:  # somebody may have called his own so
                return name

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            before = bool(len(self))
            yield
            self._armed_count.change(bool(len(self)) - before)
