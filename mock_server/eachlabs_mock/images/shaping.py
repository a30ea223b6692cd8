"""Words: the glyphs of a text that no line break may part."""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from eachlabs_mock.images.sanitizing import clusters
from eachlabs_mock.images.typefaces import FACES, Glyph, face_with, shaped

LONGEST_KEPT: Final = 32  # characters; longer words are shaped anew, lest those kept fill the memory


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: words are kept, and looked up once for every use
class Word:
    """Glyphs no line break may part, from left to right; width in ems."""

    text: str
    glyphs: tuple[Glyph, ...]
    width: float


def word(text: str, *, right_to_left: bool = False) -> Word:
    """Shape a text of one direction, in as many typefaces as it needs."""
    shape = _kept_word if len(text) <= LONGEST_KEPT else _new_word
    return shape(text, right_to_left)


def _new_word(text: str, right_to_left: bool) -> Word:  # noqa: FBT001  # a cache tells positions apart faster than names
    runs = (shaped(face, run, right_to_left=right_to_left) for face, run in _runs(text))
    glyphs = tuple(itertools.chain.from_iterable(reversed(list(runs)) if right_to_left else runs))
    return Word(text, glyphs, sum(glyph.advance for glyph in glyphs))


_kept_word = functools.lru_cache(maxsize=4096)(_new_word)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Split into stretches of one typeface: its name, and the stretch."""
    if text.isascii():
        return iter([(FACES[0], text)])
    parts = ([cluster] if face_with(cluster) else cluster for cluster in clusters(text))
    faces = ((face_with(part) or FACES[0], part) for part in itertools.chain.from_iterable(parts))
    return ((face, "".join(part for _, part in run)) for face, run in itertools.groupby(faces, key=itemgetter(0)))
