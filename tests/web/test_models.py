"""The two catalogue routes, with their own refusals, and the models that come with the emulator."""

from typing import Any

import pytest

from helpers.harness import Api

SLUGS = ["flux-2-flex", "flux-2-klein-9b-base-text-to-image", "flux-2-pro", "qwen-image", "z-image-turbo-lora"]
FIELDS = {"title", "slug", "version", "output_type", "request_schema", "cost"}


@pytest.fixture(scope="module")
def api() -> Api:
    """One emulator for them all: the catalogue never changes, and the lane has no part in it."""
    return Api()


def slugs(api: Api, query: str = "") -> list[str]:
    return [model["slug"] for model in api.get(f"/v1/models{query}").json]


def test_catalogue_is_a_bare_array_of_the_five_shipped_models(api: Api) -> None:
    answer = api.get("/v1/models")

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert isinstance(answer.json, list)
    assert sorted(slugs(api)) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_model_has_exactly_the_six_fields(api: Api, slug: str) -> None:
    model = api.get(f"/v1/model?slug={slug}").json

    assert set(model) == FIELDS
    assert (model["slug"], model["version"]) == (slug, "0.0.1")


@pytest.mark.parametrize("slug", SLUGS)
def test_model_alone_is_as_in_the_catalogue(api: Api, slug: str) -> None:
    (listed,) = [model for model in api.get("/v1/models").json if model["slug"] == slug]

    assert api.get(f"/v1/model?slug={slug}").json == listed


def test_cost_of_qwen_image_is_the_pages(api: Api) -> None:
    assert api.get("/v1/model?slug=qwen-image").json["cost"] == 0.025


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "qwen-image"])
def test_cost_that_is_not_known_is_null_and_not_0(api: Api, slug: str) -> None:
    assert api.get(f"/v1/model?slug={slug}").json["cost"] is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("seed", {"type": "integer"}),
        ("guidance", {"type": "number", "minimum": 0, "maximum": 10, "default": 4}),
        ("aspect_ratio", {"type": "string", "enum": ["1:1", "16:9", "9:16", "4:3", "3:4"], "default": "16:9"}),
        ("output_format", {"type": "string", "enum": ["webp", "jpg", "png"], "default": "webp"}),
        ("output_quality", {"type": "integer", "minimum": 0, "maximum": 100, "default": 80}),
        ("num_inference_steps", {"type": "integer", "minimum": 1, "maximum": 50, "default": 50}),
        ("go_fast", {"type": "boolean", "default": True}),
        ("disable_safety_checker", {"type": "boolean", "default": False}),
        ("prompt", {"type": "string", "minLength": 1}),
    ],
)
def test_schema_of_qwen_image_is_the_pages_table(api: Api, name: str, expected: dict[str, Any]) -> None:
    schema = api.get("/v1/model?slug=qwen-image").json["request_schema"]

    rules = ("type", "minimum", "maximum", "default", "enum", "minLength")
    assert {rule: value for rule, value in schema["properties"][name].items() if rule in rules} == expected
    assert schema["required"] == ["prompt"]


@pytest.mark.parametrize("query", ["", "?slug=", "?name=qwen-image"])
def test_model_without_a_slug_is_400_in_the_catalogues_own_words(api: Api, query: str) -> None:
    answer = api.get(f"/v1/model{query}")

    assert (answer.status_code, answer.json) == (400, {"error": "slug parameter is required"})


@pytest.mark.parametrize("slug", ["nonsense", "QWEN-IMAGE", "qwen-image%20", "qwen"])
def test_unknown_model_is_404_in_the_catalogues_own_words(api: Api, slug: str) -> None:
    answer = api.get(f"/v1/model?slug={slug}")

    assert (answer.status_code, answer.json) == (404, {"error": "Failed to fetch model: model not found"})


@pytest.mark.parametrize("limit", ["0", "-1", "501", "abc", "", "1.5", "+5", "1e2", "%20", "9" * 5000, "%D9%A3"])
def test_limit_outside_1_to_500_is_400_in_the_catalogues_own_words(api: Api, limit: str) -> None:
    answer = api.get(f"/v1/models?limit={limit}")

    assert (answer.status_code, answer.json) == (400, {"error": "invalid limit parameter"})


@pytest.mark.parametrize(("limit", "number"), [("1", 1), ("2", 2), ("5", 5), ("500", 5)])
def test_limit_bounds_the_number_of_models(api: Api, limit: str, number: int) -> None:
    assert len(slugs(api, f"?limit={limit}")) == number


@pytest.mark.parametrize("offset", ["-1", "abc", "1.5"])
def test_offset_that_is_no_number_from_0_is_400(api: Api, offset: str) -> None:
    answer = api.get(f"/v1/models?offset={offset}")

    assert answer.status_code == 400
    assert "offset" in answer.json["error"]


def test_pages_of_the_catalogue_join_into_the_whole(api: Api) -> None:
    paged = [slug for offset in range(0, 6, 2) for slug in slugs(api, f"?limit=2&offset={offset}")]

    assert paged == slugs(api)


@pytest.mark.parametrize("offset", ["5", "1000", "9" * 18, "9" * 500])
def test_offset_beyond_the_end_is_an_empty_array(api: Api, offset: str) -> None:
    assert slugs(api, f"?offset={offset}") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("qwen", ["qwen-image"]),
        ("QWEN", ["qwen-image"]),
        ("flux-2-p", ["flux-2-pro"]),
        ("", SLUGS),
        ("nonsense", []),
    ],
)
def test_name_filters_in_any_case(api: Api, name: str, expected: list[str]) -> None:
    assert sorted(slugs(api, f"?name={name}")) == expected


@pytest.mark.parametrize("path", ["/v1/models", "/v1/model?slug=qwen-image", "/v1/model?slug=x", "/v1/models?limit=0"])
@pytest.mark.parametrize("key", [None, "invalid"])
def test_catalogue_asks_for_no_key(api: Api, path: str, key: str | None) -> None:
    assert api.get(path, key=key).status_code != 401
