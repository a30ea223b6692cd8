"""The catalogue: the built-in models, their checks of inputs, and the errors of model files."""

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from eachlabs_mock.models import Catalog, Model, ModelFileError, shipped_models

CATALOG = Catalog.load(shipped_models())
EXAMPLES = {"string": "x", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
CONFUSIONS: dict[str, list[Any]] = {
    "integer": [True, False, "1", "one", "", None, 1.5, [1], {"value": 1}],
    "number": [True, False, "1", "one", "", None, [1], {"value": 1}],
    "boolean": [0, 1, "true", "True", "", None, [True], {"value": True}],
    "string": [1, 1.5, True, None, ["x"], {"value": "x"}],
    "array": ["x", 1, True, None, {"0": "x"}],
}
FACTS = {
    "title": "Aurora",
    "slug": "aurora",
    "version": "0.0.1",
    "output_type": "image",
    "request_schema": {
        "type": "object",
        "properties": {"steps": {"type": "integer", "minimum": 1, "maximum": 9, "default": 4}},
        "required": [],
    },
    "cost": 0.1,
}


def fields() -> Iterator[tuple[Model, str, dict[str, Any]]]:
    for model in CATALOG.values():
        for name, rules in model.request_schema["properties"].items():
            yield model, name, rules


def named(cases: list[tuple[Any, ...]]) -> list[Any]:
    return [pytest.param(*case, id="-".join([case[0].slug, *map(repr, case[1:])])) for case in cases]


FIELDS = [(model, name) for model, name, _ in fields()]
BOUNDS = [(model, name, rule) for model, name, rules in fields() for rule in ("minimum", "maximum") if rule in rules]
CONFUSED = [(model, name, wrong) for model, name, rules in fields() for wrong in CONFUSIONS[rules["type"]]]
OPTIONS = [(model, name, option) for model, name, rules in fields() for option in rules.get("enum", ())]
MODELS = [(model,) for model in CATALOG.values()]


def spellings() -> Iterator[tuple[Model, str, str]]:
    aliases = ("jpeg", "jpg", "JPEG", "tiff", "3:2", "2:3", "16x9", "landscape", "")
    for model, name, option in OPTIONS:
        legal = model.request_schema["properties"][name]["enum"]
        variants = {option.upper(), option.title(), f" {option}", f"{option} ", f"{option},", *aliases}
        yield from ((model, name, variant) for variant in sorted(variants.difference(legal)))


def rules_of(model: Model, name: str) -> dict[str, Any]:
    rules: dict[str, Any] = model.request_schema["properties"][name]
    return rules


def legal_input(model: Model, **given: object) -> dict[str, Any]:
    needed = {name: rules_of(model, name) for name in model.request_schema["required"]}
    return {name: rules.get("enum", [EXAMPLES[rules["type"]]])[0] for name, rules in needed.items()} | given


def faults(model: Model, **given: object) -> list[tuple[str, str]]:
    return [(fault.field, fault.rule) for fault in model.check(legal_input(model, **given))]


def outside(rules: dict[str, Any], rule: str) -> float:
    away = math.inf if rule == "maximum" else -math.inf
    bound: int = rules[rule]
    return bound + int(math.copysign(1, away)) if rules["type"] == "integer" else math.nextafter(bound, away)


def file_of(directory: Path, name: str = "aurora.json", **changes: object) -> Path:
    file = directory / name
    file.write_text(json.dumps(FACTS | changes))
    return file


def schema_of(**rules: object) -> dict[str, Any]:
    return {"type": "object", "properties": {"steps": rules}}


def test_five_models_are_shipped() -> None:
    assert list(CATALOG) == [
        "flux-2-flex",
        "flux-2-klein-9b-base-text-to-image",
        "flux-2-pro",
        "qwen-image",
        "z-image-turbo-lora",
    ]


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("prompt", {"type": "string", "minLength": 1}),
        ("seed", {"type": "integer"}),
        ("go_fast", {"type": "boolean", "default": True}),
        ("guidance", {"type": "number", "minimum": 0, "maximum": 10, "default": 4}),
        ("aspect_ratio", {"type": "string", "enum": ["1:1", "16:9", "9:16", "4:3", "3:4"], "default": "16:9"}),
        ("output_format", {"type": "string", "enum": ["webp", "jpg", "png"], "default": "webp"}),
        ("output_quality", {"type": "integer", "minimum": 0, "maximum": 100, "default": 80}),
        ("num_inference_steps", {"type": "integer", "minimum": 1, "maximum": 50, "default": 50}),
        ("disable_safety_checker", {"type": "boolean", "default": False}),
    ],
)
def test_qwen_image_field_is_as_its_page_says(name: str, facts: dict[str, Any]) -> None:
    rules = rules_of(CATALOG["qwen-image"], name)

    assert {key: rules[key] for key in rules if key not in {"title", "description", "x-component"}} == facts


