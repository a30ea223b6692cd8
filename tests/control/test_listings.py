"""What an owner sees of a world: its predictions, the requests it had, the webhooks it sent; whole, or filtered."""

from typing import Any

import pytest

from eachlabs_mock.core.planner import Progress
from eachlabs_mock.webhooks.egress import Outcome
from helpers.harness import KEY, PROMPT, UNKNOWN_ID
from helpers.owner import FAIL, HOOK, Owner

LISTS = ["predictions", "requests", "deliveries"]


def shown(owner: Owner, name: str, query: str = "") -> list[dict[str, Any]]:
    """Return what a listing holds; *query* begins with a question mark."""
    found: list[dict[str, Any]] = owner.ask("GET", f"/{name}{query}")[name]
    return found


def lively() -> tuple[Owner, list[str]]:
    """Return an emulator with a prediction that succeeded, one that failed and one in flight; and their ids."""
    owner = Owner(send=lambda _, body, *__: Outcome(200, "", "") if b"succeeded" in body else Outcome(500, "", "no"))
    made = [owner.created(webhook_url=HOOK), owner.created(webhook_url=HOOK, headers={"X-API-Key": KEY, **FAIL})]
    owner.ask("POST", "/clock/advance", {"seconds": 3})
    return owner, [*made, owner.created(webhook_url=HOOK)]


@pytest.mark.parametrize("name", LISTS)
def test_a_new_world_has_nothing_to_show(name: str) -> None:
    assert Owner().ask("GET", f"/{name}") == {name: []}


def test_a_prediction_is_shown_with_all_that_is_known_of_it() -> None:
    owner = Owner()
    made = owner.created(webhook_url=HOOK, seed=5)

    assert shown(owner, "predictions") == [
        {
            "number": 1,
            "id": made,
            "model": "qwen-image",
            "status": "processing",
            "created_at": "2026-02-05T00:00:00.000Z",
            "ends_at": "2026-02-05T00:00:02.500Z",
            "predict_time": 2.5,
            "reads": 0,
            "seed": 5,
            "fetched": False,
            "input": f'{{"prompt":"{PROMPT}","seed":5}}',
            "output": [f"http://localhost/outputs/{made}.webp"],
            "webhook_url": HOOK,
        }
    ]


def test_an_end_that_nobody_knows_is_null_and_looking_does_not_count_as_a_read() -> None:
    owner = Owner(progress=Progress("reads", 2))
    made = owner.created()
    owner.read(made)

    [prediction] = shown(owner, "predictions") and shown(owner, "predictions")

    assert (prediction["ends_at"], prediction["reads"], prediction["status"]) == (None, 1, "processing")


def test_a_request_is_shown_with_both_bodies() -> None:
    owner = Owner()
    owner.read(UNKNOWN_ID)
    answer = owner.post(b'{"model": \xff}', headers={"X-Request-Id": "mine"})

    [_, request] = shown(owner, "requests")

    assert request == {
        "number": 2,
        "at": "2026-02-05T00:00:00.000Z",
        "came_at": "2026-02-05T00:00:00.000Z",
        "method": "POST",
        "path": "/v1/prediction/",
        "query": "",
        "status": 400,
        "request_id": "mine",
        "request": '{"model": \ufffd}',
        "response": answer.text,
        "user_agent": "",
        "keys": ["X-API-Key"],
        "retry_after": "",
        "faults": [],
        "ending": "complete",
    }


def test_a_webhook_is_shown_with_its_attempts() -> None:
    owner, [made, failed, _] = lively()

    [first, second] = shown(owner, "deliveries")

    assert (first["number"], first["execution_id"], first["url"]) == (1, made, HOOK)
    assert '"status":"succeeded"' in first["request"]
    assert first["attempts"] == [
        {
            "status": "SUCCESS",
            "status_code": 200,
            "response": "",
            "error_message": "",
            "created_at": "2026-02-05T00:00:02.500Z",
            "faults": [],
        }
    ]
    assert (second["execution_id"], second["attempts"][0]["status"]) == (failed, "FAILED")
    assert second["attempts"][0]["error_message"] == "no"


def test_requests_of_the_owner_and_of_nobody_are_not_shown() -> None:
    owner = Owner()
    owner.read(UNKNOWN_ID, key="invalid")
    owner.ask("GET", "/ledger")
    owner.get("/v1/models")

    assert shown(owner, "requests") == []


