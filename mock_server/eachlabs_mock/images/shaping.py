"""Shapes words: the glyphs of a text without a line break."""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from eachlabs_mock.images.sanitizing import clusters
from eachlabs_mock.images.typefaces import FACES, Glyph, face_with, shaped

LONGEST_KEPT: Final = 32  # characters; longer words are not cached, to save memory


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: words are cached
class Word:
    """The glyphs of an unbreakable text, from left to right; width in ems."""

    text: str
    glyphs: tuple[Glyph, ...]
    width: float


def word(text: str, *, right_to_left: bool = False) -> Word:
    """Shape a text of one direction, with all typefaces that it needs."""
    shape = _cached_word if len(text) <= LONGEST_KEPT else _new_word
    return shape(text, right_to_left)


def _new_word(text: str, right_to_left: bool) -> Word:  # noqa: FBT001  # the cache is faster with positional arguments
    runs = (shaped(face, run, right_to_left=right_to_left) for face, run in _runs(text))
    glyphs = tuple(itertools.chain.from_iterable(reversed(list(runs)) if right_to_left else runs))
    return Word(text, glyphs, sum(glyph.advance for glyph in glyphs))


_cached_word = functools.lru_cache(maxsize=4096)(_new_word)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Split into runs of one typeface; yield its name and the run."""
    if text.isascii():
        return iter([(FACES[0], text)])
    parts = ([cluster] if face_with(cluster) else cluster for cluster in clusters(text))
    faces = ((face_with(part) or FACES[0], part) for part in itertools.chain.from_iterable(parts))
    return ((face, "".join(part for _, part in run)) for face, run in itertools.groupby(faces, key=itemgetter(0)))