def test_qwen_image_has_no_other_fields_and_requires_the_prompt_only() -> None:
    schema = CATALOG["qwen-image"].request_schema

    assert len(schema["properties"]) == 9
    assert schema["required"] == ["prompt"]


def test_price_of_qwen_image_is_exact() -> None:
    assert CATALOG["qwen-image"].cost == Decimal("0.025")


@pytest.mark.parametrize("slug", sorted(set(CATALOG) - {"qwen-image"}))
def test_price_that_no_source_gives_is_unknown(slug: str) -> None:
    assert CATALOG[slug].cost is None


@pytest.mark.parametrize("slug", sorted(set(CATALOG) - {"qwen-image"}))
def test_related_model_has_no_bounds_but_those_of_num_images(slug: str) -> None:
    assert {name for model, name, _ in BOUNDS if model.slug == slug} <= {"num_images"}


@pytest.mark.parametrize("slug", ["flux-2-klein-9b-base-text-to-image", "z-image-turbo-lora"])
def test_num_images_is_held_to_one_to_four(slug: str) -> None:
    rules = rules_of(CATALOG[slug], "num_images")

    assert (rules["minimum"], rules["maximum"]) == (1, 4)


@pytest.mark.parametrize(("model", "name", "rule"), named(BOUNDS))
def test_bound_itself_is_accepted(model: Model, name: str, rule: str) -> None:
    assert faults(model, **{name: rules_of(model, name)[rule]}) == []


@pytest.mark.parametrize(("model", "name", "rule"), named(BOUNDS))
def test_bound_with_a_zero_fraction_is_accepted(model: Model, name: str, rule: str) -> None:
    assert faults(model, **{name: float(rules_of(model, name)[rule])}) == []


@pytest.mark.parametrize(("model", "name", "rule"), named(BOUNDS))
def test_next_value_outside_a_bound_is_refused(model: Model, name: str, rule: str) -> None:
    rules = rules_of(model, name)

    (fault,) = model.check(legal_input(model, **{name: outside(rules, rule)}))

    assert (fault.field, fault.rule, fault.legal) == (name, f"{rule} {rules[rule]}", str(rules[rule]))


@pytest.mark.parametrize(("model", "name", "rule"), named(BOUNDS))
def test_string_of_a_legal_bound_is_refused(model: Model, name: str, rule: str) -> None:
    rules = rules_of(model, name)

    assert faults(model, **{name: str(rules[rule])}) == [(name, f"type {rules['type']}")]


@pytest.mark.parametrize(("model", "name", "wrong"), named(CONFUSED))
def test_value_of_another_type_is_refused(model: Model, name: str, wrong: object) -> None:
    assert faults(model, **{name: wrong}) == [(name, f"type {rules_of(model, name)['type']}")]


@pytest.mark.parametrize(("model", "name", "option"), named(OPTIONS))
def test_every_option_is_accepted(model: Model, name: str, option: str) -> None:
    assert faults(model, **{name: option}) == []


