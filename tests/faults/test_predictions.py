"""Faults of predictions: how one ends, when, and whether reads find it."""

from typing import Any

import pytest

from eachlabs_mock.core.planner import Progress
from helpers.armed import HOOK, arm, counts, rule
from helpers.harness import UNKNOWN_ID
from helpers.owner import Owner
from helpers.refusal import page_error

FATES = ("fail", "unsafe", "stuck", "slow", "lost", "forgotten", "early")

ONE_SLOT: dict[str, Any] = {"max_in_flight": 1}


def doomed(*rules: dict[str, Any], **settings: Any) -> tuple[Owner, str]:
    """Return an emulator and a prediction that *rules* have struck."""
    owner = Owner(**settings)
    arm(owner, *rules)
    return owner, owner.created(webhook_url=HOOK)


def advance(owner: Owner, seconds: float) -> None:
    owner.ask("POST", "/clock/advance", {"seconds": seconds})


def webhook(owner: Owner) -> list[str]:
    return [each["status"] for each in owner.receiver.payloads]


def total(owner: Owner) -> str:
    return str(owner.ask("GET", "/ledger")["total"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("Prediction failed", "This failure was injected by the fault 'fail'.")),
        ({"message": "No GPU", "details": "All are busy."}, ("No GPU", "All are busy.")),
    ],
)
def test_a_failure_has_the_requested_message_and_details(given: dict[str, str], expected: tuple[str, str]) -> None:
    owner, made = doomed(rule("fail", **given))
    before = owner.read(made).json["status"]
    advance(owner, 3)

    answer = owner.read(made).json

    assert before == "processing"
    assert (answer["status"], answer["message"], answer["details"]) == ("error", *expected)
    assert (webhook(owner), total(owner)) == (["failed"], "0")


@pytest.mark.parametrize(
    ("content", "status"),
    [({}, "error"), ({"disable_safety_checker": False}, "error"), ({"disable_safety_checker": True}, "success")],
)
def test_the_safety_checker_refuses_unless_it_is_disabled(content: dict[str, bool], status: str) -> None:
    owner = Owner()
    arm(owner, rule("unsafe"))
    made = owner.created(**content)
    advance(owner, 3)

    assert owner.read(made).json["status"] == status


def test_a_refusal_of_the_safety_checker_says_what_would_allow_it() -> None:
    owner, made = doomed(rule("unsafe"))
    advance(owner, 3)

    assert "disable_safety_checker" in owner.read(made).json["details"]


@pytest.mark.parametrize("progress", [Progress(), Progress("immediate"), Progress("reads", 2)])
def test_a_stuck_prediction_never_ends_and_keeps_its_slot(progress: Progress) -> None:
    owner, made = doomed(rule("stuck"), progress=progress, **ONE_SLOT)
    advance(owner, 86_400)

    assert [owner.read(made).json["status"] for _ in range(4)] == ["processing"] * 4
    assert owner.create().status_code == 429
    assert webhook(owner) == []


def test_a_slow_prediction_takes_its_factor_as_long() -> None:
    owner, made = doomed(rule("slow", factor=10))
    advance(owner, 24.9)
    before = owner.read(made).json["status"]
    advance(owner, 0.1)

    after = owner.read(made).json

    assert (before, after["status"]) == ("processing", "success")
    assert after["metrics"]["predict_time"] == 25
    assert webhook(owner) == ["succeeded"]


def test_a_slow_prediction_takes_more_reads_if_reads_advance_it() -> None:
    owner, made = doomed(rule("slow", factor=3), progress=Progress("reads", 1))

    assert [owner.read(made).json["status"] for _ in range(3)] == ["processing", "processing", "success"]


def test_a_lost_prediction_is_unknown_charged_and_sends_its_webhook() -> None:
    owner, made = doomed(rule("lost"))
    first = owner.read(made)
    advance(owner, 3)

    unknown = owner.read(UNKNOWN_ID)
    for each in (first, owner.read(made)):
        assert page_error(each, 404).replace(made, UNKNOWN_ID) == page_error(unknown, 404)
    assert webhook(owner) == ["succeeded"]
    assert total(owner) != "0"


def test_a_forgotten_prediction_is_known_until_then_and_frees_its_slot() -> None:
    owner, made = doomed(rule("forgotten", seconds=1), **ONE_SLOT)
    advance(owner, 0.999)
    before = owner.read(made).status_code, owner.create().status_code
    advance(owner, 0.001)

    after = owner.read(made).status_code, owner.create().status_code

    assert (before, after) == ((200, 429), (404, 200))
    assert owner.get(f"/outputs/{made}.webp").status_code == 404


def test_a_running_prediction_that_is_forgotten_is_free_and_sends_no_webhook() -> None:
    owner, _ = doomed(rule("forgotten", seconds=1))
    advance(owner, 60)

    assert (webhook(owner), total(owner)) == ([], "0")


def test_an_ended_prediction_that_is_forgotten_was_charged_and_sent_its_webhook() -> None:
    owner, made = doomed(rule("forgotten", seconds=10))
    advance(owner, 5)
    ended = owner.read(made).json["status"]
    advance(owner, 5)

    assert (ended, owner.read(made).status_code) == ("success", 404)
    assert webhook(owner) == ["succeeded"]
    assert total(owner) != "0"


def test_a_webhook_can_be_there_before_the_create_is_answered() -> None:
    owner = Owner()
    arm(owner, rule("early"))

    answer = owner.create(webhook_url=HOOK)

    [payload] = owner.receiver.payloads
    assert (payload["exec_id"], payload["status"]) == (answer.json["predictionID"], "succeeded")
    assert owner.read(payload["exec_id"]).json["status"] == "success"
    assert owner.pending() == [("window", 60.0)]


@pytest.mark.parametrize(
    ("rules", "sent"),
    [
        ((rule("early"), rule("fail")), ["failed"]),
        ((rule("fail"), rule("early")), ["failed"]),
        ((rule("early"), rule("stuck")), []),
        ((rule("stuck"), rule("early")), []),
        ((rule("early"), rule("forgotten")), []),
        ((rule("forgotten"), rule("early")), ["succeeded"]),
        ((rule("early"), rule("lost")), ["succeeded"]),
        ((rule("early"), rule("drop")), []),
        ((rule("early"), rule("late")), []),
    ],
)
def test_other_faults_decide_the_status_of_an_early_webhook(rules: tuple[dict[str, Any], ...], sent: list[str]) -> None:
    owner, _ = doomed(*rules)

    assert webhook(owner) == sent


@pytest.mark.parametrize(
    ("settings", "body", "status"),
    [
        ({}, b"{", 400),
        ({}, b'{"model": "nonsense", "input": {}}', 404),
        ({"max_in_flight": 1}, None, 429),
        ({"max_predictions": 1}, None, 429),
    ],
)
def test_a_refused_create_uses_nothing_up(settings: dict[str, Any], body: bytes | None, status: int) -> None:
    owner = Owner(**settings)
    owner.created()
    arm(owner, *(rule(each, times=1) for each in FATES))

    refused = owner.create() if body is None else owner.post(body)

    assert refused.status_code == status
    assert counts(owner) == [(0, 0)] * len(FATES)
