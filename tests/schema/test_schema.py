"""Violations of a schema, and the coercion of strings."""

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eachlabs_mock.models import Catalog, shipped_models
from eachlabs_mock.schema.coercion import coerced, kinds
from eachlabs_mock.schema.suggestions import accepts, described, near_names, shown
from eachlabs_mock.schema.validation import Violation, compiled, unknown_fields, violations

QWEN = Catalog.load(shipped_models())["qwen-image"]
LORAS = {
    "type": "object",
    "properties": {
        "loras": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string"},
                    "scale": {"type": "number", "minimum": 0, "maximum": 4, "default": 1},
                },
                "required": ["path"],
                "additionalProperties": False,
            },
        },
    },
}


def judged(schema: dict[str, Any], given_input: dict[str, Any]) -> tuple[Violation, ...]:
    return violations(compiled(schema), schema, given_input)


def only(rules: dict[str, Any], value: object) -> Violation:
    (violation,) = judged({"type": "object", "properties": {"it": rules}}, {"it": value})
    return violation


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"prompt": ""},
            'prompt: received "", which breaks the rule "minLength 1"; send a string of at least 1 character.',
        ),
        (
            {"prompt": 5},
            'prompt: received 5, which breaks the rule "type string"; send a string such as "5", not a number.',
        ),
        (
            {"prompt": None},
            (
                'prompt: received null, which breaks the rule "type string"; '
                "send a string of at least 1 character, not null."
            ),
        ),
        ({"guidance": 11}, 'guidance: received 11, which breaks the rule "maximum 10"; send 10.'),
        ({"guidance": -0.5}, 'guidance: received -0.5, which breaks the rule "minimum 0"; send 0.'),
        (
            {"guidance": "4"},
            'guidance: received "4", which breaks the rule "type number"; send a number such as 4, not the string "4".',
        ),
        (
            {"guidance": "11"},
            (
                'guidance: received "11", which breaks the rule "type number"; '
                'send a number such as 10, not the string "11".'
            ),
        ),
        (
            {"guidance": "high"},
            'guidance: received "high", which breaks the rule "type number"; send a number such as 4, not a string.',
        ),
        (
            {"guidance": True},
            'guidance: received true, which breaks the rule "type number"; send a number such as 4, not a boolean.',
        ),
        (
            {"seed": True},
            'seed: received true, which breaks the rule "type integer"; send an integer such as 1, not a boolean.',
        ),
        ({"seed": 2.5}, 'seed: received 2.5, which breaks the rule "type integer"; send 2 or 3.'),
        (
            {"num_inference_steps": 50.5},
            'num_inference_steps: received 50.5, which breaks the rule "type integer"; send 50.',
        ),
        (
            {"num_inference_steps": [1]},
            (
                'num_inference_steps: received [1], which breaks the rule "type integer"; '
                "send an integer such as 50, not an array."
            ),
        ),
        (
            {"output_quality": {}},
            (
                'output_quality: received {}, which breaks the rule "type integer"; '
                "send an integer such as 80, not an object."
            ),
        ),
        (
            {"go_fast": "true"},
            (
                'go_fast: received "true", which breaks the rule "type boolean"; '
                'send true or false, not the string "true".'
            ),
        ),
        (
            {"go_fast": 1},
            'go_fast: received 1, which breaks the rule "type boolean"; send true or false, not a number.',
        ),
        (
            {"output_format": "JPG"},
            'output_format: received "JPG", which breaks the rule "enum"; send "jpg" (one of "webp", "jpg", "png").',
        ),
        (
            {"output_format": "jpeg"},
            'output_format: received "jpeg", which breaks the rule "enum"; send "jpg" (one of "webp", "jpg", "png").',
        ),
        (
            {"output_format": " png "},
            'output_format: received " png ", which breaks the rule "enum"; send "png" (one of "webp", "jpg", "png").',
        ),
        (
            {"output_format": "gif"},
            'output_format: received "gif", which breaks the rule "enum"; send one of "webp", "jpg", "png".',
        ),
        (
            {"aspect_ratio": "3:2"},
            (
                'aspect_ratio: received "3:2", which breaks the rule "enum"; '
                'send "4:3" (one of "1:1", "16:9", "9:16", "4:3", "3:4").'
            ),
        ),
        (
            {"aspect_ratio": 1},
            (
                'aspect_ratio: received 1, which breaks the rule "type string"; '
                'send one of "1:1", "16:9", "9:16", "4:3", "3:4".'
            ),
        ),
    ],
)
def test_refusal_is_one_helpful_sentence(fields: dict[str, Any], sentence: str) -> None:
    assert [str(fault) for fault in QWEN.check({"prompt": "x"} | fields)] == [sentence]


def test_missing_field_is_said_to_be_required() -> None:
    assert str(QWEN.check({})[0]) == (
        'prompt: received nothing, which breaks the rule "required"; send a string of at least 1 character.'
    )


def test_unknown_field_is_answered_with_the_near_name() -> None:
    assert str(QWEN.check({"prompt": "x", "gudance": 4}, strict=True)[0]) == (
        'gudance: received 4, which breaks the rule "known field"; send "guidance" instead, or leave it out.'
    )


