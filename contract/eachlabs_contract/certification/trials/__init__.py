"""The catalogue of trials, in the order of the reports."""

from difflib import get_close_matches
from itertools import chain
from typing import Final

from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import errors, flow, limits, transport, webhooks
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.spec import Level

__all__ = ["BASELINE", "HABITS", "TRIALS", "UnknownTrialError", "select_trials", "trial_rows"]

TRIALS: Final[tuple[Trial, ...]] = tuple(
    chain(flow.TRIALS, limits.TRIALS, errors.TRIALS, transport.TRIALS, webhooks.TRIALS)
)

BASELINE: Final = TRIALS[0]
"""The trial without a fault; the other trials are compared with it."""


class UnknownTrialError(ValueError):
    """A trial is unknown; the text suggests a similar id."""


def select_trials(ids: tuple[str, ...]) -> tuple[Trial, ...]:
    """Return the trials with *ids*, in the order of the catalogue; without ids, all.

    :raises UnknownTrialError: an id is unknown.
    """
    known = [trial.id for trial in TRIALS]
    for unknown in (identity for identity in ids if identity not in known):
        near = get_close_matches(unknown, known, 1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else "see --list"
        raise UnknownTrialError(f"unknown trial {unknown!r}; {hint}")
    return tuple(trial for trial in TRIALS if not ids or trial.id in ids)


def trial_rows() -> list[tuple[str, str, Level, str]]:
    """Return id, title, level and story of each trial and each habit."""
    return [(trial.id, trial.title, trial.level, trial.story) for trial in (*TRIALS, *HABITS)]
