"""Importing models: every rule of the page's format, both layouts, the JSON, and the command."""

import json
import string
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.cli.import_model import import_model_command
from eachlabs_mock.models import Catalog, Imported, ImportProblem, import_model, shipped_models
from eachlabs_mock.models.model_file import parse_model

PAGES = Path(__file__).parents[2] / "fixtures" / "pages"
INFORMATION = (
    "# Dune\n\n> Sand.\n\n## Model Information\n\n- **Name**: dune\n- **Version**: 0.0.1\n- **Output Type**: image\n"
)
PRICING = "\n## Pricing\n\n- **Charge Type**: fixed\n- **Base Charge**: $0.0250\n\n## Documentation\n"


def sample(name: str) -> Imported:
    return import_model((PAGES / name).read_text(encoding="utf-8"))


def entry(  # one parameter, as a page prints it
    heading: str = "Size",
    *,
    kind: str = "string",
    component: str = "input",
    required: str = "No",
    description: str = "A size.",
    default: str = "",
    bounds: tuple[object, object] = (0, 0),
    options: str | None = None,
) -> str:
    lines = [
        f"\n### {heading}\n",
        f"- **Type**: {kind}",
        f"- **Component**: {component}",
        f"- **Required**: {required}",
        f"- **Description**: {description}",
        f"- **Default**: {default}",
        f"- **Minimum**: {bounds[0]}",
        f"- **Maximum**: {bounds[1]}",
    ]
    return "\n".join(lines if options is None else [*lines, f"- **Options**: {options}"]) + "\n"


def page(*entries: str, example: str = "", pricing: str = PRICING) -> str:
    request = f"\n**Request Body:**\n\n```json\n{example}\n```\n" if example else ""
    return f"{INFORMATION}{request}\n## Input Parameters\n{''.join(entries)}{pricing}"


def properties(imported: Imported) -> dict[str, Any]:
    found: dict[str, Any] = imported.model_file["request_schema"]["properties"]
    return found


def rules(*_: object, **parts: Any) -> dict[str, Any]:
    """Return what one entry is read as, without title, description and component."""
    (found,) = properties(import_model(page(entry(**parts)))).values()
    return {key: found[key] for key in found if key not in {"title", "description", "x-component"}}


def warnings(*entries: str, **parts: Any) -> list[str]:
    return [text for text in import_model(page(*entries, **parts)).warnings if not text.startswith("cost:")]


def run(*arguments: str, typed: str | bytes | None = None) -> Result:
    return CliRunner().invoke(import_model_command, arguments, input=typed)


AURORA = {
    "prompt": {"type": "string", "minLength": 1},
    "use_HDR": {"type": "boolean", "default": True},
    "strokes": {"type": "integer", "minimum": 1, "maximum": 40, "default": 12},
    "grain": {"type": "number", "default": 0.5},
    "warmth": {"type": "number", "minimum": -2.5, "maximum": 0, "default": -1.5},
    "paper_size": {"type": "string", "enum": ["A3", "A4", "A5"], "default": "A4"},
    "output_format": {"type": "string", "enum": ["png", "webp"], "default": "png"},
    "columns": {"type": "integer", "enum": [1, 2, 4], "default": 2},
    "seed": {"type": "integer"},
}


@pytest.mark.parametrize("layout", ["aurora-sketch.md", "aurora-sketch.flat.md"])
@pytest.mark.parametrize("name", list(AURORA))
def test_sample_page_is_read_in_either_layout(layout: str, name: str) -> None:
    found = properties(sample(layout))[name]

    assert {key: found[key] for key in found if key not in {"title", "description", "x-component"}} == AURORA[name]


@pytest.mark.parametrize("layout", ["aurora-sketch.md", "aurora-sketch.flat.md"])
def test_facts_of_the_sample_page_are_read_in_either_layout(layout: str) -> None:
    imported = sample(layout)

    facts = {key: imported.model_file[key] for key in imported.model_file if key != "request_schema"}
    assert facts == {
        "title": "Aurora Sketch",
        "slug": "aurora-sketch",
        "version": "0.0.1",
        "output_type": "image",
        "cost": 0.0125,
    }
    assert imported.model_file["request_schema"]["required"] == ["prompt"]
    assert list(properties(imported)) == list(AURORA)
    assert imported.warnings == ()


