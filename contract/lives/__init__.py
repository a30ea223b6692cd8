"""Random lives of predictions against a reference model: a Hypothesis state machine."""

from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky, Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test

from contract.check import check
from contract.checks.refusals import SLIDING, kind_of_window
from contract.lives.machine import Lives, LivesAtTheLimit
from contract.lives.materials import materials
from contract.lives.witness import Witness
from contract.session import BrokenError, Session
from contract.targets.control import LIMITS
from contract.targets.target import Need

STEPS: Final = 50
NEEDS: Final = (Need.CLOCK, Need.FAILURE, Need.RECEIVER)
PAGE: Final = "the page as a whole"

LIVES, LIVES_AT_THE_LIMIT = 20, 6
"""How many are lived in a quick run."""

MINIMUM: Final = 300
"""Comparisons, without which a run says nothing."""

ATTEMPTS: Final = 5
"""Runs, where each but the last is cut short by a server that stumbles."""

MORE: Final = 30
"""Times as many are lived where the run may take long."""


def _live(session: Session, kind: type[Lives], count: int, *, slides: bool = True) -> None:
    """Live through *count* random histories, or until one breaks a promise."""
    breaches: list[BrokenError] = []
    for attempt in range(ATTEMPTS):
        life = _kind_of_life(session, kind, breaches, attempt, slides=slides)
        try:
            return run_state_machine_as_test(life, settings=_settings(count, thorough=session.thorough))
        except (Flaky, Unsatisfiable):  # a breach that did not come again, or lives that were disturbed
            if breaches:
                raise breaches[0] from None
            if session.conclusive >= MINIMUM:
                return None
    return None


def _kind_of_life(
    session: Session, kind: type[Lives], breaches: list[BrokenError], attempt: int, *, slides: bool
) -> type[Lives]:
    """Return a class of its own for one run, as Hypothesis wants it."""
    strategies = materials(session.model)

    @seed(f"{session.seed}, {attempt}")
    class Life(kind):  # type: ignore[misc,valid-type]  # which kind is known only now
        def __init__(self) -> None:
            super().__init__(Witness(session, breaches, slides=slides), strategies)

    return Life


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


@check(
    "lives.agree-with-the-model",
    "Whatever is asked in whatever order, every answer and every webhook is what the page has it be.",
    source=PAGE,
    needs=NEEDS,
    minimum=MINIMUM,
)
def agree_with_the_model(session: Session) -> None:
    """Lives through random histories of two callers, without limits.

    Creates of all kinds, good and bad, reads of own, foreign and unknown predictions, and steps of the clock, often to
    the millisecond before, at and after the end of a prediction. A model of the page says beforehand what must come.
    """
    _live(session, Lives, LIVES + LIVES_AT_THE_LIMIT)


@check(
    "lives.within-limits",
    "The same under the documented limits: refused is exactly what exceeds them.",
    source=PAGE + ', "Rate Limits" above all',
    needs=(*NEEDS, Need.LIMITS),
    settings=LIMITS,
    minimum=MINIMUM,
)
def within_limits(session: Session) -> None:
    """Lives through random histories with both limits on; a third of them use the minute and the slots up on purpose.

    Where the page leaves open whether a request counts, either answer is taken.
    """
    slides = kind_of_window(session) == SLIDING
    _live(session, Lives, LIVES, slides=slides)
    _live(session, LivesAtTheLimit, LIVES_AT_THE_LIMIT, slides=slides)


CHECKS = (agree_with_the_model, within_limits)
