"""Faults of bodies, in responses and webhooks, with and without the lane."""

from typing import Any

import orjson
import pytest

from eachlabs_mock.faults.bodies import EXTRA
from helpers.armed import HOOK, arm, ended, rule, take
from helpers.harness import Api
from helpers.owner import Owner, Postbox

WRITTEN = ("create", "read", "models")
NOVELTIES = {"request_id", "queue_position", "usage", "deprecated"}


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


def plain(api: Api, route: str, made: str) -> Any:
    """Return the JSON that *route* answers where nothing goes wrong."""
    return take(api, route, made).json


@pytest.mark.parametrize("route", WRITTEN)
def test_json_lacks_its_last_character_and_its_length_agrees(api: Api, route: str) -> None:
    made = ended(api)
    arm(api, rule("malformed_json", route=route))

    answer = take(api, route, made)

    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(answer.data)
    assert answer.content_type == "application/json"
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_body_can_be_missing(api: Api, subtests: pytest.Subtests) -> None:
    made = ended(api)
    for route in (*WRITTEN, "output"):
        with subtests.test(route=route):
            arm(api, rule("empty_body", route=route))

            answer = take(api, route, made)

            assert (answer.status_code, answer.data, answer.headers["Content-Length"]) == (200, b"", "0")


def test_a_body_can_have_a_wrong_content_type(api: Api, subtests: pytest.Subtests) -> None:
    made = ended(api)
    for route in (*WRITTEN, "output"):
        with subtests.test(route=route):
            arm(api, rule("wrong_content_type", content_type="text/csv", route=route))

            answer = take(api, route, made)

            assert (answer.status_code, answer.content_type) == (200, "text/csv")
            assert len(answer.data) > 50


@pytest.mark.parametrize("route", ["create", "read"])
def test_a_body_can_have_undocumented_fields(api: Api, route: str) -> None:
    made = ended(api)
    usual = plain(api, route, made)
    arm(api, rule("extra_fields", route=route))

    answer = plain(api, route, made)

    assert set(answer) == set(usual) | NOVELTIES
    assert {type(each) for each in EXTRA.values()} == {str, int, dict, bool}


@pytest.mark.parametrize(("route", "field"), [("create", "predictionID"), ("read", "output"), ("read", "status")])
def test_a_field_can_be_missing(api: Api, route: str, field: str) -> None:
    made = ended(api)
    usual = plain(api, route, made)
    arm(api, rule("missing_field", field=field, route=route))

    assert set(plain(api, route, made)) == set(usual) - {field}


@pytest.mark.parametrize(("given", "word"), [({}, "queued"), ({"word": "moderating"}, "moderating")])
def test_a_status_can_be_an_undocumented_word(api: Api, given: dict[str, str], word: str) -> None:
    made = ended(api)
    usual = plain(api, "read", made)
    arm(api, rule("unknown_status", route="read", **given))

    assert plain(api, "read", made) == {**usual, "status": word}


@pytest.mark.parametrize("fault", ["extra_fields", "missing_field", "unknown_status"])
def test_a_body_that_is_not_an_object_is_not_edited(api: Api, fault: str) -> None:
    arm(api, rule("empty_body"), rule(fault))
    inner = api.create()
    arm(api, rule(fault), rule("empty_body"))

    assert (inner.data, api.create().data) == (b"", b"")


def test_an_output_with_an_image_type_may_not_be_an_image(api: Api) -> None:
    made = ended(api)
    arm(api, rule("not_an_image"))

    answer = take(api, "output", made)

    assert (answer.status_code, answer.content_type) == (200, "image/webp")
    assert answer.data == b"This is not an image.\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (rule("empty_body"), b""),
        (rule("malformed_json"), None),
        (rule("extra_fields"), {**EXTRA}),
        (rule("missing_field", field="exec_id"), {"exec_id": None}),
        (rule("unknown_status"), {"status": "queued"}),
    ],
)
def test_a_webhook_is_corrupted_like_a_response(postbox: Postbox, given: dict[str, Any], expected: Any) -> None:
    owner = Owner(send=postbox.send)
    arm(owner, {**given, "route": "webhook"})
    owner.created(webhook_url=HOOK)
    owner.ask("POST", "/clock/next")

    [body] = postbox.bodies
    if isinstance(expected, dict):
        assert {name: orjson.loads(body).get(name) for name in expected} == expected
    elif expected is None:
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(body)
    else:
        assert body == expected


def test_a_webhook_can_have_a_wrong_content_type() -> None:
    owner = Owner()
    arm(owner, rule("wrong_content_type", route="webhook"))
    owner.created(webhook_url=HOOK)
    owner.ask("POST", "/clock/next")

    assert owner.receiver.headers[0]["Content-Type"] == "text/html"
