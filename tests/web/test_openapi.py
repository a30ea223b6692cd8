"""The contract document: a valid one, true to the page, and at this server's address."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest

from eachlabs_mock.web.openapi import find, openapi_document

BASE = "http://127.0.0.1:8780/v1"
PAGE = openapi_document("page", BASE)
SCHEMAS = PAGE["components"]["schemas"]
REQUESTS = {"CreateRequest", "QwenImageInput"}
ID = "5f0c2f3a-9d1b-4c0e-8a57-2b6f6c1d7e90"


def fits(value: object, schema: dict[str, Any]) -> bool:
    """Whether *value* is valid under *schema*, which may point into the document."""
    return jsonschema_rs.is_valid({**schema, "components": PAGE["components"]}, value)


def is_create(**fields: Any) -> bool:
    body = {"model": "qwen-image", "input": {"prompt": "a lighthouse"}, **fields}
    return fits(body, {"$ref": "#/components/schemas/CreateRequest"})


def is_input(**parameters: Any) -> bool:
    return is_create(input={"prompt": "a lighthouse", **parameters})


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Return *node*, or what it points to."""
    if "$ref" not in node:
        return node
    target: Any = PAGE
    for step in node["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return resolved(target)


def handlers() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in PAGE["paths"].items():
        for method in item.keys() & {"get", "head", "post"}:
            yield f"{method.upper()} {path}", item[method]


OPERATIONS = dict(handlers())


def media() -> Iterator[Any]:
    """Yield every JSON body that is described, with its examples: requests, answers, and the callback's."""
    callback = PAGE["paths"]["/prediction/"]["post"]["callbacks"]["finished"]["{$request.body#/webhook_url}"]["post"]
    for name, operation in [*sorted(OPERATIONS.items()), ("callback", callback)]:
        bodies = {"request": operation.get("requestBody", {})} | operation["responses"]
        for key, body in bodies.items():
            if described := resolved(body).get("content", {}).get("application/json"):
                yield pytest.param(described, id=f"{name} {key}")


def test_document_is_valid_openapi() -> None:
    openapi_spec_validator.validate(PAGE)


def test_server_is_the_one_that_serves_it() -> None:
    document = openapi_document("page", "https://mock.example/elsewhere/v1")

    assert [server["url"] for server in document["servers"]] == ["https://mock.example/elsewhere/v1"]


@pytest.mark.parametrize("server_url", ["https://mock.example/v1", "https://mock.example/v1/"])
def test_outputs_are_served_outside_the_base_path(server_url: str) -> None:
    document = openapi_document("page", server_url)

    outputs = document["paths"]["/outputs/{predictionID}.{extension}"]
    assert [server["url"] for server in outputs["servers"]] == ["https://mock.example"]


def test_no_server_is_the_paid_service() -> None:
    assert "eachlabs.ai" not in Path(find("page")).read_text(encoding="utf-8")


def test_caller_may_change_its_copy() -> None:
    openapi_document("page", BASE)["paths"].clear()

    assert openapi_document("page", BASE)["paths"]


def test_profile_without_a_document_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="no OpenAPI document for the profile 'paeg'; there is control, page"):
        openapi_document("paeg", BASE)


def test_profile_is_no_path() -> None:
    with pytest.raises(LookupError, match="no OpenAPI document"):
        find("../openapi/page")


def test_no_documents_at_all_are_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="there is none"):
        find("page", tmp_path)


# What is promised where


def test_page_has_eight_operations() -> None:
    assert sorted(OPERATIONS) == [
        "GET /docs",
        "GET /model",
        "GET /models",
        "GET /openapi.json",
        "GET /outputs/{predictionID}.{extension}",
        "GET /prediction/{predictionID}",
        "HEAD /outputs/{predictionID}.{extension}",
        "POST /prediction/",
    ]


@pytest.mark.parametrize(
    ("operation", "codes"),
    [
        ("POST /prediction/", ["200", "400", "401", "404", "405", "413", "429", "500"]),
        ("GET /prediction/{predictionID}", ["200", "401", "404", "405", "429", "500"]),
        ("GET /models", ["200", "400", "405", "500"]),
        ("GET /model", ["200", "400", "404", "405", "500"]),
        ("GET /docs", ["200", "405", "500"]),
        ("GET /openapi.json", ["200", "405", "500"]),
        ("GET /outputs/{predictionID}.{extension}", ["200", "206", "304", "404", "405", "416", "500"]),
    ],
)
def test_operation_answers_exactly_these_codes(operation: str, codes: list[str]) -> None:
    assert sorted(OPERATIONS[operation]["responses"]) == codes


