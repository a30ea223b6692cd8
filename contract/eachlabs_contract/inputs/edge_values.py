"""The values at which parsers and validators err: around a bound, beside an option, out of the common characters."""

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

Number: TypeAlias = int | float

INTEGERS: Final = (0, 1, 7, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 2**53)
"""Whole numbers that every reader of JSON holds exactly, at the ends of the usual machine words."""

WIDE_INTEGERS: Final = (-1, -(2**31), -(2**53), -(2**63), 2**53 + 1, 2**63 - 1)
"""Whole numbers of 64 bits that are negative, or that a double does not hold."""

HUGE_INTEGERS: Final = (2**63, 2**64 - 1, 2**64, 2**64 + 1, -(2**63) - 1, -(2**64), 10**30, 10**400)
"""Whole numbers of which JSON sets no limit and most servers do."""

STEPS: Final = (1e-9, 0.0001, 0.01, 0.1, 1)
"""Distances from a bound at which a rounding, a truncation or an epsilon shows."""

WRAP: Final = 2**32
"""What a machine word of 32 bits drops: a number may come back into its bounds after it."""

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "a single character": "x",
        "a rocket, outside the basic plane": "🚀",
        "a family, four emoji that are joined": "👨‍👩‍👧‍👦",
        "Chinese": "一座纸做的灯塔",
        "Chinese outside the basic plane": "𠮷野家𠀋",
        "Japanese": "紙の灯台 ガラスの海",
        "Korean": "종이 등대",
        "Arabic, from right to left": "منارة من ورق",
        "combining marks": "Z̷a͠l̸g̡o e\u0301",
        "several lines and a tab": "first\nsecond\r\n\tthird",
        "quotes, backslashes and braces": '"a" \\ {b} </script> %s %00 &amp;',
        "an unseen character and a byte order mark": "a\u200bb\ufeffc\u202ed",
        "a number": "42",
        "the word null": "null",
        "blanks around it": "  a lighthouse  ",
        "5,000 characters": "a lighthouse " * 384 + "by night",
        "5,000 characters outside the basic plane": "🌊" * 5_000,
    }
)
"""Texts that a free text may be, each with what is special about it."""

ALIASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "jpg": ("jpeg", "jpe", "jfif"),
        "jpeg": ("jpg", "jpe", "jfif"),
        "png": ("apng",),
        "webp": ("gif", "avif"),
        "16:9": ("16x9", "16/9", "32:18", "1.7777777777777777", "21:9"),
        "1:1": ("2:2", "1", "1x1"),
        "square": ("1:1", "custom"),
        "none": ("null", "off"),
    }
)
"""What people write for an option, or beside it, that is none."""


def within(kind: str, low: Number | None, high: Number | None) -> tuple[Number, ...]:
    """Return values of a *kind*, integer or number, from *low* to *high* (None: there is no bound), edges first."""
    ends = [each for each in (low, high) if each is not None]
    near = [low + step for step in STEPS if low is not None] + [high - step for step in STEPS if high is not None]
    middle = [(low + high) / 2] if low is not None and high is not None else []
    candidates: list[Number] = [*ends, *near, *middle, *INTEGERS, *WIDE_INTEGERS]
    if kind == "integer":
        candidates = [round(each) for each in candidates]
    else:
        candidates += [*map(float, ends), *_neighbours(low, math.inf), *_neighbours(high, -math.inf)]
    return distinct(each for each in candidates if _inside(each, low, high))


def below(kind: str, low: Number) -> tuple[Number, ...]:
    """Return values of a *kind* under the inclusive bound *low*, the nearest first."""
    if kind == "integer":
        bottom = math.ceil(low)
        candidates: list[Number] = [bottom - 1, bottom - 2, bottom - 10, -(2**31), bottom + 1 - WRAP, -(2**63)]
    else:
        candidates = [*_neighbours(low, -math.inf), *(low - step for step in STEPS), -1e9, -1e308]
    return tuple(each for each in distinct(candidates) if each < low)


def above(kind: str, high: Number) -> tuple[Number, ...]:
    """Return values of a *kind* over the inclusive bound *high*, the nearest first."""
    if kind == "integer":
        top = math.floor(high)
        candidates: list[Number] = [top + 1, top + 2, top + 1000, 2**31, top + WRAP, 2**63 - 1, top + WRAP**2]
    else:
        candidates = [*_neighbours(high, math.inf), *(high + step for step in STEPS), 1e9, 1e308]
    return tuple(each for each in distinct(candidates) if each > high)


def fractions(low: Number | None, high: Number | None) -> tuple[float, ...]:
    """Return numbers from *low* to *high* (None: there is no bound) that are not whole."""
    start = 28 if low is None else low
    end = start + 100 if high is None else high
    middle = (start + end) // 2
    candidates = (middle + 0.5, middle + 0.0001, start + 0.1, start + 0.9, end - 0.1, end - 0.9, math.nextafter(end, 0))
    return tuple(each for each in distinct(candidates) if not float(each).is_integer() and _inside(each, low, high))


def beside(options: Sequence[str]) -> tuple[str, ...]:
    """Return texts that look like one of *options* and are none of them."""
    spelled = [near for option in options for near in (*_respelled(option), *ALIASES.get(option, ()))]
    candidates = [*spelled, *_disfigured(options[0]), ",".join(options), "", "null", "none"]
    return tuple(each for each in dict.fromkeys(candidates) if each not in options)


def distinct(values: Iterable[Number]) -> tuple[Number, ...]:
    """Return *values* without repetitions; 10 and 10.0 are two values, as JSON writes them differently."""
    return tuple({(type(each), each): each for each in values}.values())


def _neighbours(bound: Number | None, towards: float) -> tuple[float, ...]:
    """Return the double next to *bound*; none where the bound is none."""
    return () if bound is None else (math.nextafter(bound, towards),)


def _inside(value: Number, low: Number | None, high: Number | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _respelled(option: str) -> tuple[str, ...]:
    if option.isdecimal():
        return (f"{int(option) - 1}", f"{int(option) + 1}", f"{option}.0", f"0{option}")
    return (option.upper(), option.title(), option.lower(), option.swapcase())


def _disfigured(option: str) -> tuple[str, ...]:
    blanks = (f" {option}", f"{option} ", f"{option}\n", f"\t{option}")
    return (*blanks, option[:-1], option[1:], option * 2, f".{option}", f"image/{option}", f'"{option}"')
