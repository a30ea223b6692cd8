"""Runs random histories with Hypothesis, and repeats a run that server errors cut short.

Only the checks that run histories import this module, since Hypothesis is slow to import.
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
"""Runs at most; all but the last were cut short by server errors."""

MORE: Final = 30
"""Factor for the number of histories in a thorough run."""


def run_histories(
    session: Session, count: int, *, enough: int, slides: bool = True, at_the_limit: bool = False
) -> None:
    """Run *count* random histories, or until one breaks a promise.

    :param enough: comparisons after which a run that was cut short is not repeated.
    :param slides: whether the server's minute slides: see `ReferenceModel`.
    :param at_the_limit: whether the histories use the limits up on purpose.
    :raises BrokenError: a history breaks a promise.
    """
    kind = HistoriesAtTheLimit if at_the_limit else RandomHistories
    violations: list[BrokenError] = []
    for attempt in range(ATTEMPTS):
        history = _history_class(session, kind, violations, attempt, slides=slides)
        try:
            return run_state_machine_as_test(history, settings=_settings(count, thorough=session.thorough))
        except (Flaky, Unsatisfiable):  # a violation that did not repeat, or histories that server errors disturbed
            if violations:
                raise violations[0] from None
            if session.conclusive >= enough:
                return None
    return None


def _history_class(
    session: Session, kind: type[RandomHistories], violations: list[BrokenError], attempt: int, *, slides: bool
) -> type[RandomHistories]:
    """Return a new class for one run, as Hypothesis requires."""
    strategies = strategies_for(session.model)

    @seed(f"{session.seed}, {attempt}")
    class History(kind):  # type: ignore[misc,valid-type]  # a base chosen at run time
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
