"""Replaces the characters of a text that cannot be drawn by some that the bundled typefaces have."""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from eachlabs_mock.images.typefaces import face_with

ZERO_WIDTH_JOINER: Final = "\u200d"
JOINERS: Final = "\u200c\u200d"  # the invisible characters (category Cf) that shape their neighbours
TAB: Final = "    "
CONTROL_PICTURES: Final = 0x2400  # the picture of control character n is character 0x2400 + n
UNCOVERED: Final = "\u2039U+{:04X}\u203a"  # in angle quotes, which the first typeface has

_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_TOO_MANY_NEWLINES = re.compile(r"\n\s*\n\s*\n")


def readable(text: str) -> str:
    """Return *text* with normal line ends, visible control characters, and code points for missing glyphs."""
    shown = "".join(map(_shown, _NEWLINES.sub("\n", text)))
    return _TOO_MANY_NEWLINES.sub("\n\n", shown).strip()


def clusters(text: str) -> Iterator[str]:
    """Split *text* into user-perceived characters, such as an accented letter, a flag or an emoji sequence."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _belongs(text[at], text[start:at]):
            yield text[start:at]
            start = at


@functools.lru_cache(maxsize=8192)
def _shown(character: str) -> str:
    match unicodedata.category(character):
        case "Cc":
            return _shown_control(character)
        case "Cf" if character not in JOINERS:
            return ""  # it controls direction or line breaks, and is invisible
        case "Zs" if not face_with(character):
            return " "
        case "Co":  # private use: the bundled fonts use these for glyph numbers
            return UNCOVERED.format(ord(character))
        case _:
            return character if face_with(character) else UNCOVERED.format(ord(character))


def _shown_control(character: str) -> str:
    """Keep line ends, expand tabs, show other ASCII controls as pictures, and drop the rest."""
    if character in "\n\t":
        return character.replace("\t", TAB)
    return chr(CONTROL_PICTURES + ord(character)) if character < " " else ""


def _belongs(character: str, cluster: str) -> bool:
    """Tell whether *character* continues *cluster*."""
    if character.isascii():
        return False
    if _is_flag_letter(character):
        return len(cluster) == 1 and _is_flag_letter(cluster)
    return _extends(character) or cluster.endswith(ZERO_WIDTH_JOINER)


@functools.lru_cache(maxsize=8192)
def _extends(character: str) -> bool:
    """Tell whether *character* is a mark, a joiner or a skin tone."""
    is_mark = unicodedata.category(character) in {"Mn", "Mc", "Me"}
    return is_mark or character in JOINERS or "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