def test_flat_sample_is_one_line() -> None:
    assert (PAGES / "aurora-sketch.flat.md").read_text(encoding="utf-8").count("\n") == 1


def test_look_alikes_in_a_description_are_part_of_it() -> None:
    assert properties(sample("aurora-sketch.md"))["prompt"]["description"] == (
        "The sky to draw. A line such as - **Default**: dawn is part of this text, ### and ## Pricing too."
    )


def test_unknown_component_is_kept() -> None:
    assert properties(sample("aurora-sketch.md"))["paper_size"]["x-component"] == "swatch-picker"


def test_doubtful_sample_is_read_with_a_warning_for_each_doubt() -> None:
    assert sample("glacier-loop.md").warnings == (
        "video_url: this name is a guess from the heading 'Video URL'; the service may use another, such as 'url'",
        "aspect_ratio: the options look corrupted (an entry is empty) and are kept unchanged: '\"1:1,3:2,,2:3\"'",
        (
            "zoom: the options look corrupted (a comma between two entries seems to be missing) "
            "and are kept unchanged: '1:1,16:94:3,9:16'"
        ),
        "zoom: the default '4:3' breaks the bounds or options of its entry; it is left out",
        "codec: the options look corrupted (a quote is left over) and are kept unchanged: '\"h264,av1'",
        "frames: the maximum 0 is below the minimum 8; the maximum is left out",
        "frames: the options are not values of type integer; they are not enforced, and kept as x-options",
        "frames: the default 'many' is not of type integer; it is left out",
        "mask: the type 'file' is not one of array, boolean, integer, number, object, string; any value is accepted",
        "caption: the parameter is not a number; its bounds 1 to 80 are not enforced",
        "url: an example request sends this field, but no parameter has this name",
        "version: missing; 0.0.1 is assumed",
        "output_type: missing; image is assumed",
        "cost: the page has no price per prediction; the cost is unknown",
    )


def test_page_without_parameters_is_legal() -> None:
    imported = sample("still-life.md")

    assert imported.model_file["request_schema"] == {"type": "object", "properties": {}, "required": []}
    assert imported.model_file["cost"] == 1


def test_page_without_the_section_is_legal() -> None:
    assert properties(import_model(INFORMATION)) == {}


