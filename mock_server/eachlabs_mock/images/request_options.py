"""Reads the size, format and number of images from an input."""

import math
import re
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 1536  # pixels; the longest side for an aspect ratio (qwen-image's page: 16:9 is 1536x864)
SHORTEST: Final = 64  # pixels; an aspect ratio that needs a shorter side is ignored
DEFAULT_SIZE: Final = (1024, 1024)
WIDEST: Final = 2048  # pixels; the limit of an explicit width or height
MOST: Final = 16  # images of one prediction, whatever a model file allows

# Named sizes of image_size: width, height.
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
    """Return the width and height of the image in pixels, each at most 2048.

    The first usable one decides: `image_size` and its synonyms, `width` with `height`, `aspect_ratio`, the default.
    """
    for name in _SIZE_PARAMETERS:
        if size := _from_size(input.get(name)):
            return size
    return _from_sides(input) or _from_ratio(input.get("aspect_ratio")) or DEFAULT_SIZE


def extension_of(input: Mapping[str, object]) -> str:  # noqa: A002  # the wire's own name
    """Return the extension of the file: "webp", "jpg", "jpeg" or "png"; "png" for an unusable `output_format`."""
    output_format = input.get("output_format")
    extension = output_format.strip().lower() if isinstance(output_format, str) else ""
    return extension if extension in MEDIA_TYPES else DEFAULT_EXTENSION


def media_type_of(extension: str) -> str:
    """Return the Content-Type of a file whose name ends in *extension*."""
    return MEDIA_TYPES.get(extension, MEDIA_TYPES[DEFAULT_EXTENSION])


def count_of(input: Mapping[str, object]) -> int:  # noqa: A002  # the wire's own name
    """Return the number of images, 1 to 16."""
    for name in _COUNT_PARAMETERS:
        if name in input:
            return min(max(integer(input[name]) or 1, 1), MOST)
    return 1


def integer(value: object) -> int | None:
    """Return *value* as an integer of JSON Schema: 50.0 is 50; None for true and "50"."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None


def _from_size(value: object) -> tuple[int, int] | None:
    """Read the name of a preset, "1024x1536", or an object of width and height."""
    if isinstance(value, Mapping):
        return _from_sides(value)
    if not isinstance(value, str):
        return None
    if match := _PIXELS.fullmatch(value):
        return _clamped(int(match[1]), int(match[2]))
    return PRESETS.get(value.strip())


def _from_sides(sides: Mapping[str, object]) -> tuple[int, int] | None:
    """Read a pair of sides; one side alone makes a square."""
    width, height = integer(sides.get("width")), integer(sides.get("height"))
    width, height = width or height, height or width
    return _clamped(width, height) if width and height else None


def _from_ratio(value: object) -> tuple[int, int] | None:
    """Return the largest size of exactly this ratio with no side over 1536; None for an unusable ratio."""
    match = _RATIO.fullmatch(value) if isinstance(value, str) else None
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if min(sides) == 0:
        return None
    ratio = [side // math.gcd(*sides) for side in sides]
    width, height = (side * (LONGEST // max(ratio)) for side in ratio)
    return (width, height) if min(width, height) >= SHORTEST else None


def _clamped(width: int, height: int) -> tuple[int, int] | None:
    """Shrink to at most 2048 a side, keeping the ratio; a side shorter than 64 becomes 64."""
    if width < 1 or height < 1:
        return None
    longest = max(width, height, WIDEST)
    return max(width * WIDEST // longest, SHORTEST), max(height * WIDEST // longest, SHORTEST)
