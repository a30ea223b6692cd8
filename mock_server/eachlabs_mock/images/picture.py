"""The bytes of an output image: a placeholder that shows, and carries, the request it answers. No clock, no chance."""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from eachlabs_mock.images import artwork
from eachlabs_mock.images.caption import Caption, write
from eachlabs_mock.images.request_options import extension_of, integer, size_of

DEFAULT_QUALITY: Final = 80  # the page's default of output_quality
FAST_FROM: Final = 78  # quality of WebP; below it the bytes of its fastest method do not fall with the quality
IMAGE_DESCRIPTION: Final = 0x010E  # EXIF tag
MOST_METADATA: Final = 60_000  # bytes; a JPEG has room for 65,533, the tags and their frame included
LIMITS: Final = (None, 4096, 512, 64, 0)  # characters of a text in the metadata, tried in this order
# What decides how a picture is packed, or whether it is given out at all, but not what is on it.
UNSEEN: Final = frozenset(
    {"output_format", "output_quality", "sync_mode", "disable_safety_checker", "enable_safety_checker"}
)


@dataclass(frozen=True, slots=True)
class Picture:
    """All that decides the bytes of one output image."""

    model: str  # slug
    title: str  # the model's human name
    input: Mapping[str, object]  # the request's, with the schema's defaults filled in
    seed: int  # as given, or as drawn by the caller
    index: int = 0  # in a list of images


def render(picture: Picture) -> bytes:
    """Return the file: the format, size and quality that the input asks for."""
    key = _key(picture)
    canvas = artwork.scene(key, size_of(picture.input))
    write(Caption.of(picture.title, picture.seed, picture.index, picture.input), canvas)
    canvas.putpalette(artwork.palette(key))
    return _encoded(canvas, extension_of(picture.input), _quality(picture.input), _metadata(picture))


def _key(picture: Picture) -> str:
    """Digest all that changes what is to be seen."""
    seen = {name: value for name, value in picture.input.items() if name not in UNSEEN}
    facts = _json([picture.model, picture.seed, picture.index, seen])
    return hashlib.blake2b(facts.encode(), digest_size=16).hexdigest()


def _quality(input: Mapping[str, object]) -> int:  # noqa: A002  # the wire's own name
    asked = integer(input.get("output_quality"))
    return DEFAULT_QUALITY if asked is None else min(max(asked, 0), 100)


def _metadata(picture: Picture) -> str:
    """Return the request as JSON, in ASCII; its long texts cut where it would not fit."""
    facts = {"model": picture.model, "seed": picture.seed, "index": picture.index, "input": dict(picture.input)}
    tries: Iterable[str] = (_inert(_json(facts if limit is None else _shortened(facts, limit))) for limit in LIMITS)
    return next((text for text in tries if len(text) <= MOST_METADATA), _json({**facts, "input": "… [left out]"}))


def _shortened(value: object, limit: int) -> object:
    """Cut every text in *value* to *limit* characters, and say so in it."""
    match value:
        case str() if len(value) > limit:
            return f"{value[:limit]}… [cut, {len(value)} characters]"
        case Mapping():
            return {name: _shortened(each, limit) for name, each in value.items()}
        case list():
            return [_shortened(each, limit) for each in value]
        case _:
            return value


def _inert(text: str) -> str:
    """Return the JSON *text* such that nobody who takes the file for HTML finds a tag in it; it says the same."""
    return text.replace("<", "\\u003c")


def _json(value: object) -> str:
    """Write JSON in ASCII, which every reader of EXIF agrees on; keys sorted, as their order means nothing."""
    return json.dumps(value, sort_keys=True, default=str)


def _encoded(canvas: Image.Image, extension: str, quality: int, metadata: str) -> bytes:
    """Write the file with the fastest settings of each format; quality means nothing to PNG, which loses nothing."""
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
