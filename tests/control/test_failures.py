"""Failures on order, and webhooks sent once more."""

import pytest

from eachlabs_mock.faults.predictions import INJECTED
from helpers.harness import UNKNOWN_ID
from helpers.owner import FAIL, HOOK, PATIENCE, STUCK, Owner, Postbox


def failing(times: int = 1, **settings: object) -> Owner:
    owner = Owner(**settings)
    owner.ask("POST", "/predictions/fail-next", {"times": times})
    return owner


def left(owner: Owner) -> int:
    """Return how many of the next predictions are to fail."""
    return sum(each.left or 0 for each in owner.world().rules.armed)


def ends(owner: Owner) -> list[str]:
    """Return how the predictions of the world ended, in order of creation."""
    owner.ask("POST", "/clock/advance", {"seconds": 3})
    return [each["status"] for each in owner.ask("GET", "/predictions")["predictions"]]


@pytest.mark.parametrize(("times", "expected"), [(1, ["error", "success"]), (2, ["error", "error"])])
def test_so_many_of_the_next_predictions_fail(times: int, expected: list[str]) -> None:
    owner = failing(times)
    for _ in expected:
        owner.created()

    assert ends(owner) == expected


def test_one_fails_unless_told_otherwise_and_orders_add_up() -> None:
    owner = Owner()

    waiting = [owner.ask("POST", "/predictions/fail-next", body)["waiting"] for body in ({}, {"times": 3}, None)]

    assert waiting == [1, 4, 5]


def test_a_failure_says_what_it_was_told_to_say() -> None:
    owner = Owner()
    owner.ask("POST", "/predictions/fail-next", {"message": "Out of paint", "details": "The tube is empty."})
    made = owner.created(webhook_url=HOOK)
    owner.ask("POST", "/clock/next")

    answer = owner.read(made).json

    assert (answer["status"], answer["message"], answer["details"]) == ("error", "Out of paint", "The tube is empty.")
    assert owner.receiver.payloads[0]["error"] == "Out of paint"


def test_a_failure_with_a_message_alone_has_the_usual_details() -> None:
    owner = Owner()
    owner.ask("POST", "/predictions/fail-next", {"message": "Out of paint"})

    [rule] = owner.ask("GET", "/faults")["faults"]
    assert (rule["message"], rule["details"]) == ("Out of paint", INJECTED.details)


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        ({}, b"{"),
        ({}, b'{"model": "nonsense", "input": {}}'),
        ({}, b'{"model": "qwen-image", "input": {}}'),
        ({}, b'{"model": "qwen-image", "input": {"prompt": "[mock:nonsense]"}}'),
        ({"max_in_flight": 1}, None),
        ({"max_predictions": 1}, None),
    ],
)
def test_a_refused_create_uses_no_failure_up(settings: dict[str, object], body: bytes | None) -> None:
    owner = Owner(**settings)
    owner.created()
    owner.ask("POST", "/predictions/fail-next")

    refused = owner.create() if body is None else owner.post(body)

    assert refused.status_code in {400, 404, 422, 429, 503}, refused.text
    assert left(owner) == 1


def test_a_create_without_a_good_key_uses_no_failure_up() -> None:
    owner = failing()
    owner.create(key="invalid")

    assert left(owner) == 1


@pytest.mark.parametrize("headers", [FAIL, STUCK])
def test_a_prediction_that_asks_for_its_own_fate_uses_no_failure_up(headers: dict[str, str]) -> None:
    owner = failing()
    owner.created(headers=headers)

    assert left(owner) == 1


def test_what_fails_on_order_costs_nothing() -> None:
    owner = failing()
    owner.created()

    assert ends(owner) == ["error"]
    assert owner.ask("GET", "/ledger")["total"] == "0"


@pytest.mark.parametrize(
    ("body", "field", "legal"),
    [
        ({"times": 0}, "times", "from 1 to 1000"),
        ({"times": 1001}, "times", "from 1 to 1000"),
        ({"times": 2.5}, "times", "a whole number"),
        ({"message": ["x"]}, "message", "a string"),
        ({"details": {}}, "details", "a string"),
        ({"n": 1}, "n", "known fields: times, message, details"),
    ],
)
def test_an_order_that_will_not_do_is_refused_and_nothing_will_fail(
    body: dict[str, object], field: str, legal: str
) -> None:
    owner = Owner()

    refusal = owner.refusal("POST", "/predictions/fail-next", body)

    assert refusal["field"] == field
    assert legal in refusal["detail"]
    assert not owner.world().rules


def test_a_webhook_is_sent_once_more_and_it_is_the_same() -> None:
    postbox = Postbox(500)
    owner = Owner(send=postbox.send)
    made = owner.created(webhook_url=HOOK)
    owner.ask("POST", "/clock/next")

    answer = owner.ask("POST", f"/deliveries/{made}/redeliver")

    postbox.await_attempts(2)
    assert answer == {"execution_id": made}
    assert postbox.bodies[0] == postbox.bodies[1]
    [delivery] = owner.ask("POST", "/deliveries/wait", {"status": "SUCCESS", "timeout": PATIENCE})["deliveries"]
    assert [each["status_code"] for each in delivery["attempts"]] == [500, 200]


def test_a_redelivery_that_fails_is_not_tried_again() -> None:
    postbox = Postbox(500, 500, 500, 500)
    owner = Owner(send=postbox.send, webhook_attempts=2)
    made = owner.created(webhook_url=HOOK)
    owner.ask("POST", "/clock/advance", {"seconds": 60})

    owner.ask("POST", f"/deliveries/{made}/redeliver")
    postbox.await_attempts(3)

    owner.ask("POST", "/clock/advance", {"seconds": 60})
    assert len(postbox.bodies) == 3


def test_only_what_has_ended_and_wants_a_webhook_can_be_redelivered(subtests: pytest.Subtests) -> None:
    owner = Owner()
    ended = owner.created()
    foreign = owner.created(webhook_url=HOOK, key="other")
    owner.ask("POST", "/clock/advance", {"seconds": 3})
    running = owner.created(webhook_url=HOOK)
    stuck = owner.created(webhook_url=HOOK, headers={"X-API-Key": "key-of-the-tests", **STUCK})

    for name, each in {"no webhook": ended, "foreign": foreign, "running": running, "stuck": stuck}.items():
        with subtests.test(name):
            assert each in owner.refusal("POST", f"/deliveries/{each}/redeliver", status=404)["detail"]
    assert owner.refusal("POST", f"/deliveries/{UNKNOWN_ID}/redeliver", status=404)
    assert owner.receiver.received == []
