"""Renders the file of an output image: a placeholder that shows its request, and has it as metadata. Pure."""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from eachlabs_mock.core import Chance
from eachlabs_mock.images import artwork
from eachlabs_mock.images.caption import Caption, write
from eachlabs_mock.images.request_options import extension_of, integer, size_of

DEFAULT_QUALITY: Final = 80  # the page's default of output_quality
FAST_FROM: Final = 78  # quality of WebP; below it the fastest method does not make smaller files
IMAGE_DESCRIPTION: Final = 0x010E  # EXIF tag
MOST_METADATA: Final = 60_000  # bytes; a JPEG holds 65,533, including the tags
LIMITS: Final = (None, 4096, 512, 64, 0)  # characters of a text in the metadata, tried in this order
# Fields of the input that do not change what the picture shows.
UNSEEN: Final = frozenset(
    {"output_format", "output_quality", "sync_mode", "disable_safety_checker", "enable_safety_checker"}
)


@dataclass(frozen=True, slots=True)
class Picture:
    """The facts that determine the bytes of one output image."""

    model: str  # slug
    title: str  # the model's human name
    input: Mapping[str, object]  # the input with the schema's defaults
    seed: int  # from the input, or drawn by the caller
    index: int = 0  # its place in a list of images, from 0


def render(picture: Picture) -> bytes:
    """Return the file, in the format, size and quality of the input."""
    chance = Chance(picture.seed, ("picture", _key(picture)))
    canvas = artwork.scene(chance, size_of(picture.input))
    write(Caption.of(picture.title, picture.seed, picture.index, picture.input), canvas)
    canvas.putpalette(artwork.palette(chance))
    return _encoded(canvas, extension_of(picture.input), _quality(picture.input), _metadata(picture))


def _key(picture: Picture) -> str:
    """Return a digest of the facts that change what the picture shows."""
    seen = {name: value for name, value in picture.input.items() if name not in UNSEEN}
    facts = _json([picture.model, picture.seed, picture.index, seen])
    return hashlib.blake2b(facts.encode(), digest_size=16).hexdigest()


def _quality(input: Mapping[str, object]) -> int:  # noqa: A002  # the wire's own name
    quality = integer(input.get("output_quality"))
    return DEFAULT_QUALITY if quality is None else min(max(quality, 0), 100)


def _metadata(picture: Picture) -> str:
    """Return the request as JSON in ASCII; long texts are shortened if it would be too long."""
    facts = {"model": picture.model, "seed": picture.seed, "index": picture.index, "input": dict(picture.input)}
    tries: Iterable[str] = (_inert(_json(facts if limit is None else _shortened(facts, limit))) for limit in LIMITS)
    return next((text for text in tries if len(text) <= MOST_METADATA), _json({**facts, "input": "… [left out]"}))


def _shortened(value: object, limit: int) -> object:
    """Return *value* with all its texts cut to *limit* characters, each with a note that says so."""
    match value:
        case str() if len(value) > limit:
            return f"{value[:limit]}… [cut, {len(value)} characters]"
        case Mapping():
            return {name: _shortened(item, limit) for name, item in value.items()}
        case list():
            return [_shortened(item, limit) for item in value]
        case _:
            return value


def _inert(text: str) -> str:
    """Return the JSON *text* without `<`, so that a browser that reads the file as HTML finds no tag in it."""
    return text.replace("<", "\\u003c")


def _json(value: object) -> str:
    """Return JSON in ASCII, which every reader of EXIF accepts, with sorted keys."""
    return json.dumps(value, sort_keys=True, default=str)


def _encoded(canvas: Image.Image, extension: str, quality: int, metadata: str) -> bytes:
    """Return the file, written with the fastest settings of its format; PNG ignores *quality*."""
    file = io.BytesIO()
    if extension == "png":
        chunks = PngInfo()
        chunks.add_text("Description", metadata)
        canvas.save(file, "PNG", compress_level=1, pnginfo=chunks)
        return file.getvalue()
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = metadata
    if extension == "webp":
        method = 0 if quality >= FAST_FROM else 2
        canvas.convert("RGB").save(file, "WEBP", quality=quality, method=method, exif=exif)
    else:
        canvas.convert("RGB").save(file, "JPEG", quality=quality, exif=exif)
    return file.getvalue()
