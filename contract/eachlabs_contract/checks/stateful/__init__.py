"""Random histories of predictions, compared with a reference model: a Hypothesis state machine."""

from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.limits.unspecified import SLIDING, kind_of_window
from eachlabs_contract.checks.session import Session
from eachlabs_contract.targets import LIMITS, Need

NEEDS: Final = (Need.CLOCK, Need.FAILURE, Need.RECEIVER)
PAGE: Final = "the page as a whole"

HISTORIES, HISTORIES_AT_THE_LIMIT = 20, 6
"""Histories in a quick run, without and at the limits."""

MINIMUM: Final = 300
"""Comparisons below which a run says nothing."""


@check(
    "lives.agree-with-the-model",
    "Every answer and every webhook matches the page, in any order of requests.",
    source=PAGE,
    needs=NEEDS,
    minimum=MINIMUM,
)
def agree_with_the_model(session: Session) -> None:
    """Runs random histories of two callers without limits.

    They hold valid and invalid creates, reads of own, foreign and unknown predictions, and steps of the clock, often to
    the millisecond around a prediction's end. A reference model of the page predicts every answer and webhook.
    """
    from eachlabs_contract.checks.stateful.driver import run_histories  # noqa: PLC0415  # see its head

    run_histories(session, HISTORIES + HISTORIES_AT_THE_LIMIT, enough=MINIMUM)


@check(
    "lives.within-limits",
    "Under the documented limits, exactly the requests that exceed a limit are refused.",
    source=PAGE + ', above all "Rate Limits"',
    needs=(*NEEDS, Need.LIMITS),
    settings=LIMITS,
    minimum=MINIMUM,
)
def within_limits(session: Session) -> None:
    """Runs random histories with both limits on; some use up the minute and the slots on purpose.

    Where the page leaves open whether a request counts, both answers are accepted.
    """
    from eachlabs_contract.checks.stateful.driver import run_histories  # noqa: PLC0415  # see its head

    slides = kind_of_window(session) == SLIDING
    run_histories(session, HISTORIES, enough=MINIMUM, slides=slides)
    run_histories(session, HISTORIES_AT_THE_LIMIT, enough=MINIMUM, slides=slides, at_the_limit=True)


CHECKS = (agree_with_the_model, within_limits)
