"""Runs random histories with Hypothesis, and again where a server that stumbles cuts them short.

Only the checks that run histories import this module: Hypothesis is slow to import.
"""

from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky, Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test

from eachlabs_contract.checks.session import Session
from eachlabs_contract.checks.stateful.comparison import Comparison
from eachlabs_contract.checks.stateful.machine import HistoriesAtTheLimit, RandomHistories
from eachlabs_contract.checks.stateful.strategies import strategies_for
from eachlabs_contract.verdict import BrokenError

STEPS: Final = 50

ATTEMPTS: Final = 5
"""Runs, where each but the last is cut short by a server that stumbles."""

MORE: Final = 30
"""Factor for the number of histories in a thorough run."""


def run_histories(
    session: Session, count: int, *, enough: int, slides: bool = True, at_the_limit: bool = False
) -> None:
    """Run *count* random histories, or until one breaks a promise.

    :param enough: comparisons after which it does not matter that the rest is cut short.
    :param slides: what is known of the server's minute: see `ReferenceModel`.
    :param at_the_limit: whether they use the limits up on purpose.
    :raises BrokenError: one breaks a promise.
    """
    kind = HistoriesAtTheLimit if at_the_limit else RandomHistories
    violations: list[BrokenError] = []
    for attempt in range(ATTEMPTS):
        life = _history_class(session, kind, violations, attempt, slides=slides)
        try:
            return run_state_machine_as_test(life, settings=_settings(count, thorough=session.thorough))
        except (Flaky, Unsatisfiable):  # a violation that did not come again, or histories that were disturbed
            if violations:
                raise violations[0] from None
            if session.conclusive >= enough:
                return None
    return None


def _history_class(
    session: Session, kind: type[RandomHistories], violations: list[BrokenError], attempt: int, *, slides: bool
) -> type[RandomHistories]:
    """Return a class of its own for one run, as Hypothesis wants it."""
    strategies = strategies_for(session.model)

    @seed(f"{session.seed}, {attempt}")
    class History(kind):  # type: ignore[misc,valid-type]  # which kind is known only now
        def __init__(self) -> None:
            super().__init__(Comparison(session, violations, slides=slides), strategies)

    return History


def _settings(count: int, *, thorough: bool) -> settings:
    return settings(
        max_examples=count * MORE if thorough else count,
        stateful_step_count=STEPS,
        phases=(Phase.generate, Phase.shrink) if thorough else (Phase.generate,),
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