def test_only_predictions_need_a_key() -> None:
    assert {name for name, operation in OPERATIONS.items() if operation.get("security") != []} == {
        "POST /prediction/",
        "GET /prediction/{predictionID}",
    }


def test_either_carrier_of_a_key_is_enough() -> None:
    assert PAGE["security"] == [{"ApiKey": []}, {"Bearer": []}]


@pytest.mark.parametrize("code", ["400", "401", "404", "405", "413", "429", "500"])
def test_every_refusal_of_a_create_has_the_one_error_body(code: str) -> None:
    response = resolved(OPERATIONS["POST /prediction/"]["responses"][code])

    assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


@pytest.mark.parametrize(("code", "header"), [("405", "Allow"), ("429", "Retry-After"), ("200", "X-Request-Id")])
def test_header_is_described_and_not_required(code: str, header: str) -> None:
    response = resolved(OPERATIONS["GET /prediction/{predictionID}"]["responses"][code])

    assert not resolved(response["headers"][header]).get("required", False)


@pytest.mark.parametrize(
    ("operation", "link", "source"),
    [
        ("POST /prediction/", "read", "$response.body#/predictionID"),
        ("GET /prediction/{predictionID}", "readAgain", "$request.path.predictionID"),
    ],
)
def test_answer_links_to_the_next_read(operation: str, link: str, source: str) -> None:
    followed = OPERATIONS[operation]["responses"]["200"]["links"][link]

    assert (followed["operationId"], followed["parameters"]) == ("getPrediction", {"predictionID": source})


def test_create_without_slash_is_a_tolerance_and_no_promise() -> None:
    assert "/prediction" not in PAGE["paths"]


# Bodies


@pytest.mark.parametrize("described", list(media()))
def test_every_example_fits_its_schema(described: dict[str, Any]) -> None:
    misfits = [name for name, it in described.get("examples", {}).items() if not fits(it["value"], described["schema"])]

    assert misfits == []


@pytest.mark.parametrize("name", sorted(SCHEMAS.keys() - REQUESTS))
def test_answer_requires_each_of_its_fields(name: str) -> None:
    schema = SCHEMAS[name]

    assert sorted(schema.get("required", [])) == sorted(schema.get("properties", {}))


def test_no_object_is_closed_in_the_published_document() -> None:
    assert [name for name, schema in SCHEMAS.items() if "additionalProperties" in schema] == []


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Created", {"status": "success", "message": "Prediction created successfully"}),
        ("Processing", {"status": "processing", "message": "Prediction is being processed"}),
        ("Succeeded", {"status": "success"}),
        ("Error", {"status": "error"}),
        ("WebhookSucceeded", {"status": "succeeded", "error": "", "flow_id": ""}),
        ("WebhookFailed", {"status": "failed", "output": "", "flow_id": ""}),
    ],
)
def test_literals_are_the_pages(name: str, fields: dict[str, str]) -> None:
    properties = SCHEMAS[name]["properties"]

    assert {field: schema["const"] for field, schema in properties.items() if "const" in schema} == fields


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Created", ["status", "message", "predictionID"]),
        ("Processing", ["status", "predictionID", "message"]),
        ("Succeeded", ["status", "predictionID", "output", "metrics"]),
        ("Error", ["status", "message", "details"]),
        ("WebhookSucceeded", ["error", "exec_id", "flow_id", "output", "status"]),
        ("WebhookFailed", ["error", "exec_id", "flow_id", "output", "status"]),
        ("Model", ["title", "slug", "version", "output_type", "request_schema", "cost"]),
        ("CatalogueError", ["error"]),
    ],
)
def test_key_set_is_the_pages(name: str, fields: list[str]) -> None:
    assert list(SCHEMAS[name]["properties"]) == fields


@pytest.mark.parametrize(
    ("body", "fitting"),
    [
        ({"status": "processing", "predictionID": ID, "message": "Prediction is being processed"}, True),
        ({"status": "success", "predictionID": ID, "output": "http://h/o.webp", "metrics": {"predict_time": 2}}, True),
        ({"status": "error", "message": "It failed.", "details": "Try again."}, True),
        ({"status": "created", "predictionID": ID, "message": "Prediction is being processed"}, False),
        ({"status": "processing", "predictionID": ID, "message": "Still busy"}, False),
        ({"status": "success", "predictionID": ID, "output": "/o.webp", "metrics": {"predict_time": 2}}, False),
        ({"status": "success", "predictionID": ID, "output": "http://h/o.webp", "metrics": {}}, False),
        ({"status": "success", "predictionID": ID, "metrics": {"predict_time": 2}}, False),
        ({"status": "error", "message": "", "details": "Try again."}, False),
        ({"status": "error", "message": "It failed."}, False),
    ],
)
def test_read_is_one_of_three_states(body: dict[str, Any], fitting: bool) -> None:  # noqa: FBT001  # a column of the table
    assert fits(body, SCHEMAS["Prediction"]) is fitting