def test_page_without_a_title_takes_the_name() -> None:
    assert import_model("## Model Information - **Name**: dune").model_file["title"] == "dune"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"kind": "integer", "bounds": (0, 0)}, {"type": "integer"}),
        ({"kind": "number", "bounds": ("0.0", "0")}, {"type": "number"}),
        ({"kind": "number", "bounds": ("", "")}, {"type": "number"}),
        ({"kind": "integer", "bounds": ("", 0)}, {"type": "integer"}),
        ({"kind": "integer", "bounds": (0, 5)}, {"type": "integer", "minimum": 0, "maximum": 5}),
        ({"kind": "integer", "bounds": (-5, 0)}, {"type": "integer", "minimum": -5, "maximum": 0}),
        ({"kind": "number", "bounds": (0.5, "")}, {"type": "number", "minimum": 0.5}),
        ({"kind": "integer", "bounds": (8, 0)}, {"type": "integer", "minimum": 8}),
        ({"kind": "integer", "bounds": (8, 4)}, {"type": "integer"}),
        ({"kind": "integer", "bounds": ("few", 4)}, {"type": "integer", "maximum": 4}),
        ({"kind": "Integer", "default": "4"}, {"type": "integer", "default": 4}),
        ({"kind": "integer", "default": "2.5"}, {"type": "integer"}),
        ({"kind": "integer", "default": "9", "bounds": (1, 8)}, {"type": "integer", "minimum": 1, "maximum": 8}),
        ({"kind": "number", "default": "3.5"}, {"type": "number", "default": 3.5}),
        ({"kind": "number", "default": "NaN"}, {"type": "number"}),
        ({"kind": "boolean", "default": "True"}, {"type": "boolean", "default": True}),
        ({"kind": "boolean", "default": "fAlSe"}, {"type": "boolean", "default": False}),
        ({"kind": "boolean", "default": "maybe"}, {"type": "boolean"}),
        ({"kind": "string", "default": "4"}, {"type": "string", "default": "4"}),
        ({"kind": "array", "default": "[1, 2]"}, {"type": "array", "default": [1, 2]}),
        ({"kind": "array", "default": "{}"}, {"type": "array"}),
        ({"kind": "array", "default": "a, b"}, {"type": "array"}),
        ({"kind": "object", "default": '{"a": 1}'}, {"type": "object", "default": {"a": 1}}),
        ({"options": '"a,b"', "default": "b"}, {"type": "string", "enum": ["a", "b"], "default": "b"}),
        ({"options": "'a,b'"}, {"type": "string", "enum": ["a", "b"]}),
        ({"options": '"a", "b c"'}, {"type": "string", "enum": ["a", "b c"]}),
        ({"options": "a , b,c"}, {"type": "string", "enum": ["a", "b", "c"]}),
        ({"options": "2.2"}, {"type": "string", "enum": ["2.2"]}),
        ({"options": ""}, {"type": "string"}),
        ({"options": "a,b", "default": "c"}, {"type": "string", "enum": ["a", "b"]}),
        ({"kind": "number", "options": "1,0.25", "default": "1"}, {"type": "number", "enum": [1, 0.25], "default": 1}),
        ({"kind": "boolean", "options": "True,False"}, {"type": "boolean", "enum": [True, False]}),
        ({"kind": "array", "options": "a,b"}, {"type": "array", "x-options": "a,b"}),
        ({"kind": "file", "options": "a,b"}, {"x-type": "file", "enum": ["a", "b"]}),
        ({"kind": "", "component": ""}, {"x-type": ""}),
    ],
)
def test_entry_becomes_a_property(parts: dict[str, Any], expected: dict[str, Any]) -> None:
    assert rules(**parts) == expected


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ("a,,b", "an entry is empty"),
        ("a,b,", "an entry is empty"),
        ('a","b', "a quote is left over"),
        ("'a,b", "a quote is left over"),
        ("a,b'", "a quote is left over"),
        ("a,b,a", "an entry appears twice"),
        ("1:1,3:216:9", "a comma between two entries seems to be missing"),
        ("512x512x1024,1024x512", "a comma between two entries seems to be missing"),
        ("1024x1024,20...", "the end is missing"),
    ],
)
def test_corrupted_options_are_kept_and_warned_of(options: str, fault: str) -> None:
    imported = import_model(page(entry(options=options)))

    assert properties(imported)["size"]["enum"] == [text.strip() for text in options.split(",")]
    assert imported.warnings == (f"size: the options look corrupted ({fault}) and are kept unchanged: {options!r}",)


@pytest.mark.parametrize(
    ("heading", "example", "name"),
    [
        ("Num Images", '{"input": {"num_images": 1}}', "num_images"),
        ("Num Images", '{"input": {"numImages": 1}}', "numImages"),
        ("Use HDR", '{"input": {"use_HDR": true}}', "use_HDR"),
        ("output_format", '{"input": {"output-format": "png"}}', "output-format"),
        ("Num Images", "", "num_images"),
        ("Num  Images (max. 4)", "", "num_images_max_4"),
        ("Num Images", "{broken", "num_images"),
        ("Num Images", '{"input": "text"}', "num_images"),
        ("Größe", "", "größe"),
        ("!!!", "", "!!!"),
    ],
)
def test_field_has_the_name_the_example_sends(heading: str, example: str, name: str) -> None:
    assert list(properties(import_model(page(entry(heading), example=example)))) == [name]


@pytest.mark.parametrize("heading", ["Video URL", "Image Urls", "Mask File", "Link"])
def test_heading_that_may_hide_another_name_is_warned_of(heading: str) -> None:
    (warning,) = warnings(entry(heading))

    assert f"a guess from the heading {heading!r}" in warning


def test_heading_that_is_a_name_already_is_not_warned_of() -> None:
    assert warnings(entry("image_url")) == []


def test_url_that_the_example_confirms_is_not_warned_of() -> None:
    assert warnings(entry("Video URL"), example='{"input": {"video_url": "x"}}') == []


def test_second_entry_of_one_name_is_warned_of_and_left_out() -> None:
    imported = import_model(page(entry("Size", kind="integer"), entry("size", kind="number")))

    assert properties(imported)["size"]["type"] == "integer"
    assert imported.warnings == ("size: two entries have this name; the first one is used",)


@pytest.mark.parametrize("required", ["Yes", "yes", "True"])
def test_required_parameter_is_required(required: str) -> None:
    imported = import_model(page(entry(required=required)))

    assert imported.model_file["request_schema"]["required"] == ["size"]