def test_unknown_field_like_no_other_is_answered_with_all_names() -> None:
    fault = QWEN.check({"prompt": "x", "zzz": 4}, strict=True)[0]

    assert fault.legal.startswith('only known fields ("prompt", "seed", "go_fast"')


def test_all_violations_come_at_once_in_the_order_of_the_schema() -> None:
    faults = QWEN.check(
        {"zzz": 1, "output_format": 1, "num_inference_steps": 0, "seed": "1", "guidance": 11}, strict=True
    )

    assert [fault.field for fault in faults] == [
        "prompt",
        "seed",
        "guidance",
        "output_format",
        "num_inference_steps",
        "zzz",
    ]


def test_wrong_type_is_the_only_violation_of_its_field() -> None:
    assert [fault.rule for fault in QWEN.check({"prompt": "x", "output_quality": 100.5})] == ["type integer"]


def test_nested_fields_are_named_by_their_path() -> None:
    faults = judged(LORAS, {"loras": [{"scale": 5}, "x", {"path": "a", "weight": 1}]})

    assert [(fault.field, fault.rule, fault.legal) for fault in faults] == [
        ("loras[0].path", "required", "a string"),
        ("loras[0].scale", "maximum 4", "4"),
        ("loras[1]", "type object", "an object, not a string"),
        ("loras[2].weight", "known field", 'only known fields ("path", "scale")'),
    ]


def test_too_many_items_are_answered_with_the_limit() -> None:
    fault = judged(LORAS, {"loras": [{"path": "a"}] * 4})[0]

    assert (fault.field, fault.rule, fault.legal) == ("loras", "maxItems 3", "an array of at most 3 items")


def test_field_that_the_schema_itself_forbids_is_reported_once_by_a_strict_check() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}

    assert judged(schema, {"a": 1}) == unknown_fields(schema, {"a": 1})


def test_fault_of_the_input_as_a_whole_is_named_so() -> None:
    fault = judged({"type": "object", "minProperties": 1}, {})[0]

    assert (fault.field, fault.rule) == ("input", "minProperties 1")


def test_reference_within_the_schema_is_followed() -> None:
    schema = {
        "type": "object",
        "$defs": {"n": {"type": "integer", "maximum": 3}},
        "properties": {"n": {"$ref": "#/$defs/n"}},
    }

    assert [str(fault) for fault in judged(schema, {"n": 4})] == [
        'n: received 4, which breaks the rule "maximum 3"; send 3.'
    ]


@pytest.mark.parametrize(
    ("rules", "value", "rule", "legal"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "x", "anyOf", "an integer or null"),
        ({"type": ["integer", "null"]}, "x", "type integer or null", "an integer or null such as 1, not a string"),
        ({"const": "a"}, "b", "const a", '"a"'),
        ({"type": "integer", "multipleOf": 8}, 60, "multipleOf 8", "56"),
        ({"type": "integer", "multipleOf": 8}, 63, "multipleOf 8", "64"),
        ({"type": "integer", "exclusiveMaximum": 10}, 10, "exclusiveMaximum 10", "9"),
        ({"type": "integer", "exclusiveMinimum": 0}, -7, "exclusiveMinimum 0", "1"),
        ({"type": "number", "exclusiveMaximum": 10}, 10, "exclusiveMaximum 10", "a number of less than 10"),
        ({"type": "number", "multipleOf": 0.5}, 2.3, "multipleOf 0.5", "2 or 2.5"),
        ({"type": "integer", "minimum": 0.5}, 0, "minimum 0.5", "1"),
        ({"type": "number", "maximum": 10.5}, 10**400, "maximum 10.5", "10.5"),
        ({"type": "string", "pattern": "^a"}, "b", "pattern ^a", 'a string of the pattern "^a"'),
        ({"type": "string", "maxLength": 2}, "abc", "maxLength 2", "a string of at most 2 characters"),
        ({"enum": [1, 2, 4]}, 3, "enum", "one of 1, 2, 4"),
        ({"enum": ["a", None]}, "A", "enum", '"a" (one of "a", null)'),
        ({"enum": list(range(25))}, "x", "enum", f"one of {', '.join(map(str, range(20)))} and 5 more"),
        ({"type": "string", "enum": ["1", "2"]}, 2, "type string", '"2" (one of "1", "2")'),
        ({"not": {"type": "string"}}, "x", "not", "another value"),
    ],
)
def test_legal_value_is_found_for_every_rule(rules: dict[str, Any], value: object, rule: str, legal: str) -> None:
    fault = only(rules, value)

    assert (fault.rule, fault.legal) == (rule, legal)


def test_received_text_is_cut_at_two_hundred_characters() -> None:
    assert len(only({"type": "integer"}, "x" * 1_000_000).received) == 200
    assert len(only({"type": "integer"}, ["x"] * 1000).received) == 200
    assert len(only({"enum": ["a"]}, "x" * 1_000_000).received) == 200


def test_received_text_can_always_be_encoded() -> None:
    assert shown("\ud800").encode() == b'"?"'


