"""The fault rules of one world, and how often each has struck. Thread-safe."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, groupby

from eachlabs_mock.core import Chance, Instant
from eachlabs_mock.faults.armed_rule import ArmedRule, Occasion, Strike, directive_strikes
from eachlabs_mock.faults.rule import Rule

MOST_BOUND = 1000
"""Predictions per world with rules of their own; beyond that the oldest loses its rules."""

MANY = 1000
"""Rules of a world; beyond that each new rule replaces one that can strike no more."""


class ArmedCount:
    """Counts the worlds with rules: reading one number tells whether any fault can strike."""

    def __init__(self) -> None:
        self.armed = 0
        self._lock = threading.Lock()

    def change(self, by: int) -> None:
        """Add *by* to the count."""
        with self._lock:
            self.armed += by


class RuleSet:
    """The rules of a world.

    :param seed: of all draws; each draw follows from it, the rule's id and the number of the match.
    :param armed_count: counts this world while it has rules.
    """

    def __init__(self, seed: int, world: str, armed_count: ArmedCount) -> None:
        self._seed = seed
        self._world = world
        self._armed_count = armed_count
        self._rules: OrderedDict[str, ArmedRule] = OrderedDict()
        self._bound: OrderedDict[str, tuple[ArmedRule, ...]] = OrderedDict()
        self._last_number = 0
        self._last_directive = 0
        self._is_over = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rules) + len(self._bound)

    @property
    def last_number(self) -> int:
        """The number in the latest id that was generated for a rule."""
        return self._last_number

    @property
    def last_directive(self) -> int:
        """The number of calls so far whose directives were evaluated."""
        return self._last_directive

    @property
    def armed(self) -> tuple[ArmedRule, ...]:
        """The rules in force, in the order in which they surround a call, the outermost first."""
        with self._lock:
            return tuple(self._rules.values())

    @property
    def bound(self) -> tuple[ArmedRule, ...]:
        """The rules in force for one prediction only."""
        with self._lock:
            return tuple(chain.from_iterable(self._bound.values()))

    def arm(self, rules: Iterable[Rule], now: Instant) -> None:
        """Arm *rules* in addition; a rule replaces one with the same id."""
        with self._changing():
            for rule in rules:
                self._put(rule, now)

    def replace(self, rules: Iterable[Rule], now: Instant) -> None:
        """Disarm all rules, and arm *rules*."""
        with self._changing():
            self._rules.clear()
            self._bound.clear()
            for rule in rules:
                self._put(rule, now)

    def end(self) -> None:
        """Disarm all rules for good: a call that still uses this world after its end can arm none."""
        with self._changing():
            self._rules.clear()
            self._bound.clear()
            self._is_over = True

    def arm_for_prediction(self, rules: Sequence[Rule], prediction: str, now: Instant) -> None:
        """Arm *rules* for one prediction only."""
        if not rules:
            return
        named = (
            replace(rule, id=f"{prediction}-{number}", prediction=prediction) for number, rule in enumerate(rules, 1)
        )
        with self._changing():
            if self._is_over:
                return
            self._bound[prediction] = tuple(ArmedRule(rule, now) for rule in named)
            if len(self._bound) > MOST_BOUND:
                self._bound.popitem(last=False)

    def disarm(self, rule_id: str) -> bool:
        """Disarm the rule with that id; return whether there was one."""
        with self._changing():
            return self._rules.pop(rule_id, None) is not None

    def restore(
        self, armed: Iterable[ArmedRule], bound: Iterable[ArmedRule], last_number: int, last_directive: int
    ) -> None:
        """Replace everything."""
        with self._changing():
            self._rules = OrderedDict((rule.rule.id, rule) for rule in armed)
            self._bound = OrderedDict(
                (prediction, tuple(rules)) for prediction, rules in groupby(bound, lambda armed: armed.rule.prediction)
            )
            self._last_number, self._last_directive = last_number, last_directive

    def match(self, occasion: Occasion) -> tuple[Strike, ...]:
        """Return the faults that strike at *occasion*, the outermost first; count nothing."""
        with self._lock:
            return tuple(strike for _, strike in self._matching(occasion) if strike)

    def commit(self, occasion: Occasion) -> tuple[Strike, ...]:
        """Return what `match` returns, and count the matches and strikes."""
        strikes = []
        with self._lock:
            for armed, strike in self._matching(occasion):
                armed.matches += 1
                if strike:
                    armed.strikes += 1
                    strikes.append(strike)
        return tuple(strikes)

    def commit_directives(self, directives: Sequence[Rule], occasion: Occasion) -> tuple[Strike, ...]:
        """Return the faults of a call's own *directives* that strike at *occasion*; each such call draws anew."""
        if not any(occasion.route in rule.routes for rule in directives):
            return ()
        with self._lock:
            self._last_directive = number = self._last_directive + 1
        return directive_strikes(directives, Chance(self._seed, (self._world, "asked", number)), occasion)

    def _matching(self, occasion: Occasion) -> Iterator[tuple[ArmedRule, Strike | None]]:
        """Yield the rules that match *occasion*, each with its strike. Of several rules of one fault one strikes.

        The others match all the same, so the number of a rule's match does not depend on other rules.
        """
        bound = self._bound.get(occasion.prediction, ()) if occasion.prediction else ()
        struck = set()
        for armed in (*bound, *self._rules.values()):
            if not armed.matches_at(occasion):
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
        spent = next((rule_id for rule_id, armed in self._rules.items() if armed.left == 0), None)
        if spent is not None:
            del self._rules[spent]

    def _free_id(self) -> str:
        while True:
            self._last_number += 1
            if (rule_id := f"rule-{self._last_number}") not in self._rules:  # a rule may have been given that id
                return rule_id

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            before = bool(len(self))
            yield
            self._armed_count.change(bool(len(self)) - before)
