"""Text of any script: visible characters, line breaks and order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eachlabs_mock.images.sanitizing import clusters, readable
from eachlabs_mock.images.shaping import word
from eachlabs_mock.images.text_drawing import draw
from eachlabs_mock.images.typefaces import FACES, FOLDER, face_with, stamp
from eachlabs_mock.images.typesetting import Block, fit

SCRIPTS = {
    "latin": "Tiếng Việt, naïve façade — “quotes”… €",
    "greek": "Καλημέρα κόσμε",
    "cyrillic": "Съешь ещё этих мягких французских булок",
    "chinese": "一只红色的狐狸站在雪地里。繁體中文",
    "cantonese": "㗎",
    "japanese": "夕焼けの海辺で、コーヒーを飲む。",
    "korean": "눈 덮인 숲속의 붉은 여우, ㅋㅋ",
    "arabic": "ثعلب أحمر في الثلج، ٢٠٢٤",
    "persian": "می‌خواهم گچ پژ",
    "hebrew": "שוּעָל אדום בשלג",
    "hindi": "बर्फ में एक लाल लोमड़ी, क्षितिज",
    "bengali": "বাংলা ভাষা",
    "tamil": "தமிழ் மொழி",
    "telugu": "తెలుగు",
    "gujarati": "ગુજરાતી",
    "punjabi": "ਪੰਜਾਬੀ",
    "kannada": "ಕನ್ನಡ",
    "malayalam": "മലയാളം",
    "odia": "ଓଡ଼ିଆ",
    "sinhala": "සිංහල",
    "thai": "สุนัขจิ้งจอกแดงน้ำแข็ง",
    "lao": "ພາສາລາວ",
    "khmer": "ភាសាខ្មែរ",
    "burmese": "မြန်မာဘာသာ",
    "tibetan": "བོད་སྐད",
    "georgian": "ქართული",
    "armenian": "Հայերեն",
    "amharic": "አማርኛ",
    "dhivehi": "ދިވެހި",
    "emoji": "🎉👩‍👩‍👧‍👦👍🏽🇩🇪🇯🇵1️⃣❤️🏳️‍🌈🧿🫠",
    "symbols": "✓ ★ → ∑ ∞ ♞ ☀ ℃ ½ ① │ ▓ ♪ ⅷ",
}


def glyph_numbers(text: str) -> list[int]:
    return [glyph.number for glyph in word(text).glyphs]


def as_text(block: Block) -> list[str]:
    return ["".join(one.text for one in line.words) for line in block.lines]


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_every_script_shows_without_an_empty_box(text: str) -> None:
    assert readable(text) == text
    assert 0 not in glyph_numbers(text)


@pytest.mark.slow
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_no_text_ever_shows_the_glyph_for_missing_characters(text: str) -> None:
    assert 0 not in glyph_numbers(readable("a " + text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb", "a    b"),
        ("notifier \x07 and null \x00", "notifier ␇ and null ␀"),
        ("next\x9fone", "nextone"),
        ("zero\u200bwidth \u202eoverride\ufeff", "zerowidth override"),
        ("egyptian \U00013000", "egyptian ‹U+13000›"),  # noqa: RUF001  # meant so
        ("private \ue000 \U000f0001", "private ‹U+E000› ‹U+F0001›"),  # noqa: RUF001  # meant so
        ("surrogate \ud800", "surrogate ‹U+D800›"),  # noqa: RUF001  # meant so
        ("a\n\n \n\n\nb", "a\n\nb"),
        ("  \n ", ""),
        ("ogham\u1680space", "ogham space"),
    ],
)
def test_characters_without_a_glyph_become_readable(text: str, shown: str) -> None:
    assert readable(text) == shown


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("ab", ["a", "b"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("👩🏽‍💻x", ["👩🏽‍💻", "x"]),
        ("🇩🇪🇯🇵", ["🇩🇪", "🇯🇵"]),
        ("1️⃣2", ["1️⃣", "2"]),
    ],
)
def test_clusters_are_what_a_reader_counts(text: str, split: list[str]) -> None:
    assert list(clusters(text)) == split


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "🏳️‍🌈"])
def test_emoji_of_several_characters_is_one_glyph_with_a_width(emoji: str) -> None:
    assert len([glyph for glyph in word(emoji).glyphs if glyph.advance]) == 1


def test_a_mark_from_another_typeface_is_drawn_beside_its_letter() -> None:
    assert face_with("क\u20e3") is None
    assert 0 not in glyph_numbers("क\u20e3")


def test_arabic_letters_are_joined() -> None:
    apart = [glyph_numbers(letter)[0] for letter in "مرحبا"]

    assert {glyph.number for glyph in word("مرحبا", right_to_left=True).glyphs}.isdisjoint({apart[0], apart[3]})


def test_largest_size_with_room_for_all_is_taken() -> None:
    choices = [(64, 100), (32, 100), (16, 100)]

    assert [fit("word " * count, 400, choices).size for count in (1, 7, 30)] == [64, 32, 16]


def test_no_line_is_wider_than_the_box() -> None:
    block = fit("A fox stands in 雪地里 with " + "averylongword" * 20, 300, [(20, 2000)])

    assert block.width <= 300


def test_words_stay_whole_where_they_fit() -> None:
    assert as_text(fit("one two three four", 110, [(20, 200)])) == ["one two", "three four"]


def test_ideographs_break_anywhere_but_not_before_a_closing_mark() -> None:
    assert as_text(fit("狐狸站在，雪地里。", 80, [(20, 200)])) == ["狐狸站", "在，雪地", "里。"]  # noqa: RUF001  # meant so


def test_empty_lines_are_kept() -> None:
    assert as_text(fit("a\n\nb", 100, [(20, 200)])) == ["a", "", "b"]


def test_text_that_does_not_fit_ends_in_an_ellipsis() -> None:
    assert as_text(fit("one two three four five six", 110, [(20, 60)])) == ["one two", "three…"]


def test_a_text_beyond_2000_characters_is_cut_before_it_is_set() -> None:
    assert as_text(fit("x\n" * 4000, 2000, [(10, 10**6)]))[-1] == "x…"


def test_an_uncovered_text_is_cut_after_it_was_spelled_out() -> None:
    assert sum(map(len, as_text(fit("\U00013000" * 5000, 2000, [(10, 10**6)])))) == 2001


def test_a_line_always_shows_something() -> None:
    assert len(fit("one two", 5, [(20, 1)]).lines) == 1


def test_right_to_left_paragraph_stands_right_and_left_to_right_left() -> None:
    block = fit("שלום abc\nabc שלום", 1000, [(20, 100)])

    assert [line.right_to_left for line in block.lines] == [True, False]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("שלום (אור) 35mm", ["35mm (", "רוא", ") ", "םולש"]),
        ("abc שלום def", ["abc ", "םולש", " def"]),
    ],
)
def test_mixed_directions_stand_in_visual_order(text: str, shown: list[str]) -> None:
    words = fit(text, 1000, [(20, 100)]).lines[0].words

    # A right-to-left word keeps its reading order in its text; its glyphs are what is turned round.
    assert [one.text[::-1] if one.text[0] >= "\u0590" else one.text for one in words] == shown


def test_emoji_of_several_characters_survives_reordering() -> None:
    words = fit("שלום 👍🏽 🇩🇪 ─ שלום", 1000, [(20, 100)]).lines[0].words

    assert " ─ 🇩🇪 👍🏽 " in [one.text for one in words]


@pytest.mark.parametrize("size", [16, 64], ids=["small", "large"])
def test_ink_stays_near_its_box(size: int) -> None:
    canvas = Image.new("L", (600, 200), 0)
    block = fit("Ågfl fox 狐", 500, [(size, 150)])
    draw(block, canvas, (50, 30, 500), 255)

    left, top, right, bottom = canvas.getbbox() or (0, 0, 0, 0)
    assert (left >= 48, top >= 28, right <= 52 + block.width, bottom <= 32 + block.height) == (True,) * 4


def test_right_to_left_ink_ends_at_the_right_edge() -> None:
    canvas = Image.new("L", (600, 100), 0)
    draw(fit("שלום", 500, [(30, 60)]), canvas, (50, 10, 500), 255)

    right = (canvas.getbbox() or (0, 0, 0, 0))[2]
    assert 540 <= right <= 552


def test_a_blank_has_no_ink() -> None:
    assert stamp(FACES[0], word(" ").glyphs[0].number, 20, 0) is None


@pytest.mark.parametrize("face", FACES)
def test_each_typeface_is_shipped_and_its_licence_beside_it(face: str) -> None:
    family = {"I": "Inter", "D": "DroidSansFallback", "N": "Noto"}[face[0]]

    assert (FOLDER / face).is_file()
    assert "licen" in (FOLDER / f"{family}-LICENSE.txt").read_text(encoding="utf-8").lower()


def test_fonts_stay_below_ten_megabytes() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 10_000_000