def test_long_unknown_names_are_cut() -> None:
    assert len(QWEN.check({"prompt": "x", "y" * 5000: 1}, strict=True)[0].field) == 200


def test_a_large_input_is_refused_for_its_first_violation_only() -> None:
    schema = {"type": "object", "properties": {"words": {"items": {"type": "string"}}}}

    assert len(judged(schema, {"words": [1] * 249})) == 249
    assert len(judged(schema, {"words": [1] * 250})) == 1


def test_large_legal_input_is_legal() -> None:
    assert judged(LORAS, {"other": list(range(2000))}) == ()


def test_no_more_than_250_unknown_fields_are_named() -> None:
    fields = {f"{number}-": 1 for number in range(300)}

    assert len(unknown_fields({"properties": {}}, fields)) == 250


def test_schema_without_properties_knows_no_field() -> None:
    assert unknown_fields({}, {"a": 1})[0].legal == "only known fields (none)"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 50}, "an integer of at least 1 and at most 50"),
        ({"type": "array", "minItems": 1}, "an array of at least 1 item"),
        ({"oneOf": [{"type": "string"}, {"enum": ["a"]}]}, 'a string or "a"'),
        ({}, "another value"),
    ],
)
def test_schema_is_described_in_words(rules: dict[str, Any], words: str) -> None:
    assert described(rules) == words


def test_a_schema_with_a_reference_accepts_nothing_alone() -> None:
    assert not accepts({"$ref": "#/$defs/n"}, 1)


def test_far_name_is_not_near() -> None:
    assert near_names("zzz", ["prompt"]) == []


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "50", 50),
        ("integer", "-1", -1),
        ("integer", "50.0", 50.0),
        ("integer", "18446744073709551615", 2**64 - 1),
        ("integer", "-9223372036854775808", -(2**63)),
        ("number", "3.5", 3.5),
        ("number", "1e1", 10.0),
        ("boolean", "true", True),
        ("boolean", "false", False),
    ],
)
def test_text_is_read_as_the_value_it_spells(kind: str, text: str, value: object) -> None:
    read = coerced({"type": kind}, text)

    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "18446744073709551616"),
        ("integer", "-9223372036854775809"),
        ("integer", "9" * 5000),
        ("number", "1e999"),
        ("number", "NaN"),
        ("number", "Infinity"),
        ("number", "0x10"),
        ("number", "1_000"),
        ("number", " 4"),
        ("number", "+4"),
        ("number", "007"),
        ("number", "٤"),
        ("number", ""),
        ("boolean", "True"),
        ("boolean", "1"),
        ("string", "4"),
        ("string", "true"),
        ("array", "[]"),
    ],
)
def test_other_text_stays_as_it_is(kind: str, text: str) -> None:
    assert coerced({"type": kind}, text) is text


@pytest.mark.parametrize("value", [None, True, 4, 4.5, ["4"], {"a": "4"}])
def test_values_that_are_not_strings_are_kept(value: object) -> None:
    assert coerced({"type": "integer"}, value) is value


def test_text_is_read_within_items_and_properties() -> None:
    given_input = {"loras": [{"path": "1", "scale": "0.5", "other": "2"}]}

    assert coerced(LORAS, given_input) == {"loras": [{"path": "1", "scale": 0.5, "other": "2"}]}


def test_string_is_left_alone_where_it_is_one_of_the_types() -> None:
    assert coerced({"type": ["integer", "string"]}, "4") == "4"


def test_schema_without_type_names_none() -> None:
    assert kinds({}) == ()


BOUND = st.integers(-1000, 1000) | st.floats(-1000, 1000, allow_nan=False)
VALUE = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)


@given(kind=st.sampled_from(["integer", "number"]), low=BOUND, high=BOUND, value=VALUE)
def test_nearest_legal_value_is_legal_and_none_is_nearer(kind: str, low: float, high: float, value: float) -> None:
    low, high = sorted((low, high))
    rules = {"type": kind, "minimum": low, "maximum": high}
    assume(kind == "number" or math.ceil(low) <= math.floor(high))
    assume(not accepts(rules, value))

    advised = [json.loads(text) for text in only(rules, value).legal.split(" or ")]

    first, last = (math.ceil(low), math.floor(high)) if kind == "integer" else (low, high)
    around = {math.floor(value), math.ceil(value)}
    assert set(advised) == ({first} if value < first else {last} if value > last else around)


@given(
    st.recursive(
        st.none() | st.booleans() | VALUE | st.text(),
        lambda values: st.lists(values) | st.dictionaries(st.text(), values),
        max_leaves=8,
    )
)
def test_any_json_is_shown_within_the_limit(value: object) -> None:
    assert 0 < len(shown(value)) <= 200


@given(
    st.dictionaries(
        st.sampled_from([*QWEN.request_schema["properties"], "other"]), VALUE | st.text() | st.none() | st.booleans()
    )
)
def test_any_input_is_legal_or_has_violations(given_input: dict[str, Any]) -> None:
    faults = QWEN.check(given_input)

    assert bool(faults) != QWEN.validator.is_valid(given_input)
    assert all(fault.field in {*given_input, "prompt"} for fault in faults)
