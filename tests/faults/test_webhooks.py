"""Faults of webhooks: lost, late, repeated, in another order, with other words, or forged."""

from typing import Any

import orjson
import pytest

from eachlabs_mock.emulator.outbox import Attempt
from helpers.armed import HOOK, arm, counts, rule
from helpers.owner import Owner, Postbox


def advance(owner: Owner, seconds: float) -> None:
    owner.ask("POST", "/clock/advance", {"seconds": seconds})


def attempts(owner: Owner) -> list[dict[str, Any]]:
    return [each for delivery in owner.ask("GET", "/deliveries")["deliveries"] for each in delivery["attempts"]]


def told(owner: Owner) -> list[str]:
    """Return the ids that webhooks were about, in the order in which they came."""
    return [each["exec_id"] for each in owner.receiver.payloads]


def test_a_dropped_webhook_is_never_sent_and_its_attempt_says_why() -> None:
    owner = Owner()
    arm(owner, rule("drop"))
    owner.created(webhook_url=HOOK)
    advance(owner, 60)

    [attempt] = attempts(owner)
    assert owner.receiver.payloads == []
    assert (attempt["status"], attempt["status_code"], attempt["faults"]) == ("FAILED", None, ["drop"])
    assert attempt["error_message"] == "not sent: lost by the fault 'drop'"


def test_a_dropped_webhook_is_attempted_again() -> None:
    owner = Owner(webhook_attempts=2)
    arm(owner, rule("drop", times=1))
    owner.created(webhook_url=HOOK)
    advance(owner, 60)

    assert [each["faults"] for each in attempts(owner)] == [["drop"], []]
    assert len(owner.receiver.payloads) == 1


def test_a_duplicate_webhook_is_sent_in_two_attempts() -> None:
    owner = Owner()
    arm(owner, rule("duplicate", route="webhook"))
    owner.created(webhook_url=HOOK)
    advance(owner, 3)

    first, second = owner.receiver.payloads
    assert first == second
    assert [each["faults"] for each in attempts(owner)] == [["duplicate"]] * 2
    assert counts(owner) == [(1, 1)]


def test_a_late_webhook_is_sent_late_by_the_clock() -> None:
    owner = Owner()
    arm(owner, rule("late", seconds=30))
    made = owner.created(webhook_url=HOOK)
    advance(owner, 32.499)
    before = told(owner)
    advance(owner, 0.001)

    assert (before, told(owner)) == ([], [made])


@pytest.mark.parametrize("apart", [1.0, 0.0])
def test_a_reordered_webhook_is_sent_after_the_next_one(apart: float) -> None:
    owner = Owner()
    arm(owner, rule("reorder", nth=1))
    first = owner.created(webhook_url=HOOK)
    advance(owner, apart)
    second = owner.created(webhook_url=HOOK)
    advance(owner, 60)

    assert told(owner) == [second, first]


def test_webhooks_that_are_all_reordered_change_places_in_pairs() -> None:
    owner = Owner()
    arm(owner, rule("reorder"))
    made = []
    for _ in range(4):
        made.append(owner.created(webhook_url=HOOK))
        advance(owner, 1)
    advance(owner, 60)

    assert told(owner) == [made[1], made[0], made[3], made[2]]


def test_a_reordered_webhook_without_a_next_one_is_sent_at_once() -> None:
    owner = Owner()
    arm(owner, rule("reorder"))
    made = owner.created(webhook_url=HOOK)
    advance(owner, 2.5)

    assert told(owner) == [made]


def test_a_forged_webhook_is_sent_first_and_repeats_with_its_seed() -> None:
    seen = []
    for _ in range(2):
        owner = Owner()
        arm(owner, rule("forged_id"))
        made = owner.created(webhook_url=HOOK)
        advance(owner, 3)
        forged, real = told(owner)
        assert (real, owner.read(forged).status_code) == (made, 404)
        seen.append(forged)

    assert seen[0] == seen[1]


@pytest.mark.parametrize(("asked", "word"), [("", "completed"), ("[mock:fail]", "error")])
def test_a_status_can_be_a_synonym(asked: str, word: str) -> None:
    owner = Owner()
    arm(owner, rule("wrong_vocabulary"))
    owner.created(webhook_url=HOOK, prompt=f"a kite {asked}")
    advance(owner, 3)

    assert [each["status"] for each in owner.receiver.payloads] == [word]


def test_faults_of_one_webhook_stand_around_each_other() -> None:
    postbox = Postbox()
    owner = Owner(send=postbox.send)
    arm(owner, rule("duplicate", route="webhook"), rule("late", seconds=5), rule("unknown_status", route="webhook"))
    owner.created(webhook_url=HOOK)
    advance(owner, 60)

    assert [orjson.loads(each)["status"] for each in postbox.bodies] == ["queued", "queued"]
    assert [each["faults"] for each in attempts(owner)] == [["duplicate", "late", "unknown_status"]] * 2


@pytest.mark.parametrize(
    ("given", "struck"),
    [({"model": "qwen-image"}, 1), ({"model": "flux"}, 0), ({"after": 3}, 0), ({"until": 2.5}, 1), ({"until": 2}, 0)],
)
def test_a_rule_of_webhooks_matches_by_what_they_are_about_and_when(given: dict[str, Any], struck: int) -> None:
    owner = Owner()
    arm(owner, rule("drop", **given))
    owner.created(webhook_url=HOOK)
    advance(owner, 3)

    assert counts(owner) == [(struck, struck)]


def test_a_postponed_webhook_survives_export_and_import_unchanged() -> None:
    owner, other = Owner(), Owner(seed=99)
    arm(owner, rule("late", seconds=30), rule("forged_id"), rule("drop", rate=0))
    made = owner.created(webhook_url=HOOK)
    advance(owner, 3)
    exported = owner.ask("GET", "/state")

    other.ask("PUT", "/state", exported)
    again = other.ask("GET", "/state")
    for each in (owner, other):
        advance(each, 60)

    assert again == exported
    assert told(other) == told(owner)
    assert told(other)[1:] == [made]
    assert [each["faults"] for each in attempts(other)] == [["late", "forged_id"]] * 2


def test_an_attempt_that_nothing_struck_names_no_fault() -> None:
    assert Attempt(0, accepted=True, status_code=200, response="", error="").faults == ()
