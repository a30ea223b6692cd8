"""What becomes of a text's characters before it is set: each one shows as a glyph some bundled typeface has."""

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
    """Return *text* with blanks tidied, controls made visible and what no typeface has written as its number."""
    shown = "".join(map(_shown, _NEWLINES.sub("\n", text)))
    return _TOO_MANY_NEWLINES.sub("\n\n", shown).strip()


def clusters(text: str) -> Iterator[str]:
    """Split *text* into what a reader takes for one character: an accented letter, a flag, a family of emoji."""
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
            return ""  # it steers direction or line breaks, and shows nothing
        case "Zs" if not face_with(character):
            return " "
        case "Co":  # in the bundled files these are the glyphs' numbers; in a prompt they mean nothing
            return UNCOVERED.format(ord(character))
        case _:
            return character if face_with(character) else UNCOVERED.format(ord(character))


def _shown_control(character: str) -> str:
    """Keep line ends, widen tabs, draw the rest of ASCII's controls, and leave out the others."""
    if character in "\n\t":
        return character.replace("\t", TAB)
    return chr(CONTROL_PICTURES + ord(character)) if character < " " else ""


def _belongs(character: str, cluster: str) -> bool:
    """Tell whether *character* goes on with *cluster*."""
    if character.isascii():
        return False
    if _is_flag_letter(character):
        return len(cluster) == 1 and _is_flag_letter(cluster)
    return _extends(character) or cluster.endswith(ZERO_WIDTH_JOINER)


@functools.lru_cache(maxsize=8192)
def _extends(character: str) -> bool:
    """Tell marks, joiners and skin tones."""
    is_mark = unicodedata.category(character) in {"Mn", "Mc", "Me"}
    return is_mark or character in JOINERS or "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
