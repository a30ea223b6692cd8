"""The bytes of an output image."""

import io
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from eachlabs_mock.core import Chance
from eachlabs_mock.images import artwork, caption
from eachlabs_mock.images.caption import Caption
from eachlabs_mock.images.picture import IMAGE_DESCRIPTION, Picture, render

INPUT = {
    "prompt": "A red fox in the snow",
    "width": 320,
    "height": 180,
    "output_format": "webp",
    "output_quality": 80,
    "num_inference_steps": 50,
    "guidance": 4,
}
PNG = {"output_format": "png"}


def picture(seed: int = 42, index: int = 0, model: str = "qwen-image", **changes: object) -> Picture:
    return Picture(model=model, title="Qwen Image", input={**INPUT, **changes}, seed=seed, index=index)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def metadata(data: bytes) -> dict[str, object]:
    image = opened(data)
    text = image.info["Description"] if image.format == "PNG" else image.getexif()[IMAGE_DESCRIPTION]
    found: dict[str, object] = json.loads(text)
    return found


def difference(one: Picture, other: Picture) -> float:
    """Share of pixels that differ at sight, 0 to 1."""
    grey = ImageChops.difference(*(opened(render(each)).convert("L") for each in (one, other)))
    return sum(grey.histogram()[16:]) / (grey.width * grey.height)


@pytest.mark.parametrize("extension", ["webp", "jpg", "jpeg", "png"])
@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1536, 1536)),
        ("16:9", (1536, 864)),
        ("9:16", (864, 1536)),
        ("4:3", (1536, 1152)),
        ("3:4", (1152, 1536)),
    ],
)
def test_file_has_the_format_and_size_asked_for(extension: str, ratio: str, size: tuple[int, int]) -> None:
    image = opened(render(picture(aspect_ratio=ratio, output_format=extension, width=None, height=None)))

    expected = {"webp": "WEBP", "jpg": "JPEG", "jpeg": "JPEG", "png": "PNG"}[extension]
    assert (image.format, image.size) == (expected, size)


@pytest.mark.parametrize("extension", ["webp", "jpg", "png"])
def test_same_picture_gives_the_same_bytes(extension: str) -> None:
    backwards = dict(reversed({**INPUT, "output_format": extension}.items()))

    assert render(picture(output_format=extension)) == render(Picture("qwen-image", "Qwen Image", backwards, 42))


def test_threads_give_the_same_bytes() -> None:
    pictures = [picture(prompt=f"狐 {number} ثعلب 👍🏽", **PNG) for number in range(12)]
    alone = list(map(render, pictures))

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(render, pictures)) == alone


@pytest.mark.parametrize(
    "other",
    [
        picture(seed=43),
        picture(seed=-42),
        picture(index=1),
        picture(model="flux-2-pro"),
        picture(prompt="A red fox in the rain"),
        picture(num_inference_steps=49),
    ],
    ids=["seed", "sign", "index", "model", "prompt", "steps"],
)
def test_picture_differs_at_sight(other: Picture) -> None:
    assert difference(picture(), other) > 0.2


@pytest.mark.parametrize(
    "change", [{"output_quality": 95}, {"disable_safety_checker": True}, {"output_format": "jpg"}], ids=str
)
def test_packing_does_not_change_the_scene(change: Mapping[str, object]) -> None:
    assert difference(picture(), picture(**change)) < 0.02


@pytest.mark.parametrize("prompt", ["A red fox", "word " * 300, "黄昏时分的海边灯塔"], ids=["short", "long", "chinese"])
@pytest.mark.parametrize("extension", ["webp", "jpg"])
def test_bytes_fall_with_quality(extension: str, prompt: str) -> None:
    files = [
        render(picture(prompt=prompt, output_format=extension, output_quality=quality))
        for quality in (0, 10, 20, 30, 40, 50, 60, 70, 77, 78, 85, 90, 95, 100)
    ]
    sizes = list(map(len, files))

    assert sizes == sorted(set(sizes))


def test_quality_does_not_change_png_pixels() -> None:
    one, other = (opened(render(picture(output_format="png", output_quality=quality))) for quality in (0, 100))

    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("quality", [None, "high", True, 80.0])
def test_unusable_quality_means_80(quality: object) -> None:
    sizes = [opened(render(picture(output_format="jpg", output_quality=each))).info for each in (quality, 80)]
    tables = [
        opened(render(picture(output_format="jpg", output_quality=each))).__dict__["quantization"]
        for each in (quality, 80)
    ]

    assert (sizes[0]["jfif"], tables[0]) == (sizes[1]["jfif"], tables[1])


