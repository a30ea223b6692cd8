"""The boundary table: what is in it for the page's own model, and that what it says of each row is true."""

import json
from itertools import combinations, product

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eachlabs_contract.inputs import edge_values
from eachlabs_contract.inputs.boundary_table import Row, Rule, rows
from eachlabs_contract.inputs.pairwise import pairwise
from eachlabs_contract.inputs.parameter_cases import cases, usual
from eachlabs_contract.spec.model import Model, load_model

MODELS = ("qwen-image", "flux-2-flex", "flux-2-pro", "flux-2-klein-9b-base-text-to-image", "z-image-turbo-lora")
QWEN = rows(load_model())
EVERY = [(slug, row) for slug in MODELS for row in rows(load_model(slug))]


def sent(rule: Rule, parameter: str) -> list[str]:
    """The texts of a parameter's values in the rows about *rule*, as they are sent."""
    found = [row for row in QWEN if row.rule is rule and row.parameter == parameter]
    return [row.body.decode().partition(f'"{parameter}": ')[2].removesuffix("}}") for row in found]


@pytest.mark.parametrize("slug", MODELS)
def test_the_table_says_of_each_row_what_the_schema_says(slug: str) -> None:
    validator = jsonschema_rs.Draft202012Validator(dict(load_model(slug).schema))
    read = [(row, json.loads(row.body)["input"]) for row in rows(load_model(slug)) if row.accepted is not None]

    judged = {row.label: validator.is_valid(given) for row, given in read if row.rule is not Rule.NON_FINITE}

    assert judged == {row.label: row.accepted for row, _ in read if row.rule is not Rule.NON_FINITE}


@pytest.mark.parametrize("slug", MODELS)
def test_every_body_names_the_model(slug: str) -> None:
    assert {json.loads(row.body, strict=False)["model"] for row in rows(load_model(slug))} == {slug}


@pytest.mark.parametrize("slug", MODELS)
def test_no_two_rows_have_the_same_label(slug: str) -> None:
    labels = [row.label for row in rows(load_model(slug))]

    assert len(labels) == len(set(labels))


def test_the_table_is_the_same_at_every_call() -> None:
    assert rows(Model("qwen-image", dict(load_model().schema))) == QWEN


def test_every_rule_has_a_row_for_the_model_of_the_page() -> None:
    assert {row.rule for row in QWEN} == set(Rule)


@pytest.mark.parametrize(
    ("rule", "parameter", "texts"),
    [
        (Rule.UPPER_BOUND, "guidance", {"10", "10.0", "1.000000e+01"}),
        (Rule.LOWER_BOUND, "guidance", {"0", "0.0"}),
        (Rule.ABOVE, "guidance", {"10.000000000000002", "10.000000001", "10.0001", "10.01", "11", "1e999"}),
        (Rule.BELOW, "guidance", {"-5e-324", "-0.0001", "-0.01", "-1", "-1e999"}),
        (Rule.RANGE, "guidance", {"4", "9.999999999999998", "5e-324", "0.1"}),
        (Rule.NON_FINITE, "guidance", {"NaN", "Infinity", "-Infinity"}),
        (Rule.NON_FINITE, "num_inference_steps", {"NaN", "Infinity"}),
        (Rule.NUMERIC_STRING, "guidance", {'"4"'}),
        (Rule.BOOLEAN_NUMBER, "num_inference_steps", {"true", "false"}),
        (Rule.BELOW, "num_inference_steps", {"0", "-1"}),
        (Rule.ABOVE, "num_inference_steps", {"51", "51.0", "4294967346", "18446744073709551666"}),
        (Rule.FRACTION, "num_inference_steps", {"25.5", "1.1", "49.9"}),
        (Rule.WHOLE_FLOAT, "num_inference_steps", {"50.0", "5.000000e+01"}),
        (Rule.ABOVE, "output_quality", {"101"}),
        (Rule.ANY_SEED, "seed", {"0", "1", "2147483648", "9007199254740992"}),
        (Rule.WIDE_SEED, "seed", {"-1", "-9223372036854775808", "9223372036854775807"}),
        (Rule.HUGE_INTEGER, "seed", {"9223372036854775808", "18446744073709551616", "1" + 400 * "0"}),
        (Rule.STRING_BOOLEAN, "go_fast", {'"true"', '"false"', '"1"'}),
        (Rule.WRONG_TYPE, "go_fast", {"0", "1"}),
        (Rule.NULL, "prompt", {"null"}),
        (Rule.OPTIONS, "output_format", {'"webp"', '"jpg"', '"png"'}),
        (Rule.UNDOCUMENTED_OPTION, "output_format", {'"JPG"', '"jpeg"', '"webp "', '""', '"web"', '"webp\\n"'}),
        (Rule.UNDOCUMENTED_OPTION, "aspect_ratio", {'"16x9"', '" 1:1"', '"21:9"'}),
        (Rule.PROSE_OPTION, "aspect_ratio", {'"3:2"', '"2:3"'}),
        (Rule.ANY_TEXT, "prompt", {'"🚀"', '"\\ud83d\\ude80"', '"종이 등대"'}),
        (Rule.EMPTY_TEXT, "prompt", {'""', '" "'}),
        (Rule.ODD_TEXT, "prompt", {r'"a\u0000b"', r'"\ud800"'}),
        (Rule.DUPLICATE_KEY, "guidance", {'4, "guidance": 4'}),
        (Rule.UNKNOWN_FIELD, "unheard_of", {"1"}),
    ],
)
def test_the_table_holds_the_edges_of_the_page(rule: Rule, parameter: str, texts: set[str]) -> None:
    assert texts - set(sent(rule, parameter)) == set()


