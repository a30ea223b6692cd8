"""The catalogue of trials, in the order in which they are told."""

from difflib import get_close_matches
from itertools import chain
from typing import Final

from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import errors, flow, limits, transport, webhooks
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.spec import Level

__all__ = ["CALM", "HABITS", "TRIALS", "UnknownTrialError", "select_trials", "trial_rows"]

TRIALS: Final[tuple[Trial, ...]] = tuple(
    chain(flow.TRIALS, limits.TRIALS, errors.TRIALS, transport.TRIALS, webhooks.TRIALS)
)

CALM: Final = TRIALS[0]
"""The one in which nothing goes wrong: what a program does there is what the others are measured by."""


class UnknownTrialError(ValueError):
    """There is no such trial; the text names the nearest."""


def select_trials(ids: tuple[str, ...]) -> tuple[Trial, ...]:
    """Return the trials with *ids*, in the order of the catalogue; without any, all.

    :raises UnknownTrialError: one of them is none.
    """
    known = [each.id for each in TRIALS]
    for unknown in (each for each in ids if each not in known):
        near = get_close_matches(unknown, known, 1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else "--list shows all there are"
        raise UnknownTrialError(f"there is no trial {unknown!r}; {hint}")
    return tuple(each for each in TRIALS if not ids or each.id in ids)


def trial_rows() -> list[tuple[str, str, Level, str]]:
    """Return a row for each trial, and for each habit that is judged over all of them: id, title, level, story."""
    return [(each.id, each.title, each.level, each.story) for each in (*TRIALS, *HABITS)]
