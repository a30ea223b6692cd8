"""The catalogue of scenarios: as many as were promised, each of them something that the emulator can do."""

from collections import Counter

import pytest

from eachlabs_contract.certification.result import all_of
from eachlabs_contract.certification.trial import Cost, Group, Scenario
from eachlabs_contract.certification.trials import CALM, SCENARIOS, UnknownScenarioError, habits, rows, selected
from eachlabs_contract.spec.claim import Level
from helpers.certified import good
from helpers.harness import Api

EVERY = (*SCENARIOS, *habits.HABITS)


def test_there_are_thirty_scenarios() -> None:
    assert Counter(each.group for each in SCENARIOS) == {
        Group.FLOW: 8,
        Group.LIMITS: 7,
        Group.ERRORS: 7,
        Group.TRANSPORT: 4,
        Group.WEBHOOKS: 4,
    }


def test_seven_of_them_are_should() -> None:
    assert sum(each.level is Level.SHOULD for each in SCENARIOS) == 7


def test_every_id_is_there_once() -> None:
    assert len({each.id for each in EVERY}) == len(EVERY)


@pytest.mark.parametrize("scenario", EVERY, ids=lambda each: each.id)
def test_scenario_is_told_in_sentences(scenario: Scenario) -> None:
    sentences = [scenario.story, *(each.sentence for each in all_of(scenario))]

    assert all(each.endswith(".") and each[0].isupper() for each in sentences)
    assert not scenario.title.endswith(".")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.id)
def test_emulator_can_do_it(scenario: Scenario) -> None:
    api = Api(wire_faults=True)

    armed = api.call("PUT", "/__mock/faults", json={"faults": list(scenario.rules)})
    settled = api.call("PATCH", "/__mock/settings", json=scenario.world)

    assert (armed.status_code, settled.status_code) == (200, 200), armed.text + settled.text


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.id)
def test_every_program_must_end(scenario: Scenario) -> None:
    assert any(each.cost is Cost.HANG for each in all_of(scenario))


def test_scenario_in_which_nothing_goes_wrong_is_the_first() -> None:
    assert (CALM.id, CALM.rules, CALM.irrelevance(good())) == ("flow.happy", (), "")


def test_without_a_choice_all_are_selected() -> None:
    assert selected(()) == SCENARIOS


def test_selection_keeps_the_order_of_the_catalogue() -> None:
    assert [each.id for each in selected(("limits.poll", "flow.failed"))] == ["flow.failed", "limits.poll"]


@pytest.mark.parametrize(
    ("unknown", "hint"),
    [("limits.pol", "did you mean limits.poll?"), ("xyz", "--list shows all there are")],
)
def test_unknown_scenario_is_named(unknown: str, hint: str) -> None:
    with pytest.raises(UnknownScenarioError, match=rf"there is no scenario '{unknown}'; .*{hint.partition('?')[0]}"):
        selected(("flow.happy", unknown))


def test_rows_tell_all_of_them() -> None:
    assert [(each[0], each[2]) for each in rows()] == [(each.id, each.level) for each in EVERY]
