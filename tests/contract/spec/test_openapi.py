"""The variants of the page's document: each is valid OpenAPI, and differs from the published one where it must."""

from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest

from eachlabs_contract.spec import model, openapi
from eachlabs_contract.spec.openapi import Document

ID = "5f0c2f3a-9d1b-4c0e-8a57-2b6f6c1d7e90"
QWEN = model.load_model()
CREATED = {"status": "success", "message": "Prediction created successfully", "predictionID": ID}
RUNNING = {"status": "processing", "predictionID": ID, "message": "Prediction is being processed"}
ENDED = {"status": "success", "predictionID": ID, "output": "http://h/o.webp", "metrics": {"predict_time": 2}}
FAILED = {"status": "error", "message": "It failed.", "details": "Try again."}
ANSWERS = [("Created", CREATED), ("Prediction", RUNNING), ("Prediction", ENDED), ("Prediction", FAILED)]


def fits(described: Document, name: str, value: object) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    return jsonschema_rs.is_valid(schema, value)


def takes(described: Document, **parameters: Any) -> bool:
    body = {"model": "qwen-image", "input": {"prompt": "a lighthouse", **parameters}}
    return openapi.create_validator(described).is_valid(body)


VARIANTS = {
    "published": openapi.published_document(),
    "closed": openapi.closed_document(openapi.published_document()),
    "judging": openapi.judging_document(QWEN),
    "judging exactly": openapi.judging_document(QWEN, exactly=True),
    "accepting": openapi.accepting_document(QWEN),
    "refusing": openapi.refusing_document(QWEN),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_is_valid_openapi(name: str) -> None:
    openapi_spec_validator.validate(VARIANTS[name])


@pytest.mark.parametrize("slug", ["z-image-turbo-lora", "flux-2-flex", "flux-2-pro"])
def test_variant_for_another_model_is_valid_openapi(slug: str) -> None:
    openapi_spec_validator.validate(openapi.accepting_document(model.load_model(slug)))


@pytest.mark.parametrize("slug", ["z-image-turbo-lora", "flux-2-flex", "flux-2-pro"])
def test_plain_input_of_another_model_is_surely_good(slug: str) -> None:
    other = model.load_model(slug)
    body = {"model": slug, "input": other.plain_input()}

    assert openapi.create_validator(openapi.accepting_document(other)).is_valid(body)


def test_a_variant_leaves_the_published_document_alone() -> None:
    published = openapi.published_document()
    openapi.closed_document(published)

    assert published == VARIANTS["published"]


# Answers


@pytest.mark.parametrize("variant", ["closed", "judging", "judging exactly"])
@pytest.mark.parametrize(("name", "body"), ANSWERS)
def test_answer_of_the_page_fits(variant: str, name: str, body: Document) -> None:
    assert fits(VARIANTS[variant], name, body)


@pytest.mark.parametrize(("variant", "fitting"), [("closed", False), ("judging exactly", False), ("judging", True)])
@pytest.mark.parametrize(("name", "body"), ANSWERS)
def test_answer_with_one_more_field_fits(variant: str, name: str, body: Document, fitting: bool) -> None:  # noqa: FBT001  # a column of the table
    assert fits(VARIANTS[variant], name, {**body, "region": "eu"}) is fitting


@pytest.mark.parametrize("variant", ["closed", "judging", "judging exactly"])
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Created", {**CREATED, "status": "created"}),
        ("Created", {"status": "success", "message": "Prediction created successfully", "prediction_id": ID}),
        ("Prediction", {**RUNNING, "status": "succeeded"}),
        ("Prediction", {**ENDED, "output": "/o.webp"}),
        ("Prediction", {**ENDED, "output": []}),
        ("Prediction", {"status": "error", "message": "It failed."}),
        ("Prediction", {}),
        ("Prediction", []),
    ],
)
def test_answer_that_the_page_does_not_show_does_not_fit(variant: str, name: str, body: object) -> None:
    assert not fits(VARIANTS[variant], name, body)


def test_several_outputs_fit_where_a_server_is_judged() -> None:
    body = {**ENDED, "output": ["http://h/1.webp", "http://h/2.webp"]}

    assert fits(VARIANTS["judging"], "Prediction", body)


def test_closed_document_leaves_requests_open() -> None:
    body = {"model": "qwen-image", "input": {"prompt": "a lighthouse", "style": "etching"}, "trace": 1}

    assert openapi.create_validator(VARIANTS["closed"]).is_valid(body)


def test_closed_document_closes_webhooks() -> None:
    body = {"error": "", "exec_id": ID, "flow_id": "", "output": "http://h/o.webp", "status": "succeeded", "more": 1}

    assert not fits(VARIANTS["closed"], "WebhookSucceeded", body)


def test_a_server_is_judged_by_the_two_operations_of_the_page() -> None:
    assert sorted(openapi.operations(VARIANTS["judging"])) == ["createPrediction", "getPrediction"]


@pytest.mark.parametrize(("operation", "code"), [("createPrediction", "429"), ("getPrediction", "429")])
def test_refusal_by_a_limit_is_no_answer_where_limits_are_off(operation: str, code: str) -> None:
    assert code not in openapi.operations(VARIANTS["judging"])[operation]["responses"]


# Requests


@pytest.mark.parametrize(
    "parameters",
    [{"guidance": 0}, {"guidance": 10}, {"num_inference_steps": 50}, {"seed": 0}, {"seed": 2**31}, {"go_fast": False}],
)
def test_value_of_the_page_is_surely_good(parameters: Document) -> None:
    assert takes(VARIANTS["accepting"], **parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"prompt": ""},
        {"prompt": " \t"},
        {"prompt": "a\x01b"},
        {"seed": -1},
        {"seed": 2**31 + 1},
        {"style": "etching"},
        {"guidance": 11},
    ],
)
def test_value_that_some_server_may_refuse_is_not_surely_good(parameters: Document) -> None:
    assert not takes(VARIANTS["accepting"], **parameters)


@pytest.mark.parametrize("name", ["webhook_url", "version", "trace"])
def test_field_beside_model_and_input_is_not_surely_good(name: str) -> None:
    body = {"model": "qwen-image", "input": {"prompt": "a lighthouse"}, name: ""}

    assert not openapi.create_validator(VARIANTS["accepting"]).is_valid(body)


@pytest.mark.parametrize("parameters", [{"prompt": ""}, {"seed": 2**64}, {"seed": -1}, {"style": 1}, {"guidance": 10}])
def test_value_that_some_server_may_take_is_not_surely_bad(parameters: Document) -> None:
    assert takes(VARIANTS["refusing"], **parameters)


@pytest.mark.parametrize(
    "parameters",
    [{"prompt": None}, {"seed": "7"}, {"seed": 0.5}, {"guidance": 10.0001}, {"aspect_ratio": "3:2"}, {"go_fast": 1}],
)
def test_value_against_the_page_is_surely_bad(parameters: Document) -> None:
    assert not takes(VARIANTS["refusing"], **parameters)


def test_number_without_known_bounds_is_pinned_to_its_default() -> None:
    schema = openapi.accepting_document(model.load_model("flux-2-flex"))["components"]["schemas"][openapi.INPUT]

    assert schema["properties"]["guidance_scale"] == {"enum": [3.5]}


def test_optional_parameter_of_which_nothing_is_known_is_left_out() -> None:
    given = model.Model("x", {"properties": {"prompt": {"type": "string"}, "mask": {"type": "string"}}, "required": []})
    schema = openapi.accepting_document(given)["components"]["schemas"][openapi.INPUT]

    assert list(schema["properties"]) == ["prompt"]
