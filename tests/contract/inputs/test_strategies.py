"""The public strategies for inputs: what a schema accepts, and what it refuses for one parameter alone."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eachlabs_contract.inputs.strategies import InvalidInput, UnknownSchemaError, invalid_inputs, valid_inputs
from eachlabs_contract.spec.model import load_model

pytestmark = pytest.mark.slow

MODELS = ("qwen-image", "flux-2-flex", "flux-2-pro", "flux-2-klein-9b-base-text-to-image", "z-image-turbo-lora")
QWEN = load_model("qwen-image").schema
SCHEMAS = [load_model(slug).schema for slug in MODELS]

brisk = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def drawn_from(strategy: st.SearchStrategy[Any], examples: int = 250) -> list[Any]:
    drawn: list[Any] = []

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(strategy)
    def draw(example: Any) -> None:
        drawn.append(example)

    draw()
    return drawn


def one(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"it": schema}, "required": ["it"]}


@pytest.mark.parametrize("schema", SCHEMAS, ids=MODELS)
def test_every_valid_input_passes_its_schema(schema: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(dict(schema))

    @brisk
    @given(valid_inputs(schema))
    def passes(drawn: dict[str, Any]) -> None:
        assert list(validator.iter_errors(drawn)) == []

    passes()


@pytest.mark.parametrize("schema", SCHEMAS, ids=MODELS)
def test_every_invalid_input_fails_for_the_named_parameter_alone(schema: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(dict(schema))

    @brisk
    @given(invalid_inputs(schema))
    def fails(invalid: InvalidInput) -> None:
        errors = list(validator.iter_errors(invalid.input))
        at_fault = {each.instance_path[0] if each.instance_path else each.kind.property for each in errors}
        assert at_fault == {invalid.parameter}
        assert invalid.rule in {each.kind.name for each in errors}

    fails()


@brisk
@given(
    st.sampled_from(["integer", "number"]),
    st.integers(-(10**6), 10**6),
    st.integers(0, 10**6),
    st.data(),
)
def test_any_bounds_are_kept_by_valid_and_broken_by_invalid_numbers(
    kind: str, low: int, span: int, data: st.DataObject
) -> None:
    schema = one({"type": kind, "minimum": low, "maximum": low + span})
    validator = jsonschema_rs.Draft202012Validator(schema)

    assert validator.is_valid(data.draw(valid_inputs(schema)))
    assert not validator.is_valid(data.draw(invalid_inputs(schema)).input)


@pytest.fixture(scope="module")
def good() -> list[dict[str, Any]]:
    return drawn_from(valid_inputs(QWEN), 1000)  # what is drawn depends on what else has been imported


@pytest.mark.parametrize(
    "wanted",
    [
        lambda drawn: drawn.keys() == {"prompt"},
        lambda drawn: len(drawn) >= 8,
        lambda drawn: drawn.get("guidance") == 10,
        lambda drawn: drawn.get("guidance") == 0,
        lambda drawn: drawn.get("num_inference_steps") == 1,
        lambda drawn: drawn.get("output_quality") == 100,
        lambda drawn: drawn.get("seed", 0) > 2**53,
        lambda drawn: any(ord(each) > 0xFFFF for each in drawn["prompt"]),
    ],
)
def test_what_tends_to_break_servers_is_among_the_valid_inputs(
    good: list[dict[str, Any]], wanted: Callable[[dict[str, Any]], bool]
) -> None:
    assert any(map(wanted, good))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("guidance", 10.000000000000002),
        ("guidance", -5e-324),
        ("guidance", "4"),
        ("num_inference_steps", 0),
        ("num_inference_steps", True),
        ("num_inference_steps", 25.5),
        ("output_quality", 101),
        ("aspect_ratio", "1:1\n"),
        ("output_format", "jpeg"),
        ("go_fast", "true"),
        ("seed", None),
        ("prompt", ""),
    ],
)
def test_what_servers_tend_to_accept_is_among_the_invalid_inputs(parameter: str, value: object) -> None:
    schema = {"type": "object", "properties": {parameter: QWEN["properties"][parameter]}}

    assert {parameter: value} in [each.input for each in drawn_from(invalid_inputs(schema))]


def test_a_required_parameter_is_missing_in_some_invalid_inputs() -> None:
    missing = [each for each in drawn_from(invalid_inputs(QWEN)) if each.rule == "required"]

    assert missing
    assert all(each.parameter == "prompt" and "prompt" not in each.input for each in missing)


def test_text_keeps_to_its_lengths() -> None:
    schema = one({"type": "string", "minLength": 2, "maxLength": 3})

    assert {len(each["it"]) for each in drawn_from(valid_inputs(schema))} == {2, 3}


@pytest.mark.parametrize(("rule", "lengths"), [("minLength", {0, 1}), ("maxLength", {4})])
def test_text_breaks_its_lengths_by_one(rule: str, lengths: set[int]) -> None:
    schema = one({"type": "string", "minLength": 2, "maxLength": 3})

    broken = [each.input["it"] for each in drawn_from(invalid_inputs(schema)) if each.rule == rule]

    assert set(map(len, broken)) == lengths


def test_a_parameter_without_a_type_refuses_nothing() -> None:
    assert invalid_inputs({"properties": {"it": {"x-type": "file"}}}).is_empty


def test_a_required_parameter_that_is_not_described_is_there() -> None:
    assert all(each.keys() == {"it"} for each in drawn_from(valid_inputs({"required": ["it"]}), 20))


def test_a_list_that_was_drawn_and_changed_is_not_drawn_changed() -> None:
    schema = one({"type": "string"})
    for invalid in drawn_from(invalid_inputs(schema)):
        if isinstance(invalid.input.get("it"), list):
            invalid.input["it"].append("changed")

    assert not any("changed" in str(each.input) for each in drawn_from(invalid_inputs(schema)))


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$ref": "#/x"}, r"it: unsupported keyword \$ref; supported: enum, maxLength, "),
        ({"type": "integer", "exclusiveMinimum": 0}, "it: unsupported keyword exclusiveMinimum"),
        ({"type": "file"}, "it: unsupported type 'file'; supported: one of array, boolean, "),
        ({"type": ["string", "null"]}, "it: unsupported type .*; supported: "),
    ],
)
def test_a_schema_that_is_not_understood_is_refused_by_name(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(UnknownSchemaError, match=said):
        valid_inputs(one(schema))