def test_a_missing_prompt_is_refused_whatever_else_is_there() -> None:
    (row,) = [row for row in QWEN if row.rule is Rule.REQUIRED]

    assert json.loads(row.body)["input"].keys() == load_model().parameters.keys() - {"prompt"}
    assert row == Row("the required parameter prompt is missing", Rule.REQUIRED, "prompt", row.body)


def test_a_long_value_is_cut_in_the_label() -> None:
    assert max(len(row.label) for row in QWEN if row.rule is Rule.ANY_TEXT) < 150


def test_png_is_combined_with_every_quality() -> None:
    given = [json.loads(row.body)["input"] for row in QWEN if row.rule is Rule.COMBINATIONS]
    qualities = {each.get("output_quality") for each in given if each.get("output_format") == "png"}

    assert qualities == {0, 100, 80, None}


def test_every_optional_parameter_is_left_out_in_some_combination() -> None:
    given = [json.loads(row.body)["input"] for row in QWEN if row.rule is Rule.COMBINATIONS]

    assert all(any(name not in each for each in given) for name in load_model().parameters if name != "prompt")
    assert {"prompt"} in [each.keys() for each in given]


@pytest.mark.parametrize("slug", MODELS)
def test_an_unknown_bound_is_not_tried(slug: str) -> None:
    model = load_model(slug)
    beyond = {row.parameter for row in rows(model) if row.rule in {Rule.ABOVE, Rule.BELOW}}

    assert beyond == {name for name, each in model.parameters.items() if "maximum" in each}


def test_a_parameter_without_a_type_has_no_cases() -> None:
    assert list(cases("anything", {"x-type": "file"})) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [({"type": "integer", "default": 28}, 28), ({"type": "string", "enum": ["a", "b"]}, "a"), ({"type": "array"}, [])],
)
def test_a_usual_value_is_the_default_or_the_plainest(schema: dict[str, object], value: object) -> None:
    assert usual(schema) == value


KINDS = st.sampled_from(["integer", "number"])
BOUNDS = st.integers(-(2**40), 2**40) | st.floats(-1e6, 1e6)


@given(KINDS, BOUNDS)
def test_what_is_beyond_a_bound_is_beyond_it_and_begins_next_to_it(kind: str, bound: float) -> None:
    below, above = edge_values.below(kind, bound), edge_values.above(kind, bound)

    assert all(each < bound for each in below)
    assert all(each > bound for each in above)
    assert max(below) == below[0]
    assert min(above) == above[0]


@given(KINDS, st.tuples(BOUNDS, BOUNDS).map(sorted))
def test_what_is_within_bounds_is_within_them_and_of_the_kind(kind: str, bounds: list[float]) -> None:
    low, high = bounds
    found = edge_values.within(kind, low, high)

    assert all(low <= each <= high for each in found)
    assert kind == "number" or all(isinstance(each, int) for each in found)


@given(st.none() | BOUNDS, st.none() | BOUNDS)
def test_fractions_are_no_whole_numbers(low: float | None, high: float | None) -> None:
    assert not any(each.is_integer() for each in edge_values.fractions(low, high))


def test_numbers_within_no_bounds_reach_both_ways() -> None:
    assert {-(2**63), 0, 2**63 - 1} <= set(edge_values.within("integer", None, None))


@pytest.mark.slow
@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4))
def test_nothing_beside_the_options_is_one_of_them(options: list[str]) -> None:
    assert set(edge_values.beside(options)).isdisjoint(options)


@pytest.mark.parametrize(("option", "near"), [("5", "6"), ("1", "0"), ("2", "2.0"), ("jpeg", "jpg"), ("png", "PNG")])
def test_beside_an_option_stand_its_neighbours(option: str, near: str) -> None:
    assert near in edge_values.beside([option])


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("01234"), min_size=1, unique=True)))
def test_every_two_values_meet_in_some_combination(values: dict[str, list[str]]) -> None:
    chosen = pairwise(values)

    for one, other in combinations(values, 2):
        assert {(each[one], each[other]) for each in chosen} == set(product(values[one], values[other]))


def test_combinations_are_few() -> None:
    assert len(pairwise({name: ["0", "1", "2"] for name in "abcdefghij"})) <= 25  # of 59,049