def test_the_key_is_not_shown() -> None:
    owner, _ = lively()

    assert KEY not in owner.get("/__mock/requests").text


def test_a_fetched_image_is_shown_without_its_bytes() -> None:
    owner, [made, *_] = lively()
    owner.get(f"/outputs/{made}.webp", key=None)

    last = shown(owner, "requests")[-1]

    assert (last["path"], last["status"], last["response"]) == (f"/outputs/{made}.webp", 200, "")


@pytest.mark.parametrize(("status", "places"), [("success", [0]), ("error", [1]), ("processing", [2])])
def test_predictions_are_filtered_by_status(status: str, places: list[int]) -> None:
    owner, ids = lively()

    assert [each["id"] for each in shown(owner, "predictions", f"?status={status}")] == [ids[each] for each in places]


@pytest.mark.parametrize(("status", "number"), [("200", 3), ("404", 1), ("500", 0)])
def test_requests_are_filtered_by_status_code(status: str, number: int) -> None:
    owner, _ = lively()
    owner.read(UNKNOWN_ID)

    assert len(shown(owner, "requests", f"?status={status}")) == number


@pytest.mark.parametrize(("status", "place"), [("SUCCESS", 0), ("FAILED", 1)])
def test_deliveries_are_filtered_by_their_last_attempt(status: str, place: int) -> None:
    owner, ids = lively()

    assert [each["execution_id"] for each in shown(owner, "deliveries", f"?status={status}")] == [ids[place]]


@pytest.mark.parametrize(("name", "total"), [("predictions", 3), ("requests", 3), ("deliveries", 2)])
def test_since_leaves_out_what_was_seen_and_keeps_the_newest_last(name: str, total: int) -> None:
    owner, _ = lively()

    whole = shown(owner, name)

    assert len(whole) == total
    assert [shown(owner, name, f"?since={seen}") for seen in range(total + 2)] == [whole[n:] for n in range(total + 2)]


@pytest.mark.parametrize("name", LISTS)
def test_since_is_the_number_of_the_last_one_seen_and_each_has_one(name: str) -> None:
    owner, _ = lively()

    assert [each["number"] for each in shown(owner, name)] == list(range(1, len(shown(owner, name)) + 1))


def test_since_means_the_same_after_the_oldest_predictions_have_made_way() -> None:
    owner = Owner(max_predictions=3)
    for _ in range(5):
        owner.created()
        owner.ask("POST", "/clock/next")

    seen = [[each["number"] for each in shown(owner, "predictions", f"?since={since}")] for since in (0, 3, 4, 5)]

    assert seen == [[3, 4, 5], [4, 5], [5], []]


def test_since_means_the_same_after_the_journal_was_reset(subtests: pytest.Subtests) -> None:
    owner, _ = lively()
    owner.ask("POST", "/reset?scope=journal")
    owner.ask("POST", "/clock/advance", {"seconds": 3})
    owner.read(UNKNOWN_ID)

    for name, seen, left in (("requests", 3, [4]), ("deliveries", 2, [3])):
        with subtests.test(name):
            assert [each["number"] for each in shown(owner, name, f"?since={seen}")] == left


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("query", "field", "detail"),
    [
        ("?since=-1", "since", "must be a number from 0"),
        ("?since=1.5", "since", "must be a whole number"),
        ("?since=yesterday", "since", "must be a number from 0"),
        ("?colour=red", "colour", "known fields: since, status"),
    ],
)
def test_a_filter_that_will_not_do_is_refused_with_what_would(name: str, query: str, field: str, detail: str) -> None:
    refusal = Owner().refusal("GET", f"/{name}{query}")

    assert refusal["field"] == field
    assert detail in refusal["detail"]


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("predictions", "must be one of processing, success, error"),
        ("requests", "must be a number from 0 to 599"),
        ("deliveries", "must be one of SUCCESS, FAILED"),
    ],
)
def test_a_status_that_nothing_ever_has_is_refused_with_those_there_are(name: str, detail: str) -> None:
    owner, _ = lively()

    refusal = owner.refusal("GET", f"/{name}?status=done")

    assert refusal["field"] == "status"
    assert detail in refusal["detail"]
