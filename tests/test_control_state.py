"""A world as one document: what is exported and imported again is the same world."""

import copy
from typing import Any

import orjson
import pytest
from harness import KEY, PROMPT, UNKNOWN_ID, Api
from refusal import problem

HOOK = "http://127.0.0.1:9/hook"


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
    api.created(webhook_url=HOOK)
    api.call("PATCH", "/__mock/settings", data=b'{"duration": 17, "rate_limit": "6/60"}')
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

    assert "another world's already" in problem(answer)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "something else"}, "format: must be"),
        ({"version": 2}, "version: this emulator reads version 1, not 2"),
        ({"clock": {}}, "mode"),
        ({"clock": {"mode": "fast", "speed": 1, "now": 1}}, "none of real, scaled, manual, auto"),
        ({"predictions": [{}]}, "plan"),
        ({"predictions": 3}, "int"),
        ({"settings": {"speed": 1}}, "'speed' is no setting of a world"),
        ({"pending": [{"at": 1, "prediction": "nobody", "number": 1}]}, "nobody"),
    ],
)
def test_document_that_is_no_state_changes_nothing(lived: Api, change: dict[str, Any], told: str) -> None:
    before = export(lived)

    answer = put(lived, {**copy.deepcopy(before), **change})

    assert answer.status_code == 400
    assert told in problem(answer)
    assert export(lived) == before


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

    assert {(path, method) for path, operations in paths.items() for method in operations} == served