@pytest.mark.parametrize("parts", [{"required": "No"}, {"kind": "array"}, {"options": "a,b"}])
def test_only_a_required_free_text_prompt_must_not_be_empty(parts: dict[str, Any]) -> None:
    found = properties(import_model(page(entry(**{"heading": "Prompt", "required": "Yes"} | parts))))["prompt"]

    assert "minLength" not in found


@pytest.mark.parametrize(
    "description",
    [
        "see - **Default**: 9 below",
        "- **Default**: 1 - **Minimum**: 2 - **Maximum**: 3 and more",
        "* **Default**: 1 * **Minimum**: 2",
        "use ### Other - **Type**: integer with care",
        "### Other - **Type**: a - **Component**: b - **Required**: Yes - **Description**: c",
        "## Pricing - **Base Charge**: $9",
        "**Options**: a,b",
        "a * star - dash ### ## #",
        "",
    ],
)
@pytest.mark.parametrize("flat", [False, True])
def test_description_may_hold_anything(description: str, *, flat: bool) -> None:
    text = page(entry("Size", kind="integer", description=description, default="4", bounds=(1, 8)), entry("Tint"))

    imported = import_model(" ".join(text.split()) if flat else text)

    found = properties(imported)
    assert list(found) == ["size", "tint"]
    assert found["size"].get("description", "") == description
    assert (found["size"]["default"], found["size"]["minimum"], found["size"]["maximum"]) == (4, 1, 8)
    assert imported.model_file["cost"] == 0.025


@pytest.mark.parametrize(
    ("pricing", "cost"),
    [
        ("## Pricing - **Charge Type**: fixed - **Base Charge**: $0.0250 - **Estimated Price**: $9", 0.025),
        ("## Pricing - **Charge Type**: fixed - **Base Charge**: 2", 2),
        ("## Pricing - **Charge Type**: per second - **Base Charge**: $0.1", 0.1),
        ("## Pricing - **Charge Type**: fixed - **Base Charge**: $0.0000", None),
        ("## Pricing - **Charge Type**: fixed - **Base Charge**: on request", None),
        ("## Pricing", None),
        ("", None),
    ],
)
def test_price_is_the_base_charge_or_unknown(pricing: str, cost: float | None) -> None:
    assert import_model(page(entry(), pricing=f"\n{pricing}")).model_file["cost"] == cost


def test_charge_that_is_not_fixed_is_warned_of() -> None:
    text = page(pricing="\n## Pricing - **Charge Type**: per second - **Base Charge**: $0.1")

    assert (
        "cost: the charge type is 'per second'; its base charge is used as a fixed price" in import_model(text).warnings
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "found no text"),
        ("hello", "found other text"),
        ("<!doctype html><h1>Dune</h1>", "found HTML"),
        ("# Dune ## Model Information", 'not a model page: the heading "## Model Information" is missing'),
        ("## Model Information - **Version**: 0.0.1", r"no \*\*Name\*\*"),
        ("## Model Information - **Name**: ../dune", 'slug: found "../dune"'),
        (page("### Size - **Type**: string"), "cannot read the entry first in the section"),
        (page(entry(), "### Size - **Type**: string"), "cannot read the entry after 'Size'"),
        (page(entry().replace("Minimum", "Least")), "the entry 'Size' is incomplete"),
        (page(entry(required="Maybe")), "in the section; each has Type, Component, Required"),
        ("{", "line 1 column 2: not valid JSON"),
        ("[]", "found a list of 0"),
        ("[{}, {}]", "found a list of 2"),
        ("[1]", "found another value"),
        ('{"slug": "dune"}', "must have a slug .string. and a request_schema"),
        ('{"slug": "dune", "request_schema": {"properties": 1}}', "request_schema.properties must be an object"),
        ('{"slug": "a/b", "request_schema": {}}', 'slug: found "a/b"'),
        ('{"slug": "dune", "title": 1, "request_schema": {}}', "title: found 1"),
        (
            '{"slug": "dune", "request_schema": {"properties": {"a": {"type": "int"}}}}',
            'request_schema.properties.a.type: "int"',
        ),
        ('{"slug": "dune", "request_schema": {"properties": {"a": 1}}}', "request_schema.properties.a: found 1"),
    ],
)
def test_a_text_without_a_model_is_refused(text: str, told: str) -> None:
    with pytest.raises(ImportProblem, match=told):
        import_model(text)


