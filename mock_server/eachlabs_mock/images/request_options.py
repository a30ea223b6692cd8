"""What the request says about the files to come: size in pixels, format, how many."""

import math
import re
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 1536  # pixels; the longest side a ratio gives (qwen-image's page: 16:9 is 1536x864)
SHORTEST: Final = 64  # pixels; a ratio that would give a thinner strip is taken for a mistake
DEFAULT_SIZE: Final = (1024, 1024)
WIDEST: Final = 2048  # pixels; what a width or height given outright is held to
MOST: Final = 16  # images in one answer, whatever a model file allows

# The names image_size knows, width before height.
PRESETS: Final[Mapping[str, tuple[int, int]]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
}
DEFAULT_EXTENSION: Final = "png"

_RATIO = re.compile(r"\s*(\d{1,5})\s*:\s*(\d{1,5})\s*", re.ASCII)
_PIXELS = re.compile(r"\s*(\d{1,5})\s*[xX*]\s*(\d{1,5})\s*", re.ASCII)
_SIZE_PARAMETERS = ("image_size", "size", "resolution")
_COUNT_PARAMETERS = ("num_images", "num_outputs", "number_of_images", "num_results", "image_number", "n")


def size_of(input: Mapping[str, object]) -> tuple[int, int]:  # noqa: A002  # the wire's own name
    """Width and height in pixels of the image *input* asks for: never over 2048, never an error.

    The first of these that is usable decides: `image_size` and its like, `width` with `height`, `aspect_ratio`.
    """
    for name in _SIZE_PARAMETERS:
        if size := _from_size(input.get(name)):
            return size
    return _from_sides(input) or _from_ratio(input.get("aspect_ratio")) or DEFAULT_SIZE


def extension_of(input: Mapping[str, object]) -> str:  # noqa: A002  # the wire's own name
    """Return the file name's ending, as asked: "webp", "jpg", "jpeg" or "png"; "png" where nothing usable is asked."""
    asked = input.get("output_format")
    extension = asked.strip().lower() if isinstance(asked, str) else ""
    return extension if extension in MEDIA_TYPES else DEFAULT_EXTENSION


def media_type_of(extension: str) -> str:
    """Return the Content-Type of a file whose name ends in *extension*."""
    return MEDIA_TYPES.get(extension, MEDIA_TYPES[DEFAULT_EXTENSION])


def count_of(input: Mapping[str, object]) -> int:  # noqa: A002  # the wire's own name
    """How many images *input* asks for, 1 to 16."""
    for name in _COUNT_PARAMETERS:
        if name in input:
            return min(max(integer(input[name]) or 1, 1), MOST)
    return 1


def integer(value: object) -> int | None:
    """*value* as JSON Schema's integer: 50.0 is one, true and "50" are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None


def _from_size(value: object) -> tuple[int, int] | None:
    """Read a preset's name, "1024x1536" or an object of width and height."""
    if isinstance(value, Mapping):
        return _from_sides(value)
    if not isinstance(value, str):
        return None
    if match := _PIXELS.fullmatch(value):
        return _clamped(int(match[1]), int(match[2]))
    return PRESETS.get(value.strip())


def _from_sides(sides: Mapping[str, object]) -> tuple[int, int] | None:
    """Read a pair of sides; one alone makes a square."""
    width, height = integer(sides.get("width")), integer(sides.get("height"))
    width, height = width or height, height or width
    return _clamped(width, height) if width and height else None


def _from_ratio(value: object) -> tuple[int, int] | None:
    """Return the largest size of exactly this ratio with no side over 1536."""
    match = _RATIO.fullmatch(value) if isinstance(value, str) else None
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if min(sides) == 0:
        return None
    ratio = [side // math.gcd(*sides) for side in sides]
    width, height = (side * (LONGEST // max(ratio)) for side in ratio)
    return (width, height) if min(width, height) >= SHORTEST else None


def _clamped(width: int, height: int) -> tuple[int, int] | None:
    """Shrink to at most 2048 a side, the ratio kept; a strip thinner than 64 is widened to that."""
    if width < 1 or height < 1:
        return None
    longest = max(width, height, WIDEST)
    return max(width * WIDEST // longest, SHORTEST), max(height * WIDEST // longest, SHORTEST)