@pytest.mark.parametrize(("model", "name", "spelling"), named(list(dict.fromkeys(spellings()))))
def test_other_spelling_of_an_option_is_refused(model: Model, name: str, spelling: str) -> None:
    assert faults(model, **{name: spelling}) == [(name, "enum")]


@pytest.mark.parametrize("model", named(MODELS))
def test_empty_prompt_is_refused(model: Model) -> None:
    assert faults(model, prompt="") == [("prompt", "minLength 1")]


@pytest.mark.parametrize("model", named(MODELS))
def test_missing_prompt_is_refused(model: Model) -> None:
    (fault,) = model.check({})

    assert (fault.field, fault.rule, fault.received) == ("prompt", "required", "nothing")


@pytest.mark.parametrize("model", named(MODELS))
def test_unknown_field_is_ignored(model: Model) -> None:
    assert faults(model, propmt="x") == []


@pytest.mark.parametrize("model", named(MODELS))
def test_strict_check_refuses_an_unknown_field_and_names_the_near_one(model: Model) -> None:
    (fault,) = model.check(legal_input(model, propmt="x"), strict=True)

    assert (fault.field, fault.legal) == ("propmt", '"prompt" instead, or leave it out')


@pytest.mark.parametrize("model", named(MODELS))
def test_defaults_make_a_legal_input(model: Model) -> None:
    assert model.check(model.resolved(legal_input(model)), strict=True) == ()


@pytest.mark.parametrize(("model", "name"), named(FIELDS))
def test_default_is_filled_in_exactly_where_there_is_one(model: Model, name: str) -> None:
    resolved = model.resolved({})

    assert (name in resolved, resolved.get(name)) == (
        "default" in rules_of(model, name),
        rules_of(model, name).get("default"),
    )


def test_given_value_beats_the_default_and_the_input_is_not_changed() -> None:
    given = {"prompt": "x", "guidance": 0}

    assert CATALOG["qwen-image"].resolved(given)["guidance"] == 0
    assert given == {"prompt": "x", "guidance": 0}


def test_coerced_input_is_legal_and_the_input_is_not_changed() -> None:
    given = {"prompt": "4", "guidance": "3.5", "go_fast": "false", "seed": "7", "extra": "1"}

    coerced = CATALOG["qwen-image"].coerced(given)

    assert coerced == {"prompt": "4", "guidance": 3.5, "go_fast": False, "seed": 7, "extra": "1"}
    assert given["guidance"] == "3.5"


def test_any_mapping_can_be_checked() -> None:
    class Given(dict[str, Any]):
        pass

    assert CATALOG["qwen-image"].check(Given(prompt="x")) == ()


def test_unknown_slug_is_no_model() -> None:
    assert CATALOG.get("qwen") is None


@pytest.mark.parametrize("slug", ["qwen-imgae", "Qwen_Image", "qwenimage"])
def test_a_misspelt_slug_has_a_closest_one(slug: str) -> None:
    assert CATALOG.closest(slug)[0] == "qwen-image"


def test_part_of_a_slug_leads_to_all_that_hold_it() -> None:
    assert CATALOG.closest("flux-2") == ["flux-2-flex", "flux-2-klein-9b-base-text-to-image", "flux-2-pro"]
    assert CATALOG.closest("qwen") == ["qwen-image"]


def test_slug_like_no_other_has_no_closest() -> None:
    assert CATALOG.closest("?" * 100_000) == []


@pytest.mark.parametrize(
    ("name", "limit", "offset", "slugs"),
    [
        ("QWEN", 50, 0, ["qwen-image"]),
        ("Turbo |", 50, 0, ["z-image-turbo-lora"]),
        ("flux", 2, 0, ["flux-2-flex", "flux-2-klein-9b-base-text-to-image"]),
        ("flux", 2, 2, ["flux-2-pro"]),
        ("flux", 2, 3, []),
        ("sora", 50, 0, []),
        ("", 1, 3, ["qwen-image"]),
        (None, 1, 4, ["z-image-turbo-lora"]),
    ],
)
def test_search_finds_by_slug_or_title(name: str | None, limit: int, offset: int, slugs: list[str]) -> None:
    assert [model.slug for model in CATALOG.search(name, limit, offset)] == slugs


