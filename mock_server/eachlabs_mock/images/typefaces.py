"""The bundled typefaces: finds the one for a character, shapes runs and draws glyphs.

HarfBuzz shapes and Pillow draws, both with the files in `fonts/` only: Pillow's own shaping uses a system library, so
its result would differ between machines.
"""

import functools
import math
import unicodedata
from pathlib import Path
from typing import Final, NamedTuple

import uharfbuzz  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont

FOLDER: Final = Path(__file__).parent / "fonts"
# In order of preference. The first has Latin, Greek and Cyrillic; emoji come before symbols, so that both look alike.
FACES: Final = (
    "Inter.otf",
    "DroidSansFallback.ttf",
    "NotoEmoji.ttf",
    "NotoSansArabic.ttf",
    "NotoSansHebrew.ttf",
    "NotoSansDevanagari.ttf",
    "NotoSansThai.ttf",
    "NotoSansBengali.ttf",
    "NotoSansTamil.ttf",
    "NotoSansTelugu.ttf",
    "NotoSansGujarati.ttf",
    "NotoSansGurmukhi.ttf",
    "NotoSansKannada.ttf",
    "NotoSansMalayalam.ttf",
    "NotoSansOriya.ttf",
    "NotoSansSinhala.ttf",
    "NotoSansMyanmar.ttf",
    "NotoSansKhmer.ttf",
    "NotoSansLao.ttf",
    "NotoSerifTibetan.ttf",
    "NotoSansGeorgian.ttf",
    "NotoSansArmenian.ttf",
    "NotoSansEthiopic.ttf",
    "NotoSansThaana.ttf",
    "DroidSansFallbackRare.ttf",
    "NotoSansSymbols.ttf",
    "NotoSansSymbols2.ttf",
    "NotoSansMath.ttf",
    "NotoSansMono.ttf",
)
EMOJI: Final = "NotoEmoji.ttf"
EMOJI_STYLE: Final = "\ufe0f"  # requests the emoji form of a character that also has a plain one
GLYPHS: Final = 0xF0000  # glyph n is also character 0xF0000 + n; see fonts/README.md
PHASES: Final = 4  # glyphs are placed to a quarter of a pixel


class Glyph(NamedTuple):
    """One glyph of a run; lengths are in ems, so that they fit every size."""

    face: str
    number: int
    advance: float
    right: float
    up: float


class Stamp(NamedTuple):
    """A mask of ink, and its offset in pixels from the pen on the baseline."""

    mask: Image.Image
    right: int
    down: int


@functools.lru_cache(maxsize=8192)
def face_with(text: str) -> str | None:
    """Return the first typeface that has every character of *text*; None: none has."""
    order = sorted(FACES, key=EMOJI.__ne__) if EMOJI_STYLE in text else FACES
    needed = [ord(character) for character in text if not _is_invisible(character)]
    return next((face for face in order if all(map(_shaper(face).get_nominal_glyph, needed))), None)


def shaped(face: str, text: str, *, right_to_left: bool = False) -> list[Glyph]:
    """Return the glyphs of a run of one typeface and one direction, from left to right."""
    font = _shaper(face)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if right_to_left else "ltr"
    uharfbuzz.shape(font, buffer)
    em = font.scale[0]
    return [
        Glyph(face, info.codepoint, at.x_advance / em, at.x_offset / em, at.y_offset / em)
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]


@functools.lru_cache(maxsize=2048)  # at most 20 MB, if all are large ideographs
def stamp(face: str, number: int, size: int, phase: int) -> Stamp | None:
    """Draw a glyph of *size* pixels to the em, *phase* quarters of a pixel to the right; None for a blank."""
    text, drawer = chr(GLYPHS + number), _drawer(face, size)
    left, top, right, bottom = map(math.floor, drawer.getbbox(text, anchor="ls"))
    if left == right or top == bottom:
        return None
    mask = Image.new("L", (right - left + 2, bottom - top + 1))
    ImageDraw.Draw(mask).text((phase / PHASES - left, -top), text, 255, drawer, "ls")
    return Stamp(mask, left, top)


def _is_invisible(character: str) -> bool:
    """Tell whether *character* is a joiner or a variation selector, which need no glyph."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


@functools.cache
def _shaper(face: str) -> uharfbuzz.Font:
    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(FOLDER / face)))


@functools.lru_cache(maxsize=256)
def _drawer(face: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FOLDER / face, size, layout_engine=ImageFont.Layout.BASIC)