# Requests


@pytest.mark.parametrize(
    ("name", "legal"),
    [
        ("prompt", ["a", "海"]),
        ("seed", [0, -1, 7.0, -(2**63), 2**64 - 1]),
        ("go_fast", [True, False]),
        ("guidance", [0, 10, 3.5, 1e-9]),
        ("aspect_ratio", ["1:1", "16:9", "9:16", "4:3", "3:4"]),
        ("output_format", ["webp", "jpg", "png"]),
        ("output_quality", [0, 100, 80.0]),
        ("num_inference_steps", [1, 50, 28.0]),
        ("disable_safety_checker", [True, False]),
    ],
)
def test_legal_values_of_a_parameter_fit(name: str, legal: list[Any]) -> None:
    assert [value for value in legal if not is_input(**{name: value})] == []


@pytest.mark.parametrize(
    ("name", "illegal"),
    [
        ("prompt", ["", 1, None, ["a"]]),
        ("seed", [0.5, "7", True, None, -(2**63) - 1, 2**64]),
        ("go_fast", ["true", 1, None]),
        ("guidance", [-0.0001, 10.0001, "4", True, None]),
        ("aspect_ratio", ["3:2", "2:3", "16:9 ", "", None]),
        ("output_format", ["jpeg", "WEBP", "", None]),
        ("output_quality", [-1, 101, 80.5, "80", True, None]),
        ("num_inference_steps", [0, 51, 28.5, "28", True, None]),
        ("disable_safety_checker", ["false", 0, None]),
    ],
)
def test_illegal_values_of_a_parameter_do_not_fit(name: str, illegal: list[Any]) -> None:
    assert [value for value in illegal if is_input(**{name: value})] == []


def test_defaults_are_the_pages() -> None:
    parameters = SCHEMAS["QwenImageInput"]["properties"]

    assert {name: schema["default"] for name, schema in parameters.items() if "default" in schema} == {
        "go_fast": True,
        "guidance": 4,
        "aspect_ratio": "16:9",
        "output_format": "webp",
        "output_quality": 80,
        "num_inference_steps": 50,
        "disable_safety_checker": False,
    }


@pytest.mark.parametrize("name", sorted(SCHEMAS["QwenImageInput"]["properties"].keys() - {"seed"}))
def test_document_and_model_file_state_the_same_rules(name: str) -> None:
    law = ("type", "minLength", "minimum", "maximum", "enum", "default")
    model_file = Path(__file__).parents[2] / "fixtures" / "models" / "qwen-image.json"
    enforced = json.loads(model_file.read_text(encoding="utf-8"))["request_schema"]["properties"][name]

    promised = SCHEMAS["QwenImageInput"]["properties"][name]
    assert {key: promised.get(key) for key in law} == {key: enforced.get(key) for key in law}


@pytest.mark.parametrize("missing", ["model", "input"])
def test_create_lacks_neither_model_nor_input(missing: str) -> None:
    body = {"model": "qwen-image", "input": {"prompt": "a lighthouse"}}
    del body[missing]

    assert not fits(body, {"$ref": "#/components/schemas/CreateRequest"})


def test_input_lacks_no_prompt() -> None:
    assert not is_create(input={})


def test_document_describes_creates_of_qwen_image_only() -> None:
    assert not is_create(model="flux-2-pro")


def test_unknown_keys_are_allowed_in_a_request() -> None:
    assert is_create(input={"prompt": "a lighthouse", "style": "etching"}, version=[1], trace={"id": None})


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        "http://127.0.0.1:9/finished",
        "https://your-domain.example/webhook?for=me#there",
        "http://[::1]:65535",
        "http://localhost/a%20b",
    ],
)
def test_webhook_address_fits(url: str | None) -> None:
    assert is_create(webhook_url=url)


@pytest.mark.parametrize(
    "url", ["finished", "/finished", "ftp://host/x", "http://", "http:///x", "http://host:65536/", "http://a b/", 1]
)
def test_what_is_no_webhook_address_does_not_fit(url: object) -> None:
    assert not is_create(webhook_url=url)