def test_json_of_the_service_is_read_and_mended() -> None:
    imported = sample("tide-table.json")

    assert imported.model_file["cost"] == 0.0375
    assert properties(imported)["height"] == {"type": "number", "minimum": 0, "maximum": 12.5, "default": 3.5}
    assert imported.warnings == (
        "created_at: model files do not have this key; it is left out",
        "moons: the default 5 breaks the rules of its schema; it is left out",
    )


@pytest.mark.parametrize("wrapped", ["{}", "[{}]", "\ufeff {} \n"])
def test_model_file_imports_as_itself(wrapped: str) -> None:
    text = (shipped_models() / "qwen-image.json").read_text(encoding="utf-8")

    imported = import_model(wrapped.replace("{}", text))

    assert imported.text == text
    assert imported.warnings == ()


@pytest.mark.parametrize("slug", list(Catalog.load(shipped_models())))
def test_shipped_model_is_written_as_the_importer_writes(slug: str) -> None:
    text = (shipped_models() / f"{slug}.json").read_text(encoding="utf-8")

    assert import_model(text).text == text


def test_missing_keys_of_json_are_filled_in_with_a_warning() -> None:
    imported = import_model('{"slug": "dune", "request_schema": {}, "cost": "free"}')

    assert imported.model_file == {
        "title": "dune",
        "slug": "dune",
        "version": "0.0.1",
        "output_type": "image",
        "request_schema": {"type": "object", "properties": {}},
        "cost": None,
    }
    assert imported.warnings == (
        "version: missing; 0.0.1 is assumed",
        "output_type: missing; image is assumed",
        "cost: 'free' is not a price per prediction; the cost is unknown",
    )


def test_command_writes_the_model_file_and_prints_its_path(tmp_path: Path) -> None:
    result = run(str(PAGES / "glacier-loop.md"), "-o", str(tmp_path / "new"))

    file = tmp_path / "new" / "glacier-loop.json"
    assert (result.exit_code, result.stdout) == (0, f"{file}\n")
    assert result.stderr.startswith("warning: video_url: this name is a guess")
    assert Catalog.load(tmp_path / "new")["glacier-loop"].title == "Glacier | Loop"


def test_command_reads_standard_input_and_writes_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = run("-", typed=(PAGES / "still-life.md").read_bytes())

    assert (result.exit_code, result.stdout) == (0, "still-life.json\n")
    assert (tmp_path / "still-life.json").is_file()


def test_command_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "still-life.json").write_text("mine")

    result = run(str(PAGES / "still-life.md"), "-o", str(tmp_path))

    assert result.exit_code == 2
    assert result.stderr.endswith("still-life.json: the file exists; --force overwrites it\n")
    assert (tmp_path / "still-life.json").read_text() == "mine"


def test_command_overwrites_by_force(tmp_path: Path) -> None:
    (tmp_path / "still-life.json").write_text("mine")

    result = run(str(PAGES / "still-life.md"), "-o", str(tmp_path), "--force")

    assert result.exit_code == 0
    assert json.loads((tmp_path / "still-life.json").read_text())["slug"] == "still-life"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"hello", "found other text"),
        (b"\xff", "byte 0: not valid UTF-8"),
        (b"## Model Information - **Name**: ../../evil", "slug: found"),
    ],
)
def test_command_answers_bad_input_with_one_line_and_exit_2(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "page.md").write_bytes(content)

    result = run(str(tmp_path / "page.md"), "-o", str(tmp_path))

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert told in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["page.md"]


