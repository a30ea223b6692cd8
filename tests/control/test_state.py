"""A world as one document: what is exported and imported again is the same world."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.harness import KEY, PROMPT, UNKNOWN_ID, Api
from helpers.owner import HOOK, Owner, named
from helpers.refusal import problem
from helpers.worlds import FEWER, STEP, Step, take, views


@pytest.fixture
def lived() -> Api:
    """An emulator whose world has something of everything."""
    api = Api()
    done = api.created(webhook_url=HOOK)
    api.created(prompt="[mock:fail]", webhook_url=HOOK)
    api.created(prompt="[mock:stuck]")
    api.advance(2.5)
    api.get(f"/outputs/{done}.webp")
    api.get(f"/v1/prediction/{UNKNOWN_ID}\xff")
    api.post(b"\xff")
    api.created(webhook_url=HOOK)
    api.call("PATCH", "/__mock/settings", data=b'{"duration": 17, "rate_limit": "7/60"}')
    api.call("POST", "/__mock/predictions/fail-next", data=b'{"message": "No GPU"}')
    return api


def export(api: Api, key: str = KEY) -> dict[str, Any]:
    answer = api.get("/__mock/state", key=key)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json
    return document


def put(api: Api, document: object, key: str = KEY) -> Any:
    return api.call("PUT", "/__mock/state", key=key, data=orjson.dumps(document))


def test_import_of_an_export_is_the_identity(lived: Api) -> None:
    exported = export(lived)

    assert put(lived, exported).status_code == 200

    assert export(lived) == exported


@FEWER
@given(st.lists(STEP, max_size=10), st.lists(STEP, max_size=5))
def test_an_imported_world_is_the_exported_one_and_lives_on_like_it(before: list[Step], after: list[Step]) -> None:
    first, second = Owner(), Owner(seed=8, start=None)
    for step in before:
        take(first, "w", step)
    exported = first.ask("GET", "/state", key=None, **named("w"))

    second.ask("PUT", "/state", exported, key=None, **named("w"))

    assert second.ask("GET", "/state", key=None, **named("w")) == exported
    lives_on = [step for step in after if not step[1].startswith("/__mock/reset")]  # that leads to each one's own start
    assert [take(second, "w", step) for step in lives_on] == [take(first, "w", step) for step in lives_on]
    assert views(second, "w") == views(first, "w")


def test_request_ids_go_on_in_the_imported_world(lived: Api) -> None:
    other = Api(seed=99)
    put(other, export(lived))

    ids = [api.read(UNKNOWN_ID).headers["X-Request-Id"] for api in (lived, other)]

    assert ids[0] == ids[1]


def test_numbers_are_not_used_again_though_the_journal_was_reset_before_the_export(lived: Api) -> None:
    lived.call("POST", "/__mock/reset?scope=journal")
    put(lived, export(lived))
    lived.read(UNKNOWN_ID)

    [entry] = lived.get("/__mock/requests").json["requests"]
    assert entry["number"] == 8


def test_what_a_state_does_not_tell_stays_that_of_the_emulator(lived: Api) -> None:
    other = Api(public_base_url="https://mock.test")
    put(other, export(lived))
    other.call("PATCH", "/__mock/settings", data=b'{"rate_limit": "off"}')

    other.created()

    assert other.get("/__mock/predictions?since=4").json["predictions"][0]["output"][0].startswith("https://mock.test/")


def test_another_emulator_goes_on_with_the_same_world(lived: Api) -> None:
    exported, other = export(lived), Api(seed=99)

    put(other, exported)
    other.clock = other.world().clock

    assert export(other) == exported
    assert other.create().json == lived.create().json
    assert other.create().status_code == lived.create().status_code == 429


def test_pending_webhook_goes_out_of_the_imported_world(lived: Api) -> None:
    other = Api()
    put(other, export(lived))
    other.clock = other.world().clock

    other.advance(2.5)

    assert [payload["status"] for payload in other.receiver.payloads] == ["succeeded"]


def test_money_already_spent_is_imported_too(lived: Api) -> None:
    other = Api()

    put(other, export(lived))

    assert other.get("/__mock/ledger").json == lived.get("/__mock/ledger").json


def test_world_of_another_name_takes_the_state_over() -> None:
    first, second = Api(), Api()
    prediction_id = first.created()
    document = export(first)

    assert put(second, document, key="another").status_code == 200

    assert second.read(prediction_id, key="another").json["status"] == "processing"
    assert second.read(prediction_id).status_code == 404


def test_ids_of_another_world_are_not_taken_from_it(lived: Api) -> None:
    answer = put(lived, export(lived), key="another")

    assert "another world has one of these ids" in problem(answer)
    assert answer.status_code == 400


AN_ATTEMPT = {"created_at": 1, "accepted": 1, "status_code": 200, "response": "", "error": ""}
A_DELIVERY = {"prediction_id": "x", "url": HOOK, "request": {"text": "{}"}, "number": 1, "attempts": [AN_ATTEMPT]}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("format", "something else", 'must be "eachlabs-mock world"'),
        ("version", 1, "this emulator reads version 3, not 1"),
        ("version", None, "this emulator reads version 3, not None"),
        ("seed", "x", "invalid literal"),
        ("numbers", {"predictions": 4}, "request_ids"),
        ("clock", {}, "mode"),
        ("clock", {"mode": "fast", "speed": 1, "now": 1}, "must be one of real, scaled, manual, auto"),
        ("clock", {"mode": "scaled", "speed": 0, "now": 1}, "must be a positive number"),
        ("clock", {"mode": "scaled", "speed": "nan", "now": 1}, "must be a positive number"),
        ("predictions", [{}], "plan"),
        ("predictions", 3, "int"),
        ("arrivals", ["soon"], "invalid literal"),
        ("evicted", [["qwen-image", "done", 1]], "'done' is not a valid Status"),
        ("rules", [{"rule": {"fault": "fail"}}], "since"),
        ("rules", [{"rule": {"fault": "fall"}, "since": 1, "matches": 0, "strikes": 0}], "unknown fault 'fall'"),
        ("bound_rules", [3], "not subscriptable"),
        ("settings", {"speed": 1}, "'speed' is not a setting of a world"),
        ("settings", {"duration": "soon"}, "duration: 'soon' is neither"),
        ("pending", [{"at": 1, "prediction": "nobody", "number": 1, "letters": None, "faults": []}], "nobody"),
        ("deliveries", [A_DELIVERY], "accepted cannot be 1"),
        ("journal", [{"request": {"base64": "?"}}], "response"),
    ],
)
def test_document_that_is_no_state_is_refused_by_field_and_changes_nothing(
    lived: Api, field: str, value: object, told: str
) -> None:
    before = export(lived)

    answer = put(lived, {**before, field: value})

    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert problem(answer).startswith(f"{field}: ")
    assert told in problem(answer)
    assert export(lived) == before


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("created_at", "soon"),
        ("many", "no"),
        ("ordinal", None),
        ("plan", {"steps": [], "failure": {}}),
        ("ended_at", ""),
    ],
)
def test_prediction_with_a_fact_of_the_wrong_kind_is_refused_and_changes_nothing(
    lived: Api, fact: str, value: object
) -> None:
    before = export(lived)
    first, *others = before["predictions"]

    answer = put(lived, {**before, "predictions": [{**first, fact: value}, *others]})

    assert (answer.status_code, answer.json["field"]) == (400, "predictions")
    assert export(lived) == before


def test_plan_that_moves_by_nothing_known_is_refused(lived: Api) -> None:
    document = export(lived)
    document["predictions"][0]["plan"]["unit"] = "days"

    assert "unit cannot be 'days'" in problem(put(lived, document))


def test_state_that_is_no_object_is_refused(lived: Api) -> None:
    assert "format" in problem(put(lived, [PROMPT]))


def test_contract_of_the_control_plane_lists_every_route() -> None:
    api = Api()
    rules = [rule for rule in api.app.flask.url_map.iter_rules() if rule.rule.startswith("/__mock/")]
    served = {
        (rule.rule.removeprefix("/__mock").replace("<", "{").replace(">", "}"), method.lower())
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    paths = api.get("/__mock/openapi.json", key=None).json["paths"]

    assert {(path, method) for path, handlers in paths.items() for method in handlers} == served