def test_catalogue_counts_its_models() -> None:
    assert len(CATALOG) == 5


def test_later_directory_overrides_an_earlier_one(tmp_path: Path) -> None:
    file_of(tmp_path, slug="qwen-image", title="Mine")

    catalog = Catalog.load(shipped_models(), tmp_path)

    assert catalog["qwen-image"].title == "Mine"
    assert len(catalog) == 5


def test_cost_never_passes_through_a_binary_fraction(tmp_path: Path) -> None:
    text = json.dumps(FACTS).replace("0.1}", "0.1000000000000000000000001}")
    (tmp_path / "aurora.json").write_text(text)

    assert Catalog.load(tmp_path)["aurora"].cost == Decimal("0.1000000000000000000000001")


@pytest.mark.parametrize(("cost", "exact"), [(0, Decimal(0)), (2, Decimal(2)), (None, None)])
def test_whole_and_unknown_costs_are_legal(tmp_path: Path, cost: object, exact: Decimal | None) -> None:
    file_of(tmp_path, cost=cost)

    assert Catalog.load(tmp_path)["aurora"].cost == exact


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "aurora.json").write_text(json.dumps(FACTS), encoding="utf-8-sig")

    assert list(Catalog.load(tmp_path)) == ["aurora"]


def test_hidden_and_other_files_are_no_model_files(tmp_path: Path) -> None:
    file_of(tmp_path)
    (tmp_path / "._aurora.json").write_bytes(b"\x00")
    (tmp_path / "notes.txt").write_text("no JSON")

    assert list(Catalog.load(tmp_path)) == ["aurora"]


def test_models_of_a_wheel_lie_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "eachlabs_mock" / "fixtures" / "models"
    inside.mkdir(parents=True)
    monkeypatch.setattr("eachlabs_mock.resources.__file__", str(tmp_path / "eachlabs_mock" / "resources.py"))

    assert shipped_models() == inside


def test_models_of_a_checkout_lie_beside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "eachlabs_mock.resources.__file__", str(tmp_path / "mock_server" / "eachlabs_mock" / "resources.py")
    )

    assert shipped_models() == tmp_path / "fixtures" / "models"