def test_command_answers_an_absent_source_with_one_line_and_exit_2(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.md"))

    assert result.exit_code == 2
    assert result.stderr == f"Error: {tmp_path / 'none.md'}: cannot read the file (No such file or directory)\n"


@pytest.mark.parametrize(("directory", "told"), [("file", "not a directory"), ("file/under", "cannot write")])
def test_command_refuses_a_directory_that_is_a_file(tmp_path: Path, directory: str, told: str) -> None:
    (tmp_path / "file").write_text("")

    result = run(str(PAGES / "aurora-sketch.md"), "-o", str(tmp_path / directory))

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert told in result.stderr


@dataclass(frozen=True)
class Row:
    """A row of a parameter table: what is printed, and what must come out."""

    parts: dict[str, Any]
    expected: dict[str, Any]


WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=6)
LOOK_ALIKES = st.sampled_from(
    [
        "- **Default**: 9",
        "- **Default**: 1 - **Minimum**: 2 - **Maximum**: 3 or so",
        "### Other",
        "### Other - **Type**: a",
        "## Pricing",
        "- **Options**: a,b",
        "**Required**: Yes",
        "Größe, 大小",
    ]
)
DESCRIPTIONS = st.lists(WORDS | LOOK_ALIKES, min_size=1, max_size=4).map(" ".join).filter(lambda text: text[0] != "#")
HALVES = st.integers(-400, 400).map(lambda number: number / 2)


@st.composite
def numeric_rows(draw: st.DrawFn) -> Row:
    kind = draw(st.sampled_from(["integer", "number"]))
    numbers = st.integers(-200, 200) if kind == "integer" else HALVES
    low, middle, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    bounded = bool(low or high) and draw(st.booleans())
    bounds = {"minimum": low, "maximum": high} if bounded else {}
    default = draw(st.sampled_from([{}, {"default": middle}]))
    parts = {"kind": kind, "default": str(default.get("default", "")), "bounds": (low, high) if bounded else (0, 0)}
    return Row(parts, {"type": kind, **bounds, **default})


@st.composite
def option_rows(draw: st.DrawFn) -> Row:
    options = draw(st.lists(WORDS | st.sampled_from(["16:9", "1024x1024"]), min_size=1, max_size=5, unique=True))
    layout = draw(st.sampled_from(["{}", '"{}"', "'{}'"]))
    joint = draw(st.sampled_from([",", ", ", " ,"]))
    default = draw(st.sampled_from(["", *options]))
    expected = {"type": "string", "enum": options} | ({"default": default} if default else {})
    return Row({"kind": "string", "options": layout.format(joint.join(options)), "default": default}, expected)


@st.composite
def boolean_rows(draw: st.DrawFn) -> Row:
    default = draw(st.sampled_from(["", "true", "True", "FALSE", "false"]))
    expected = {"type": "boolean"} | ({"default": default.lower() == "true"} if default else {})
    return Row({"kind": "boolean", "default": default}, expected)


ROWS = st.lists(
    st.tuples(numeric_rows() | option_rows() | boolean_rows(), DESCRIPTIONS, st.sampled_from(["Yes", "No"])), max_size=5
)


@given(rows=ROWS, flat=st.booleans())
def test_any_table_comes_back_as_printed(rows: Sequence[tuple[Row, str, str]], *, flat: bool) -> None:
    headings = [f"Field {number}" for number in range(len(rows))]
    text = page(
        *(
            entry(heading, required=required, description=description, **row.parts)
            for heading, (row, description, required) in zip(headings, rows, strict=True)
        )
    )

    imported = import_model(" ".join(text.split()) if flat else text)

    model = parse_model(imported.text, Path("dune.json"))
    shown = {"title", "description", "x-component"}
    assert [
        {key: rules[key] for key in rules if key not in shown} for rules in model.request_schema["properties"].values()
    ] == [row.expected for row, _, _ in rows]
    assert [rules["description"] for rules in model.request_schema["properties"].values()] == [
        description for _, description, _ in rows
    ]
    assert model.request_schema["required"] == [f"field_{number}" for number, row in enumerate(rows) if row[2] == "Yes"]
    assert model.cost == Decimal("0.025")


@given(
    st.lists(
        st.sampled_from(["# A", ">", "## Model Information", "- **Name**: dune", "## Input Parameters", "### Size"])
        | st.sampled_from(["- **Type**: integer", "- **Component**: x", "- **Required**: No", "- **Description**: d"])
        | st.sampled_from(
            ["- **Default**: 4", "- **Minimum**: 1", "- **Maximum**: 2", "- **Options**: a,b", "{", "[1]"]
        )
        | st.text(max_size=5),
        max_size=25,
    )
)
def test_any_text_either_loads_or_is_refused(pieces: list[str]) -> None:
    try:
        imported = import_model(" ".join(pieces))
    except ImportProblem:
        return  # the only thing that may be raised

    assert parse_model(imported.text, Path("dune.json")).slug == imported.model_file["slug"]
