"""Draws laid out text on a canvas."""

import functools
from collections.abc import Iterable, Iterator
from typing import Final

from PIL import Image, ImageDraw

from eachlabs_mock.images.shaping import Word
from eachlabs_mock.images.typefaces import PHASES, Stamp, stamp
from eachlabs_mock.images.typesetting import LEADING, Block

BASELINE: Final = 1.03  # from the top of a line to its baseline, in ems
FINE: Final = 32  # pixels to the em; up to this size glyphs stand at quarters of a pixel, above at whole ones
SHORT: Final = 24  # glyphs; longer words are not cached, to save memory


def draw(block: Block, canvas: Image.Image, box: tuple[int, int, int], tone: int) -> None:
    """Draw *block* on a grey *canvas*; *box* is the left, top and width in pixels, *tone* 0 to 255."""
    left, top, width = box
    brush = ImageDraw.Draw(canvas)
    for row, line in enumerate(block.lines):
        pen = left + (width - line.width * block.size if line.right_to_left else 0.0)
        baseline = top + round((row * LEADING + BASELINE) * block.size)
        for one in line.words:
            for ink in () if one.text.isspace() else _inks(one, block.size):
                brush.bitmap((round(pen) + ink.right, baseline + ink.down), ink.mask, tone)
            pen += one.width * block.size


def _inks(one: Word, size: int) -> Iterable[Stamp]:
    """Return the stamps of a word; a small word is cached as one stamp, because pasting takes most of the time."""
    small = size <= FINE and 1 < len(one.glyphs) <= SHORT
    return (_cached_stamp(one, size),) if small else _stamps(one, size)


@functools.lru_cache(maxsize=2048)
def _cached_stamp(one: Word, size: int) -> Stamp:
    inks = list(_stamps(one, size))
    left, top = min((ink.right for ink in inks), default=0), min((ink.down for ink in inks), default=0)
    right = max((ink.right + ink.mask.width for ink in inks), default=1)
    bottom = max((ink.down + ink.mask.height for ink in inks), default=1)
    mask = Image.new("L", (right - left, bottom - top))
    for ink in inks:
        mask.paste(255, (ink.right - left, ink.down - top), ink.mask)
    return Stamp(mask, left, top)


def _stamps(one: Word, size: int) -> Iterator[Stamp]:
    """Yield the visible glyphs, with offsets from the start of the word on its baseline."""
    step = 1 if size <= FINE else PHASES
    pen = 0.0
    for face, number, advance, right, up in one.glyphs:
        column, phase = divmod(round((pen + right * size) * PHASES / step) * step, PHASES)
        if ink := stamp(face, number, size, phase):
            yield Stamp(ink.mask, column + ink.right, ink.down - round(up * size))
        pen += advance * size