@pytest.mark.parametrize(
    ("changes", "where", "what", "legal"),
    [
        ({"titel": "x"}, "titel", "unknown key", "use title"),
        ({"zzz": 1}, "zzz", "unknown key", "title, slug, version, output_type, request_schema, cost"),
        ({"title": " "}, "title", 'found " "', "a non-empty string"),
        ({"version": 1}, "version", "found 1", "a non-empty string"),
        ({"slug": "Aurora"}, "slug", 'found "Aurora"', "a-z, 0-9"),
        ({"slug": "../aurora"}, "slug", 'found "../aurora"', "a-z, 0-9"),
        ({"slug": ".."}, "slug", 'found ".."', "letter or digit at either end"),
        ({"slug": "a/b"}, "slug", 'found "a/b"', "a-z, 0-9"),
        ({"slug": "a" * 101}, "slug", "found", "1 to 100"),
        ({"cost": "0.1"}, "cost", 'found "0.1"', "or null"),
        ({"cost": -0.1}, "cost", "found", "from 0"),
        ({"cost": True}, "cost", "found true", "a number of USD"),
        ({"request_schema": []}, "request_schema", "found []", "a JSON Schema object"),
        ({"request_schema": {}}, "request_schema.type", "found null", 'it must be "object"'),
        ({"request_schema": {"type": "object"}}, "request_schema.properties", "found null", "an object"),
        ({"request_schema": schema_of(type="int")}, "request_schema.properties.steps.type", '"int"', "JSON Schema"),
        ({"request_schema": schema_of(minimum="1")}, "request_schema.properties.steps.minimum", '"1"', "JSON Schema"),
        ({"request_schema": schema_of(pattern="(")}, "request_schema.properties.steps.pattern", '"("', "JSON Schema"),
        ({"request_schema": schema_of(enum=[])}, "request_schema.properties.steps.enum", "empty", "at least one"),
        (
            {"request_schema": schema_of(minimum=5, maximum=4)},
            "request_schema.properties.steps.maximum",
            "found 4",
            "must be at least the minimum, 5",
        ),
        (
            {"request_schema": {"type": "object", "properties": {"steps": True}}},
            "request_schema.properties.steps",
            "found true",
            "an object with a type",
        ),
        (
            {"request_schema": schema_of(type="integer", maximum=4, default=5)},
            "request_schema.properties.steps.default",
            "5 breaks the rule 'maximum 4'",
            "use 4",
        ),
        (
            {"request_schema": schema_of(enum=["webp"], default="WEBP")},
            "request_schema.properties.steps.default",
            "\"WEBP\" breaks the rule 'enum'",
            'use "webp"',
        ),
        (
            {"request_schema": schema_of(default=[{}], items={"required": ["path"]}) | {"required": ["steps"]}},
            "request_schema.properties.steps.default[0].path",
            "nothing breaks the rule 'required'",
            "use another value",
        ),
        (
            {"request_schema": schema_of(type="integer") | {"required": ["step"]}},
            "request_schema.required",
            '"step" is not a property',
            "use steps",
        ),
        ({"request_schema": schema_of() | {"required": "steps"}}, "request_schema.required", '"steps"', "JSON Schema"),
        (
            {"request_schema": {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:1/schema"}}}},
            "request_schema",
            "Retrieval is disabled",
            "JSON Schema",
        ),
    ],
)
def test_faulty_model_file_is_refused_with_place_and_remedy(
    tmp_path: Path, changes: dict[str, Any], where: str, what: str, legal: str
) -> None:
    file = file_of(tmp_path, **changes)

    with pytest.raises(ModelFileError) as refused:
        Catalog.load(tmp_path)

    error = refused.value
    assert (error.file, error.where) == (file, where)
    assert what in error.what
    assert legal in error.legal
    assert str(error) == f"{file}: {where}: {error.what}; {error.legal}"


@pytest.mark.parametrize("key", list(FACTS))
def test_missing_key_is_named(tmp_path: Path, key: str) -> None:
    (tmp_path / "aurora.json").write_text(json.dumps({name: FACTS[name] for name in FACTS if name != key}))

    with pytest.raises(ModelFileError, match=f"aurora.json: {key}: missing key; the required keys are title, slug"):
        Catalog.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"title":\n1 2}', "line 2 column 3: not valid JSON"),
        (b'{"cost": NaN}', "line 1 column 10: not valid JSON"),
        (b"", "line 1 column 1: not valid JSON"),
        (b"[1]", r"top level: found \[1\]; an object"),
        (b'{"\xff": 1}', "byte 2: not valid UTF-8"),
    ],
)
def test_file_that_is_no_json_object_is_refused_with_the_place(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "aurora.json").write_bytes(content)

    with pytest.raises(ModelFileError, match=told):
        Catalog.load(tmp_path)


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "aurora.json").mkdir()

    with pytest.raises(ModelFileError, match=r"aurora\.json: file: cannot read the file"):
        Catalog.load(tmp_path)


def test_two_files_with_one_slug_are_refused(tmp_path: Path) -> None:
    file_of(tmp_path, "a.json")
    file_of(tmp_path, "b.json")

    with pytest.raises(ModelFileError, match=r'b\.json: slug: "aurora" is also the slug of a\.json'):
        Catalog.load(tmp_path)


def test_absent_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="models: directory: it does not exist"):
        Catalog.load(tmp_path / "models")


def test_directory_without_model_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"directory: it contains no \*.json"):
        Catalog.load(tmp_path)