@pytest.mark.parametrize("extension", ["webp", "jpg", "png"])
@pytest.mark.parametrize("prompt", ["A red fox", "一只红色的狐狸", "ثعلب أحمر", "👩🏽‍💻 \U0001f98a", "\x00\n\t"])
def test_metadata_carries_the_request(extension: str, prompt: str) -> None:
    asked = picture(prompt=prompt, output_format=extension)

    assert metadata(render(asked)) == {"model": "qwen-image", "seed": 42, "index": 0, "input": dict(asked.input)}


@pytest.mark.parametrize("prompt", ["狐" * 5_000, "a" * 5_000], ids=["chinese", "latin"])
def test_metadata_holds_a_prompt_of_5000_characters_whole(prompt: str) -> None:
    assert metadata(render(picture(prompt=prompt, output_format="jpg")))["input"] == {
        **INPUT,
        "prompt": prompt,
        "output_format": "jpg",
    }


@pytest.mark.parametrize("extension", ["webp", "jpg", "png"])
def test_a_prompt_of_a_mebibyte_is_cut_in_the_metadata_and_says_so(extension: str) -> None:
    found = metadata(render(picture(prompt="狐" * 349_525, output_format=extension)))["input"]

    assert isinstance(found, dict)
    assert found["prompt"].endswith("狐… [cut, 349525 characters]")


def test_an_input_of_many_parts_is_left_out_of_the_metadata() -> None:
    assert metadata(render(picture(loras=[{"path": number} for number in range(5_000)])))["input"] == "… [left out]"


def test_long_texts_are_cut_wherever_they_stand() -> None:
    found = metadata(render(picture(loras=[{"path": "x" * 70_000}])))["input"]

    assert isinstance(found, dict)
    assert found["loras"] == [{"path": "x" * 4096 + "… [cut, 70000 characters]"}]


@pytest.mark.parametrize("prompt", [None, "", "  \n", 7])
def test_a_missing_prompt_is_said_to_be_missing(prompt: object) -> None:
    assert Caption.of("Qwen Image", 1, 0, {"prompt": prompt}).prompt == "(no prompt)"


def test_small_print_shows_the_settings_of_the_input() -> None:
    values = {"num_inference_steps": 28.0, "guidance_scale": 3.5, "num_images": 4}

    assert Caption.of("Flux 2", -5, 1, values).facts == [
        "Flux 2",
        "seed -5",
        "28 steps",
        "guidance 3.5",
        "image 2 of 4",
    ]


def test_small_print_shows_only_settings_of_the_input() -> None:
    assert Caption.of("Flux 2", 5, 0, {"steps": True, "cfg": "3"}).facts == ["Flux 2", "seed 5"]


@pytest.mark.parametrize("size", [(64, 64), (2048, 64), (64, 2048), (2048, 2048)], ids=str)
def test_odd_sizes_are_drawn_too(size: tuple[int, int]) -> None:
    width, height = size

    assert opened(render(picture(width=width, height=height, output_format="png"))).size == size


@pytest.mark.parametrize("size", [(1536, 1536), (1536, 864), (864, 1536), (1536, 1152), (1152, 1536)], ids=str)
@pytest.mark.parametrize("letters", ["word ", "狐"], ids=["latin", "chinese"])
def test_a_prompt_of_5000_characters_leaves_the_top_of_the_picture_free(letters: str, size: tuple[int, int]) -> None:
    canvas = Image.new("L", size, 200)
    caption.write(Caption(letters * (5_000 // len(letters)), ["Qwen Image"]), canvas)

    assert canvas.crop((0, 0, size[0], size[1] // 8)).getextrema() == (200, 200)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300), st.integers(-(2**63), 2**64 - 1))
def test_any_prompt_and_seed_is_drawn(prompt: str, seed: int) -> None:
    assert render(picture(seed=seed, prompt=prompt, **PNG)).startswith(b"\x89PNG")


@pytest.mark.parametrize("scene", range(len(artwork.SCENES)))
@pytest.mark.parametrize("number", range(len(artwork.PALETTES)))
def test_text_stands_out_from_every_scene_in_every_palette(scene: int, number: int) -> None:
    canvas = artwork.SCENES[scene](Chance(1, ("key",)), (320, 320))
    caption.write(Caption("word " * 400, ["Title"]), canvas)
    colours = artwork._ramp(number)
    behind = round(255 * (1 - caption.SHADE))

    assert contrast(colours, caption.WHITE, behind) > 7
    assert contrast(colours, caption.GREY, behind) > 4.5


def contrast(colours: bytes, one: int, other: int) -> float:
    """Ratio of two tones' luminance, as WCAG 2 has it: 1 to 21."""
    light, dark = (luminance(colours[3 * tone : 3 * tone + 3]) for tone in (one, other))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: bytes) -> float:
    linear = [((part / 255 + 0.055) / 1.055) ** 2.4 if part > 10 else part / 255 / 12.92 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
