"""Inputs against the schema of their model: every bound at its edge, one step outside, and every type confused."""

from typing import Any

import pytest

from helpers.harness import Api, MakeApi
from helpers.refusal import page_error

ACCEPTED = [
    {"prompt": "p"},
    {"prompt": "x" * 5000},
    {"prompt": " "},
    {"seed": 0},
    {"seed": -1},
    {"seed": 2**63},
    {"seed": 7.0},
    {"go_fast": True},
    {"go_fast": False},
    {"guidance": 0},
    {"guidance": 10},
    {"guidance": 0.0},
    {"guidance": 10.0},
    {"guidance": 3.5},
    {"aspect_ratio": "1:1"},
    {"aspect_ratio": "16:9"},
    {"aspect_ratio": "9:16"},
    {"aspect_ratio": "4:3"},
    {"aspect_ratio": "3:4"},
    {"output_format": "webp"},
    {"output_format": "jpg"},
    {"output_format": "png"},
    {"output_quality": 0},
    {"output_quality": 100},
    {"output_quality": 100.0},
    {"num_inference_steps": 1},
    {"num_inference_steps": 50},
    {"num_inference_steps": 50.0},
    {"disable_safety_checker": True},
    {"disable_safety_checker": False},
    {"unknown": {"a": [1]}},
]
REFUSED = [
    {"prompt": ""},
    {"seed": 1.5},
    {"seed": 0.1},
    {"guidance": -1},
    {"guidance": -0.001},
    {"guidance": 10.001},
    {"guidance": 11},
    {"aspect_ratio": "3:2"},
    {"aspect_ratio": "2:3"},
    {"aspect_ratio": ""},
    {"aspect_ratio": "16x9"},
    {"aspect_ratio": "16:9 "},
    {"output_format": "jpeg"},
    {"output_format": "WEBP"},
    {"output_format": "gif"},
    {"output_format": ""},
    {"output_quality": -1},
    {"output_quality": 101},
    {"output_quality": 80.5},
    {"num_inference_steps": 0},
    {"num_inference_steps": 51},
    {"num_inference_steps": 49.5},
    {"num_inference_steps": -1},
]
SIZES = ["square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9"]
OTHERS_ACCEPTED = [
    *(
        (model, {"num_images": number})
        for model in ("z-image-turbo-lora", "flux-2-klein-9b-base-text-to-image")
        for number in (1, 4)
    ),
    *(
        (model, {"image_size": size})
        for model in ("z-image-turbo-lora", "flux-2-flex", "flux-2-pro", "flux-2-klein-9b-base-text-to-image")
        for size in SIZES
    ),
    *(
        (model, {"output_format": "jpeg"})
        for model in ("z-image-turbo-lora", "flux-2-flex", "flux-2-pro", "flux-2-klein-9b-base-text-to-image")
    ),
    ("flux-2-flex", {"guidance_scale": 1000}),
    ("flux-2-flex", {"num_inference_steps": 1000}),
    ("flux-2-flex", {"safety_tolerance": "1"}),
    ("flux-2-pro", {"safety_tolerance": "5"}),
    ("z-image-turbo-lora", {"acceleration": "regular"}),
    ("z-image-turbo-lora", {"loras": []}),
    ("z-image-turbo-lora", {"sync_mode": True}),
    ("flux-2-pro", {"sync_mode": True}),
]
OTHERS_REFUSED = [
    *(
        (model, {"num_images": number})
        for model in ("z-image-turbo-lora", "flux-2-klein-9b-base-text-to-image")
        for number in (0, 5, -1, 1.5)
    ),
    *(
        (model, {"image_size": size})
        for model in ("z-image-turbo-lora", "flux-2-flex", "flux-2-pro", "flux-2-klein-9b-base-text-to-image")
        for size in ("huge", "", "16:9", " square")
    ),
    ("flux-2-flex", {"output_format": "webp"}),
    ("flux-2-pro", {"output_format": "jpg"}),
    ("flux-2-flex", {"safety_tolerance": "0"}),
    ("flux-2-pro", {"safety_tolerance": "6"}),
    ("flux-2-pro", {"safety_tolerance": 2}),
    ("z-image-turbo-lora", {"acceleration": "fast"}),
    ("flux-2-klein-9b-base-text-to-image", {"acceleration": ""}),
    *(
        (model, {"prompt": ""})
        for model in ("z-image-turbo-lora", "flux-2-flex", "flux-2-pro", "flux-2-klein-9b-base-text-to-image")
    ),
]
CONFUSIONS: dict[str, list[Any]] = {
    "string": [None, True, 5, 1.5, [], ["p"], {}],
    "integer": [None, True, False, "4", "", 1.5, [], [4], {}],
    "number": [None, True, False, "4", "3.5", "", [], {}],
    "boolean": [None, 0, 1, "true", "false", "", [], {}],
    "array": [None, True, 5, "[]", "", {}],
}
PARAMETERS = {
    "qwen-image": {
        "prompt": "string",
        "seed": "integer",
        "go_fast": "boolean",
        "guidance": "number",
        "aspect_ratio": "string",
        "output_format": "string",
        "output_quality": "integer",
        "num_inference_steps": "integer",
        "disable_safety_checker": "boolean",
    },
    "z-image-turbo-lora": {
        "prompt": "string",
        "loras": "array",
        "image_size": "string",
        "num_inference_steps": "integer",
        "seed": "integer",
        "sync_mode": "boolean",
        "num_images": "integer",
        "enable_safety_checker": "boolean",
        "enable_prompt_expansion": "boolean",
        "output_format": "string",
        "acceleration": "string",
    },
    "flux-2-flex": {
        "prompt": "string",
        "image_size": "string",
        "guidance_scale": "number",
        "num_inference_steps": "integer",
        "safety_tolerance": "string",
        "enable_safety_checker": "boolean",
        "output_format": "string",
        "enable_prompt_expansion": "boolean",
        "sync_mode": "boolean",
        "seed": "integer",
    },
    "flux-2-pro": {
        "prompt": "string",
        "image_size": "string",
        "seed": "integer",
        "safety_tolerance": "string",
        "enable_safety_checker": "boolean",
        "output_format": "string",
        "sync_mode": "boolean",
    },
    "flux-2-klein-9b-base-text-to-image": {
        "prompt": "string",
        "negative_prompt": "string",
        "guidance_scale": "number",
        "seed": "integer",
        "num_inference_steps": "integer",
        "image_size": "string",
        "num_images": "integer",
        "acceleration": "string",
        "sync_mode": "boolean",
        "enable_safety_checker": "boolean",
        "output_format": "string",
    },
}


