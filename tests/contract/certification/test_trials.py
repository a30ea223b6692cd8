"""The catalogue of trials: as many as were promised, each of them something that the emulator can do."""

from collections import Counter

import pytest

from eachlabs_contract.certification.result import all_expectations
from eachlabs_contract.certification.trial import Cost, Group, Trial
from eachlabs_contract.certification.trials import (
    BASELINE,
    TRIALS,
    UnknownTrialError,
    habits,
    select_trials,
    trial_rows,
)
from eachlabs_contract.spec.claim import Level
from helpers.certified import good
from helpers.harness import Api

EVERY = (*TRIALS, *habits.HABITS)


def test_there_are_thirty_trials() -> None:
    assert Counter(each.group for each in TRIALS) == {
        Group.FLOW: 8,
        Group.LIMITS: 7,
        Group.ERRORS: 7,
        Group.TRANSPORT: 4,
        Group.WEBHOOKS: 4,
    }


def test_seven_of_them_are_should() -> None:
    assert sum(each.level is Level.SHOULD for each in TRIALS) == 7


def test_every_id_is_there_once() -> None:
    assert len({each.id for each in EVERY}) == len(EVERY)


@pytest.mark.parametrize("trial", EVERY, ids=lambda each: each.id)
def test_trial_is_told_in_sentences(trial: Trial) -> None:
    sentences = [trial.story, *(each.sentence for each in all_expectations(trial))]

    assert all(each.endswith(".") and each[0].isupper() for each in sentences)
    assert not trial.title.endswith(".")


@pytest.mark.parametrize("trial", TRIALS, ids=lambda each: each.id)
def test_emulator_can_do_it(trial: Trial) -> None:
    api = Api(wire_faults=True)

    armed = api.call("PUT", "/__mock/faults", json={"faults": list(trial.rules)})
    settled = api.call("PATCH", "/__mock/settings", json=trial.world)

    assert (armed.status_code, settled.status_code) == (200, 200), armed.text + settled.text


@pytest.mark.parametrize("trial", TRIALS, ids=lambda each: each.id)
def test_every_program_must_end(trial: Trial) -> None:
    assert any(each.cost is Cost.HANG for each in all_expectations(trial))


def test_trial_in_which_nothing_goes_wrong_is_the_first() -> None:
    assert (BASELINE.id, BASELINE.rules, BASELINE.irrelevance(good())) == ("flow.happy", (), "")


def test_without_a_choice_all_are_selected() -> None:
    assert select_trials(()) == TRIALS


def test_selection_keeps_the_order_of_the_catalogue() -> None:
    assert [each.id for each in select_trials(("limits.poll", "flow.failed"))] == ["flow.failed", "limits.poll"]


@pytest.mark.parametrize(
    ("unknown", "hint"),
    [("limits.pol", "did you mean limits.poll?"), ("xyz", "see --list")],
)
def test_unknown_trial_is_named(unknown: str, hint: str) -> None:
    with pytest.raises(UnknownTrialError, match=rf"unknown trial '{unknown}'; {hint.partition('?')[0]}"):
        select_trials(("flow.happy", unknown))


def test_rows_tell_all_of_them() -> None:
    assert [(each[0], each[2]) for each in trial_rows()] == [(each.id, each.level) for each in EVERY]
