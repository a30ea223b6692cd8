"""Size, format and number of images, read from an input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eachlabs_mock.images.request_options import count_of, extension_of, media_type_of, size_of

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.from_regex(r"\d{1,6}[:x*]\d{1,6}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["width", "height"]), inner),
    max_leaves=4,
)


@pytest.mark.parametrize(
    ("ratio", "size"),
    [
        ("1:1", (1536, 1536)),
        ("16:9", (1536, 864)),
        ("9:16", (864, 1536)),
        ("4:3", (1536, 1152)),
        ("3:4", (1152, 1536)),
        ("3:2", (1536, 1024)),
        ("1920:1080", (1536, 864)),
        (" 21:9 ", (1533, 657)),
    ],
)
def test_ratio_gives_the_largest_exact_size_within_1536(ratio: str, size: tuple[int, int]) -> None:
    assert size_of({"aspect_ratio": ratio}) == size


@pytest.mark.parametrize(
    "ratio", ["auto", "match_input_image", "custom", "", "1:5000", "1:40", "0:0", "16:0", "-1:1", 1.5, None]
)
def test_ratio_that_is_none_falls_back_to_1024_square(ratio: object) -> None:
    assert size_of({"aspect_ratio": ratio}) == (1024, 1024)


@pytest.mark.parametrize(
    ("preset", "size"),
    [
        ("square_hd", (1024, 1024)),
        ("square", (512, 512)),
        ("portrait_4_3", (768, 1024)),
        ("portrait_16_9", (576, 1024)),
        ("landscape_4_3", (1024, 768)),
        ("landscape_16_9", (1024, 576)),
        ("1536x1024", (1536, 1024)),
        ({"width": 640, "height": 480.0}, (640, 480)),
        ("auto", (1024, 1024)),
        ("0x512", (1024, 1024)),
        ({"width": "640"}, (1024, 1024)),
    ],
)
def test_image_size_names_or_states_the_size(preset: object, size: tuple[int, int]) -> None:
    assert size_of({"image_size": preset}) == size


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (1280, 720, (1280, 720)),
        (50.0, 100, (64, 100)),
        (4096, 2048, (2048, 1024)),
        (10**12, 10**12, (2048, 2048)),
        (10**12, 1, (2048, 64)),
        (800, None, (800, 800)),
        (-5, 400, (1024, 1024)),
        (True, 400, (400, 400)),
    ],
)
def test_sides_are_held_between_64_and_2048_in_their_ratio(
    width: object, height: object, size: tuple[int, int]
) -> None:
    assert size_of({"width": width, "height": height}) == size


def test_sides_go_before_the_ratio_and_image_size_before_both() -> None:
    both = {"aspect_ratio": "16:9", "width": 500, "height": 400}

    assert [size_of(both), size_of({**both, "image_size": "square"})] == [(500, 400), (512, 512)]


@pytest.mark.slow
@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["image_size", "size", "resolution", "width", "height", "aspect_ratio"]), JSON))
def test_no_input_asks_for_a_side_outside_64_to_2048(values: dict[str, object]) -> None:
    assert all(64 <= side <= 2048 for side in size_of(values))


@pytest.mark.parametrize(
    ("asked", "extension", "media_type"),
    [
        ("webp", "webp", "image/webp"),
        ("jpg", "jpg", "image/jpeg"),
        ("jpeg", "jpeg", "image/jpeg"),
        ("png", "png", "image/png"),
        (" PNG ", "png", "image/png"),
        ("gif", "png", "image/png"),
        (None, "png", "image/png"),
    ],
)
def test_format_is_the_one_asked_for_or_else_png(asked: object, extension: str, media_type: str) -> None:
    found = extension_of({"output_format": asked})

    assert (found, media_type_of(found)) == (extension, media_type)


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 1),
        ({"num_images": 4}, 4),
        ({"number_of_images": 2.0}, 2),
        ({"n": 3}, 3),
        ({"num_images": 0}, 1),
        ({"num_images": 10**9}, 16),
        ({"num_images": "4"}, 1),
        ({"num_images": True}, 1),
        ({"num_images": float("inf")}, 1),
    ],
)
def test_count_is_held_between_1_and_16(values: dict[str, object], count: int) -> None:
    assert count_of(values) == count
