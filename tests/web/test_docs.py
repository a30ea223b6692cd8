"""The human page: what it tells, and that it stands on its own."""

import html
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from eachlabs_mock.web import docs
from eachlabs_mock.web.openapi import openapi_document

BASE = "http://127.0.0.1:8780/v1"


@dataclass(frozen=True)
class Facts:
    title: str = "Qwen Image"
    slug: str = "qwen-image"
    cost: Decimal | None = Decimal("0.0250")
    request_schema: Mapping[str, Any] = field(
        default_factory=lambda: {
            "required": ["prompt"],
            "properties": {
                "prompt": {"type": "string", "minLength": 1, "description": "What the picture shows."},
                "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 28},
                "ratio": {"type": "string", "enum": ["1:1", "16:9"], "default": "16:9"},
            },
        }
    )


def page(*models: Facts, base_url: str = BASE, **limits: str) -> str:
    return docs.render("page", base_url, models, limits)


def text(source: str) -> str:
    """Return what a reader sees, blanks and tags reduced to one blank."""
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", source, flags=re.DOTALL)).split())


def commands(source: str) -> list[list[str]]:
    """Return the words of every text on the page that is meant to be copied, as a shell splits them."""
    copied = re.findall(r'class="copy">(.*?)</code>', source, re.DOTALL)
    return [shlex.split(html.unescape(command).replace("\\\n", "")) for command in copied]


# On its own


def test_page_runs_no_script_and_loads_nothing() -> None:
    assert re.findall(r"<script|<img|<iframe|@import|url\(|\ssrc=|rel=\"stylesheet\"", page(Facts())) == []


def test_page_points_nowhere_but_to_this_server() -> None:
    assert set(re.findall(r"https?://[^/\"'<\s]+", page(Facts()))) == {"http://127.0.0.1:8780"}


def test_page_knows_light_and_dark_and_narrow_screens() -> None:
    source = page(Facts())

    assert "prefers-color-scheme: dark" in source
    assert "width=device-width" in source


def test_page_says_that_it_is_not_the_vendors() -> None:
    shown = text(page(Facts()))

    assert "Unofficial emulator" in shown
    assert "neither made nor endorsed by Eachlabs" in shown


def test_page_names_its_source_by_date() -> None:
    assert "the public model page of 2026-02-05" in text(page(Facts()))


def test_what_a_model_file_says_is_shown_and_not_obeyed() -> None:
    source = page(Facts(title="<b onclick=x>&", slug="'\"><i>"))

    assert "<b onclick" not in source
    assert "<i>" not in source
    assert "<b onclick=x>&" in html.unescape(source)


# What to copy


def test_base_url_can_be_copied() -> None:
    assert commands(page(Facts(), base_url="https://mock.example/v1"))[0] == ["https://mock.example/v1"]


def test_curl_creates_a_prediction_of_the_first_model() -> None:
    _, create, _ = commands(page(Facts(), Facts(slug="other")))

    assert create[:-1] == [
        *["curl", "-X", "POST", f"{BASE}/prediction/", "-H", "X-API-Key: YOUR_API_KEY"],
        *["-H", "Content-Type: application/json", "--data"],
    ]
    assert json.loads(create[-1]) == {"model": "qwen-image", "input": {"prompt": "a lighthouse made of paper"}}


def test_curl_reads_a_prediction() -> None:
    *_, read = commands(page(Facts()))

    assert read == ["curl", f"{BASE}/prediction/PREDICTION_ID", "-H", "X-API-Key: YOUR_API_KEY"]


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"type": "string"}, "a lighthouse made of paper"),
        ({"type": "string", "default": "it's"}, "it's"),
        ({"type": "string", "enum": ["jpg", "png"]}, "jpg"),
        ({"type": "boolean"}, True),
        ({"type": "integer", "minimum": 4}, 4),
        ({"type": "number"}, 1),
        ({"type": "array"}, []),
        ({"type": "object"}, {}),
        ({}, "a lighthouse made of paper"),
    ],
)
def test_required_parameter_gets_a_legal_value_in_the_curl(rules: dict[str, Any], value: object) -> None:
    _, create, _ = commands(page(Facts(request_schema={"required": ["it"], "properties": {"it": rules}})))

    assert json.loads(create[-1])["input"] == {"it": value}


def test_curl_without_models_shows_where_one_goes() -> None:
    _, create, _ = commands(page())

    assert json.loads(create[-1]) == {"model": "MODEL", "input": {}}


# What there is


def test_routes_are_those_of_the_contract_with_their_full_path() -> None:
    assert [(route.method, route.path, route.needs_key) for route in docs.routes(openapi_document("page", BASE))] == [
        ("POST", "/v1/prediction/", True),
        ("GET", "/v1/prediction/{predictionID}", True),
        ("GET", "/v1/models", False),
        ("GET", "/v1/model", False),
        ("GET", "/v1/docs", False),
        ("GET", "/v1/openapi.json", False),
        ("GET", "/outputs/{predictionID}.{extension}", False),
        ("HEAD", "/outputs/{predictionID}.{extension}", False),
    ]


def test_route_that_needs_a_key_says_so() -> None:
    shown = text(page(Facts()))

    assert "POST /v1/prediction/ Start a prediction needs a key GET" in shown
    assert "GET /v1/models List the models GET" in shown


def test_contract_is_linked() -> None:
    assert f'href="{BASE}/openapi.json"' in page(Facts())


def test_limits_are_shown_as_given() -> None:
    assert "Requests 100 per 60 s" in text(page(Facts(), Requests="100 per 60 s"))


@pytest.mark.parametrize(("cost", "shown"), [(Decimal("0.0250"), "0.0250 USD per execution"), (None, "price unknown")])
def test_price_is_exact_or_unknown(cost: Decimal | None, shown: str) -> None:
    assert f"Qwen Image qwen-image {shown}" in text(page(Facts(cost=cost)))


def test_free_model_is_not_one_of_unknown_price() -> None:
    assert "0 USD per execution" in text(page(Facts(cost=Decimal(0))))


def test_first_model_is_unfolded() -> None:
    assert re.findall(r"<details[^>]*>", page(Facts(), Facts(slug="other"))) == ["<details open>", "<details>"]


def test_parameters_are_told_in_words() -> None:
    shown = text(page(Facts()))

    assert "prompt required string of at least 1 character What the picture shows." in shown
    assert "steps integer from 1 to 50 default 28" in shown
    assert "ratio one of 1:1 16:9 default 16:9" in shown


def test_model_without_parameters_says_so() -> None:
    assert "No parameters" in text(page(Facts(request_schema={"type": "object"})))


def test_no_models_are_said_to_be_none() -> None:
    assert "Models No models are served." in text(page())


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "minLength": 2}, "string of at least 2 characters"),
        ({"type": "integer", "minimum": 0}, "integer of at least 0"),
        ({"type": "number", "maximum": 1.5}, "number of at most 1.5"),
        ({"type": "number", "minimum": 0, "maximum": 10}, "number from 0 to 10"),
        ({"type": ["string", "null"]}, "string or null"),
        ({}, "any value"),
    ],
)
def test_rule_says_type_and_bounds(rules: dict[str, Any], words: str) -> None:
    assert docs.rule(rules) == words


@pytest.mark.parametrize(("default", "shown"), [(False, "false"), (0, "0"), ("webp", "webp"), (None, "null")])
def test_falsy_default_is_still_a_default(default: object, shown: str) -> None:
    (parameter,) = docs.parameters({"properties": {"it": {"default": default}}})

    assert parameter.default == shown