@pytest.fixture
def free(make_api: MakeApi) -> Api:
    """An emulator without limits."""
    return make_api(rate_limit=None, max_in_flight=None)


def test_value_within_the_table_of_qwen_image_is_accepted(free: Api, subtests: pytest.Subtests) -> None:
    for given in ACCEPTED:
        with subtests.test(given=given):
            assert free.create(**given).status_code == 200


def test_value_outside_the_table_of_qwen_image_is_400_and_names_its_field(free: Api, subtests: pytest.Subtests) -> None:
    for given in REFUSED:
        with subtests.test(given=given):
            answer = free.create(**given)

            assert next(iter(given)) in page_error(answer, 400)
            assert answer.json["message"] == "Invalid input parameters"


def test_value_within_the_table_of_another_model_is_accepted(free: Api, subtests: pytest.Subtests) -> None:
    for model, given in OTHERS_ACCEPTED:
        with subtests.test(model=model, given=given):
            assert free.create(model=model, **given).status_code == 200


def test_value_outside_the_table_of_another_model_is_400(free: Api, subtests: pytest.Subtests) -> None:
    for model, given in OTHERS_REFUSED:
        with subtests.test(model=model, given=given):
            assert next(iter(given)) in page_error(free.create(model=model, **given), 400)


@pytest.mark.parametrize("model", PARAMETERS)
def test_value_of_another_type_is_400_and_names_its_field(free: Api, subtests: pytest.Subtests, model: str) -> None:
    for name, kind in PARAMETERS[model].items():
        for value in CONFUSIONS[kind]:
            with subtests.test(name=name, value=value):
                assert name in page_error(free.create(model=model, **{name: value}), 400)


def test_table_of_types_covers_every_shipped_parameter(api: Api) -> None:
    served = {each["slug"]: set(each["request_schema"]["properties"]) for each in api.get("/v1/models").json}

    assert served == {model: set(parameters) for model, parameters in PARAMETERS.items()}


@pytest.mark.parametrize("model", PARAMETERS)
def test_prompt_is_required(api: Api, model: str) -> None:
    assert "prompt" in page_error(api.post({"model": model, "input": {}}), 400)


def test_refusal_names_field_rule_value_and_nearest_legal_value(api: Api) -> None:
    text = page_error(api.create(guidance=11.5), 400)

    assert all(each in text for each in ("guidance", "maximum", "11.5", "10"))


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ({"num_inference_steps": 0}, "send 1"),
        ({"num_inference_steps": 99}, "send 50"),
        ({"output_quality": 101}, "send 100"),
        ({"guidance": -3}, "send 0"),
        ({"output_format": "jpeg"}, 'send "jpg"'),
        ({"aspect_ratio": "3:2"}, 'send "4:3"'),
        ({"aspect_ratio": "2:3"}, 'send "3:4"'),
    ],
)
def test_refusal_offers_the_nearest_legal_value(api: Api, given: dict[str, Any], nearest: str) -> None:
    assert nearest in page_error(api.create(**given), 400)


def test_all_violations_are_told_at_once(api: Api) -> None:
    text = page_error(
        api.create(prompt="", guidance=11, num_inference_steps=0, output_format="jpeg", go_fast="yes"), 400
    )

    assert all(name in text for name in ("prompt", "guidance", "num_inference_steps", "output_format", "go_fast"))


@pytest.mark.parametrize("name", ["aspect_ratio", "seed", "output_quality"])
def test_received_value_is_shortened_to_200_characters(api: Api, name: str) -> None:
    answer = api.create(**{name: "x" * 5000})

    text = page_error(answer, 400)
    assert "x" * 150 in text
    assert "x" * 201 not in text


def test_numeric_string_passes_where_strings_are_coerced(make_api: MakeApi) -> None:
    api = make_api(coerce_strings=True)

    assert api.create(guidance="3.5", num_inference_steps="50", go_fast="false").status_code == 200


@pytest.mark.parametrize("given", [{"num_inference_steps": "51"}, {"guidance": "four"}, {"go_fast": "yes"}])
def test_coerced_string_is_still_held_against_the_schema(make_api: MakeApi, given: dict[str, Any]) -> None:
    page_error(make_api(coerce_strings=True).create(**given), 400)


def test_unknown_field_is_refused_where_input_is_strict(make_api: MakeApi) -> None:
    text = page_error(make_api(strict_input=True).create(guidence=4), 400)

    assert "guidence" in text
    assert "guidance" in text


def test_strict_input_accepts_every_known_field(make_api: MakeApi) -> None:
    assert make_api(strict_input=True).create(guidance=4, seed=1).status_code == 200


@pytest.mark.parametrize("given", [{"guidance": 11}, {"prompt": ""}, {"seed": "1"}])
def test_refused_input_creates_nothing(api: Api, given: dict[str, Any]) -> None:
    api.create(**given)

    assert api.app.emulator.store.of_world(api.world().name) == ()
