"""Breaks text of any script into lines that fit a box.

Widths are in ems until the size is known: a text is shaped once and then tried at several sizes.
"""

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bidi.algorithm import get_base_level, get_display  # type: ignore[import-untyped]

from eachlabs_mock.images.sanitizing import ZERO_WIDTH_JOINER, clusters, readable
from eachlabs_mock.images.shaping import Word, word

MOST_CHARACTERS: Final = 2_000  # a longer text is cut
ELLIPSIS: Final = "…"
LEADING: Final = 1.36  # baseline to baseline, in ems

_IDEOGRAPHS = "\u2e80-\u2fdf\u3000-\u33ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_OPENING = "（「『【〈《〔［｛“‘"  # noqa: RUF001  # full width on purpose
_CLOSING = "）」』】〉》〕］｝、。，．！？：；ー…”’・々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"  # noqa: RUF001  # meant so
# Lines break only between these: an ideograph or a word with its punctuation, or a run of blanks.
_UNBREAKABLE = re.compile(
    rf"\s+|[{_OPENING}]*(?:[{_IDEOGRAPHS}]|[^\s{_IDEOGRAPHS}{_OPENING}]+)[{_CLOSING}]*|.", re.DOTALL
)
_RIGHT_TO_LEFT = re.compile("([\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]+)")
_NEUTRALS = tuple(map(chr, range(0x2500, 0x2580)))  # characters without a direction, rare in prompts


@dataclass(frozen=True, slots=True)
class Line:
    """Words from left to right; a line of a right-to-left paragraph is aligned to the right."""

    words: Sequence[Word]
    right_to_left: bool = False

    @property
    def width(self) -> float:
        """In ems."""
        return sum(word.width for word in self.words)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one size, in pixels to the em."""

    lines: Sequence[Line]
    size: int

    @property
    def width(self) -> int:
        """In pixels, of the longest line."""
        return round(max((line.width for line in self.lines), default=0) * self.size)

    @property
    def height(self) -> int:
        """In pixels."""
        return round(len(self.lines) * self.size * LEADING)


def fit(text: str, width: int, choices: Sequence[tuple[int, int]]) -> Block:
    """Break *text* into lines of *width* pixels, with the first of *choices* that fits all of it.

    :param choices: pairs of a type size and the available height, in pixels, from large to small. If not even the last
        one fits, the text is cut and ends in "…".
    """
    paragraphs = _paragraphs(text)

    def lines(size: int, height: int) -> list[Line]:
        """Return the lines that fit, and one more if the text has more."""
        wrapped = itertools.chain.from_iterable(_wrapped(paragraph, width / size) for paragraph in paragraphs)
        return list(itertools.islice(wrapped, _room(height, size) + 1))

    first = bisect.bisect_left(choices, True, key=lambda choice: len(lines(*choice)) <= _room(*reversed(choice)))
    size, height = choices[min(first, len(choices) - 1)]
    shown = _cut(lines(size, height), _room(height, size), width / size)
    return Block([_in_visual_order(line) for line in shown], size)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Words in reading order, the width of the widest, and the direction, which the first letter determines."""

    words: Sequence[Word]
    widest: float
    right_to_left: bool


def _paragraphs(text: str) -> list[_Paragraph]:
    shown = readable(text[:MOST_CHARACTERS])
    if len(text) > MOST_CHARACTERS or len(shown) > MOST_CHARACTERS:
        shown = shown[:MOST_CHARACTERS] + ELLIPSIS
    return [_paragraph(line) for line in shown.split("\n")]


def _paragraph(text: str) -> _Paragraph:
    words = [word(unbreakable) for unbreakable in _UNBREAKABLE.findall(text)]
    right_to_left = bool(_RIGHT_TO_LEFT.search(text)) and get_base_level(text) == 1
    return _Paragraph(words, max((one.width for one in words), default=0), right_to_left)


def _wrapped(paragraph: _Paragraph, room: float) -> Iterator[Line]:
    """Break into lines of at most *room* ems; an empty paragraph is one empty line."""
    words: Iterable[Word] = paragraph.words
    if paragraph.widest > room:
        words = itertools.chain.from_iterable(_split_word(one, room) for one in words)
    line: list[Word] = []
    left = room
    for one in words:
        if one.width > left and line and not one.text.isspace():
            yield Line(_without_trailing_blank(line), paragraph.right_to_left)
            line, left = [], room
        line.append(one)
        left -= one.width
    yield Line(_without_trailing_blank(line), paragraph.right_to_left)


def _room(height: int, size: int) -> int:
    """Return how many lines of *size* fit, at least 1."""
    return max(int(height / (size * LEADING)), 1)


def _without_trailing_blank(line: list[Word]) -> list[Word]:
    return line[:-1] if line and line[-1].text.isspace() else line


def _split_word(long: Word, room: float) -> Iterable[Word]:
    """Break a word wider than a whole line between any two of its characters."""
    if long.width <= room or long.text.isspace():
        return (long,)
    parts, left = [""], room
    for cluster in clusters(long.text):
        width = word(cluster).width
        if width > left and parts[-1]:
            parts.append("")
            left = room
        parts[-1] += cluster
        left -= width
    return map(word, parts)


def _cut(lines: list[Line], most: int, room: float) -> list[Line]:
    """Keep at most *most* lines; if there are more, the last one kept ends in "…"."""
    if len(lines) <= most:
        return lines
    last, end = list(lines[most - 1].words), word(ELLIPSIS)
    while last and sum(one.width for one in last) + end.width > room:
        last.pop()
    return [*lines[: most - 1], Line([*_without_trailing_blank(last), end], lines[most - 1].right_to_left)]


def _in_visual_order(line: Line) -> Line:
    """Reorder a line with right-to-left text by Unicode's bidirectional algorithm."""
    text = "".join(one.text for one in line.words)
    if not _RIGHT_TO_LEFT.search(text):
        return line
    text, originals = _with_stand_ins(text)
    pieces = _RIGHT_TO_LEFT.split(get_display(text, base_dir="R" if line.right_to_left else "L"))
    words = [
        # The letters are reversed here; HarfBuzz needs them in reading order, to join and to reverse them itself.
        word(piece[::-1], right_to_left=True) if odd else word("".join(originals.get(one, one) for one in piece))
        for piece, odd in zip(pieces, itertools.cycle((False, True)), strict=False)
        if piece
    ]
    return Line(words, line.right_to_left)


def _with_stand_ins(text: str) -> tuple[str, dict[str, str]]:
    """Replace each emoji sequence by one neutral character, so that reordering does not reverse its parts."""
    if max(text) < ZERO_WIDTH_JOINER:  # no character of an emoji sequence
        return text, {}
    free = iter(character for character in _NEUTRALS if character not in text)
    split = [one if len(one) == 1 or one[0].isalpha() else (next(free, one[0]), one) for one in clusters(text)]
    originals = dict(pair for pair in split if isinstance(pair, tuple))
    return "".join(pair if isinstance(pair, str) else pair[0] for pair in split), originals
