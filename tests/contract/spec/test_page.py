"""The page's bodies are read as it shows them, and whatever is wrong with one is named."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.spec.dialects import page
from eachlabs_contract.spec.dialects.page import Body
from eachlabs_contract.spec.lifecycle import Status

ID = "25cd93ae-5046-462d-85ec-7c2ec5710321"
URL = "https://output-url.com/result"
CREATED = {"status": "success", "message": "Prediction created successfully", "predictionID": ID}
PROCESSING = {"status": "processing", "predictionID": ID, "message": "Prediction is being processed"}
SUCCESS = {"status": "success", "predictionID": ID, "output": URL, "metrics": {"predict_time": 2.5}}
ERROR = {"status": "error", "message": "Error description", "details": "Additional error details"}
SUCCEEDED = {"error": "", "exec_id": ID, "flow_id": "", "output": URL, "status": "succeeded"}
FAILED = {"error": "Error description here", "exec_id": ID, "flow_id": "", "output": "", "status": "failed"}

READERS = {"created": page.created, "prediction": page.prediction, "refusal": page.refusal, "webhook": page.webhook}
SAMPLES = [
    ("created", CREATED),
    ("prediction", PROCESSING),
    ("prediction", SUCCESS),
    ("prediction", ERROR),
    ("refusal", ERROR),
    ("webhook", SUCCEEDED),
    ("webhook", FAILED),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["status", "predictionID", "message", "details", "output", "metrics", "error", "exec_id", "id"]
)
WORDS = JSON | st.sampled_from(["success", "processing", "error", "succeeded", "failed", 10**400])


@pytest.mark.parametrize(("reader", "document"), SAMPLES)
def test_what_the_page_shows_is_read_without_complaint_or_doubt(reader: str, document: dict[str, Any]) -> None:
    seen = READERS[reader](document)

    assert (seen.complaints, seen.doubts, seen.extra) == ((), (), ())


@pytest.mark.parametrize(("reader", "document", "name"), [(*each, name) for each in SAMPLES for name in each[1]])
def test_a_field_that_is_missing_is_named(reader: str, document: dict[str, Any], name: str) -> None:
    seen = READERS[reader]({key: value for key, value in document.items() if key != name})

    assert any(f"`{name}`" in each for each in seen.complaints)


@pytest.mark.parametrize(("reader", "document", "name"), [(*each, name) for each in SAMPLES for name in each[1]])
def test_a_field_that_is_a_boolean_is_named(reader: str, document: dict[str, Any], name: str) -> None:
    seen = READERS[reader]({**document, name: True})

    assert any(f"`{name}` must" in each for each in seen.complaints)


@pytest.mark.parametrize(("reader", "document"), SAMPLES)
def test_a_field_that_the_page_does_not_name_is_listed_and_no_complaint(reader: str, document: dict[str, Any]) -> None:
    seen = READERS[reader]({**document, "queue": 3})

    assert (seen.complaints, seen.extra) == ((), ("queue",))


@pytest.mark.parametrize("document", [CREATED, PROCESSING, ERROR])
@pytest.mark.parametrize("name", ["output", "metrics"])
def test_a_result_where_there_is_none_is_a_complaint_unless_it_is_null(document: dict[str, Any], name: str) -> None:
    read = page.created if document is CREATED else page.prediction

    assert read({**document, name: "x"}).complaints == (f"`{name}` must not be here; it is 'x'",)
    assert read({**document, name: None}).complaints == ()


@pytest.mark.parametrize(
    ("read", "document", "doubt"),
    [
        (page.created, {**CREATED, "predictionID": "job-1"}, "`predictionID` should be a UUID; it is 'job-1'"),
        (page.created, {**CREATED, "id": ID}, "`id` must not be here: the page calls it `predictionID`"),
        (
            page.prediction,
            {**PROCESSING, "predictionID": ID[:-1]},
            f"`predictionID` should be a UUID; it is '{ID[:-1]}'",
        ),
        (page.prediction, {**ERROR, "details": ""}, "`details` should not be empty"),
        (page.refusal, {**ERROR, "message": ""}, "`message` should not be empty"),
        (page.webhook, {**SUCCEEDED, "exec_id": "job-1"}, "`exec_id` should be a UUID; it is 'job-1'"),
    ],
)
def test_what_keeps_to_the_letter_only_is_a_doubt(read: Callable[[object], Body], document: object, doubt: str) -> None:
    assert (read(document).complaints, read(document).doubts) == ((), (doubt,))


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({**SUCCESS, "status": "succeeded"}, "`status` must be one of processing, success, error; it is 'succeeded'"),
        ({**SUCCESS, "output": "result"}, "`output` must be an absolute URL or a list of them; it is 'result'"),
        ({**SUCCESS, "output": []}, "`output` must be an absolute URL or a list of them; it is []"),
        ({**SUCCESS, "metrics": {}}, "`metrics` must hold `predict_time` in seconds, 0 or more; it is {}"),
        ({**PROCESSING, "message": "Wait"}, "`message` must be 'Prediction is being processed'; it is 'Wait'"),
        ({**ERROR, "details": None}, "`details` must be a string; it is None"),
        ([], "the body must be a JSON object; it is the JSON list '[]'"),
        (None, "the body must be a JSON object; it is not JSON"),
    ],
)
def test_what_is_wrong_with_a_read_is_told(document: object, complaint: str) -> None:
    assert page.prediction(document).complaints == (complaint,)


@pytest.mark.parametrize("seconds", [-1, True, "2.5", None, float("inf"), float("nan"), 10**400])
def test_a_predict_time_that_is_no_number_of_seconds_is_none(seconds: object) -> None:
    assert page.prediction({**SUCCESS, "metrics": {"predict_time": seconds}}).predict_time is None


@pytest.mark.parametrize("read", [page.created, page.refusal, page.webhook])
def test_a_body_that_is_no_object_is_told(read: Callable[[object], Body]) -> None:
    assert read([1]).complaints == ("the body must be a JSON object; it is the JSON list '[1]'",)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({**SUCCEEDED, "status": "success"}, "`status` must be succeeded or failed; it is 'success'"),
        ({**SUCCEEDED, "error": None}, "`error` must be ''; it is None"),
        ({**SUCCEEDED, "output": ""}, "`output` must be the URL of the file; it is ''"),
        ({**FAILED, "error": ""}, "`error` must be a string that is not empty; it is ''"),
        ({**FAILED, "output": URL}, f"`output` must be ''; it is {URL!r}"),
        ({**FAILED, "flow_id": None}, "`flow_id` must be ''; it is None"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_told(document: object, complaint: str) -> None:
    assert page.webhook(document).complaints == (complaint,)


def test_a_read_says_what_the_page_says() -> None:
    assert page.prediction(SUCCESS) == Body(Status.SUCCESS, ID, URL, 2.5)
    assert page.webhook(FAILED) == Body(Status.ERROR, ID, message="Error description here")


def test_a_list_of_outputs_is_an_output() -> None:
    assert page.prediction({**SUCCESS, "output": [URL, URL]}).output == (URL, URL)


def test_the_facts_of_a_read_are_the_fields_that_the_page_names() -> None:
    assert page.facts({**ERROR, "predictionID": ID}) == ERROR
    assert page.facts({"status": "gone"}) == {}


@pytest.mark.parametrize("reader", READERS)
@given(document=st.dictionaries(FIELDS, WORDS, max_size=6) | JSON)
def test_no_body_is_beyond_a_reader(reader: str, document: object) -> None:
    assert isinstance(READERS[reader](document), Body)
