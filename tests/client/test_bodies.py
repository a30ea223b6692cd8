"""What bodies mean, in both profiles, and that none of them crashes the reader."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_client import EachlabsError, Prediction, RefusedError, Status, UnreadableAnswerError
from eachlabs_client.bodies import read_created, read_object, read_prediction, read_refusal, text, write_object
from eachlabs_client.errors import BadRequestError
from helpers.client_fakes import CREATED, DONE, FAILED, ID, OUTPUT, RUNNING

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(["status", "message", "details", "error", "output", "metrics", "predictionID", "id", "exec_id"]),
    st.sampled_from(["success", "error", "succeeded", "failed", "processing", ""]) | JSON,
)
LIVE_FAILED = {
    "id": ID,
    "input": {"prompt": "x"},
    "status": "error",
    "output": {
        "error": "Execution failed",
        "error_code": "PROVIDER_REJECTED",
        "error_message": "The provider said no",
        "classification": {"category": "PROVIDER"},
    },
    "logs": None,
    "metrics": {"predict_time": 0, "cost": 0},
}


def test_running_prediction() -> None:
    expected = Prediction(ID, Status.PROCESSING, message="Prediction is being processed")

    assert read_prediction(ID, RUNNING) == expected


def test_finished_prediction() -> None:
    assert read_prediction(ID, DONE) == Prediction(ID, Status.SUCCESS, (OUTPUT,), predict_time=2.5)


def test_failed_prediction_has_the_id_that_was_asked_for() -> None:
    assert read_prediction(ID, FAILED) == Prediction(ID, Status.ERROR, message="It failed", details="The reason")


def test_failed_prediction_of_the_live_profile() -> None:
    expected = Prediction(
        ID, Status.ERROR, message="The provider said no", details="PROVIDER_REJECTED", predict_time=0.0
    )

    assert read_prediction(ID, LIVE_FAILED) == expected


@pytest.mark.parametrize(
    ("word", "finished", "succeeded"),
    [
        ("created", False, False),
        ("starting", False, False),
        ("processing", False, False),
        ("success", True, True),
        ("error", True, False),
        ("cancelled", True, False),
        ("succeeded", False, False),
        ("SUCCESS", False, False),
        ("failed", False, False),
        ("queued", False, False),
        ("", False, False),
    ],
)
def test_only_known_words_end_a_prediction(word: str, finished: bool, succeeded: bool) -> None:  # noqa: FBT001  # a column
    prediction = read_prediction(ID, {**DONE, "status": word})

    assert (prediction.finished, prediction.succeeded, bool(prediction.output)) == (finished, succeeded, succeeded)


def test_unknown_status_is_named() -> None:
    assert read_prediction(ID, {"status": "queued"}).message == "unknown status 'queued'"


@pytest.mark.parametrize("status", [None, 1, True, [], {}])
def test_status_that_is_no_text_is_unreadable(status: Any) -> None:
    with pytest.raises(UnreadableAnswerError, match="no status"):
        read_prediction(ID, {"status": status})


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (OUTPUT, (OUTPUT,)),
        ([OUTPUT, "b"], (OUTPUT, "b")),
        ([], ()),
        ("", ()),
        (None, ()),
        ({"url": "a"}, ('{"url": "a"}',)),
        (["a", {"url": "é"}, None], ("a", '{"url": "é"}')),
    ],
)
def test_outputs_keep_everything_that_was_paid_for(output: Any, expected: tuple[str, ...]) -> None:
    assert read_prediction(ID, {"status": "success", "output": output}).output == expected


@pytest.mark.parametrize(
    ("metrics", "seconds"),
    [
        ({"predict_time": 2.5}, 2.5),
        ({"predict_time": 17}, 17.0),
        ({"predict_time": 0}, 0.0),
        ({}, None),
        (None, None),
        ([], None),
        ({"predict_time": "2.5"}, None),
        ({"predict_time": True}, None),
        ({"predict_time": -1}, None),
        ({"predict_time": float("nan")}, None),
        ({"predict_time": 10**400}, None),
    ],
)
def test_predict_time_is_optional(metrics: Any, seconds: float | None) -> None:
    assert read_prediction(ID, {**DONE, "metrics": metrics}).predict_time == seconds


def test_created_id_is_prediction_id() -> None:
    assert read_created(CREATED) == ID


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "success", "id": ID},
        {"status": "success", "predictionID": ""},
        {"status": "success", "predictionID": 7},
        {"status": "processing", "predictionID": ID},
        {"predictionID": ID},
    ],
)
def test_create_answer_without_an_id_is_unreadable_and_not_definite(body: Any) -> None:
    with pytest.raises(UnreadableAnswerError, match="has no predictionID") as caught:
        read_created(body)

    assert not caught.value.definite


def test_create_answered_with_an_error_body_under_200_is_a_refusal_but_not_definite() -> None:
    with pytest.raises(RefusedError) as caught:
        read_created(FAILED)

    assert (caught.value.message, caught.value.details, caught.value.definite) == ("It failed", "The reason", False)


def test_create_answered_with_a_bare_error_status_says_what_it_means() -> None:
    with pytest.raises(RefusedError, match="the prediction was not created"):
        read_created({"status": "error"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (FAILED, ("It failed", "The reason")),
        ({"error": "Invalid or missing API key"}, ("Invalid or missing API key", "")),
        ({"status": 404, "error": "not found"}, ("not found", "")),
        ({"status": 402, "error": "payment required", "details": "0.01 left"}, ("payment required", "0.01 left")),
        ({"error": {"code": 7}}, ('{"code": 7}', "")),
        ({"message": ["a"], "details": {"b": 1}}, ('["a"]', '{"b": 1}')),
        ({}, ("", "")),
    ],
)
def test_refusals_of_both_profiles_are_read(body: Any, expected: tuple[str, str]) -> None:
    assert read_refusal(body) == expected


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<html>502</html>", "not JSON"),
        (b'{"status":', "not JSON"),
        (b"\xff\xfe\xfa", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"9" * 5000, "not JSON"),
        (b"[]", "JSON list"),
        (b"null", "JSON NoneType"),
        (b'"text"', "JSON str"),
    ],
)
def test_anything_but_an_object_is_unreadable(raw: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableAnswerError, match=complaint):
        read_object(raw)


def test_body_too_deep_to_write_again_is_shown_as_such() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]

    assert text(value) == "(nested too deeply to show)"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"bytes"])
def test_input_that_json_cannot_say_is_refused_before_anything_is_sent(value: Any) -> None:
    with pytest.raises(BadRequestError, match="cannot be written as JSON") as caught:
        write_object({"input": value})

    assert caught.value.definite


def test_input_with_a_cycle_is_refused() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)

    with pytest.raises(BadRequestError):
        write_object({"input": cycle})


@given(st.binary() | FIELDS.map(lambda fields: json.dumps(fields).encode()))
def test_reader_raises_nothing_but_eachlabs_errors(raw: bytes) -> None:
    for read in (read_created, lambda body: read_prediction(ID, body), read_refusal):
        with suppress(EachlabsError):
            read(read_object(raw))


@given(FIELDS)
def test_no_prediction_succeeds_under_another_word_than_success(fields: dict[str, Any]) -> None:
    try:
        prediction = read_prediction(ID, fields)
    except EachlabsError:
        return

    assert prediction.succeeded == (fields["status"] == "success")
