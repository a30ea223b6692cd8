"""Values that reveal errors of parsers and validators: near a bound, similar to an option, with unusual characters."""

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

Number: TypeAlias = int | float

INTEGERS: Final = (0, 1, 7, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 2**53)
"""Whole numbers that every reader of JSON holds exactly, at the ends of the usual machine words."""

WIDE_INTEGERS: Final = (-1, -(2**31), -(2**53), -(2**63), 2**53 + 1, 2**63 - 1)
"""Whole numbers of 64 bits that are negative, or that a double cannot hold exactly."""

HUGE_INTEGERS: Final = (2**63, 2**64 - 1, 2**64, 2**64 + 1, -(2**63) - 1, -(2**64), 10**30, 10**400)
"""Whole numbers that JSON allows and most servers do not."""

STEPS: Final = (1e-9, 0.0001, 0.01, 0.1, 1)
"""Distances from a bound that reveal rounding, truncation or an epsilon."""

WRAP: Final = 2**32
"""What a 32-bit word drops when it overflows: the rest may be within the bounds again."""

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "a single character": "x",
        "a rocket, outside the basic plane": "🚀",
        "a family, four joined emoji": "👨‍👩‍👧‍👦",
        "Chinese": "一座纸做的灯塔",
        "Chinese outside the basic plane": "𠮷野家𠀋",
        "Japanese": "紙の灯台 ガラスの海",
        "Korean": "종이 등대",
        "Arabic, from right to left": "منارة من ورق",
        "combining marks": "Z̷a͠l̸g̡o e\u0301",
        "several lines and a tab": "first\nsecond\r\n\tthird",
        "quotes, backslashes and braces": '"a" \\ {b} </script> %s %00 &amp;',
        "an invisible character and a byte order mark": "a\u200bb\ufeffc\u202ed",
        "a number": "42",
        "the word null": "null",
        "spaces around it": "  a lighthouse  ",
        "5,000 characters": "a lighthouse " * 384 + "by night",
        "5,000 characters outside the basic plane": "🌊" * 5_000,
    }
)
"""Valid free texts, each with what is special about it."""

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
"""Names that people confuse with an option."""


def within(kind: str, low: Number | None, high: Number | None) -> tuple[Number, ...]:
    """Return values of a *kind*, integer or number, from *low* to *high* (None: no bound), edges first."""
    ends = [bound for bound in (low, high) if bound is not None]
    near = [low + step for step in STEPS if low is not None] + [high - step for step in STEPS if high is not None]
    middle = [(low + high) / 2] if low is not None and high is not None else []
    candidates: list[Number] = [*ends, *near, *middle, *INTEGERS, *WIDE_INTEGERS]
    if kind == "integer":
        candidates = [round(value) for value in candidates]
    else:
        candidates += [*map(float, ends), *_neighbours(low, math.inf), *_neighbours(high, -math.inf)]
    return distinct(value for value in candidates if _inside(value, low, high))


def below(kind: str, low: Number) -> tuple[Number, ...]:
    """Return values of a *kind* below the inclusive bound *low*, the nearest first."""
    if kind == "integer":
        bottom = math.ceil(low)
        candidates: list[Number] = [bottom - 1, bottom - 2, bottom - 10, -(2**31), bottom + 1 - WRAP, -(2**63)]
    else:
        candidates = [*_neighbours(low, -math.inf), *(low - step for step in STEPS), -1e9, -1e308]
    return tuple(value for value in distinct(candidates) if value < low)


def above(kind: str, high: Number) -> tuple[Number, ...]:
    """Return values of a *kind* above the inclusive bound *high*, the nearest first."""
    if kind == "integer":
        top = math.floor(high)
        candidates: list[Number] = [top + 1, top + 2, top + 1000, 2**31, top + WRAP, 2**63 - 1, top + WRAP**2]
    else:
        candidates = [*_neighbours(high, math.inf), *(high + step for step in STEPS), 1e9, 1e308]
    return tuple(value for value in distinct(candidates) if value > high)


def fractions(low: Number | None, high: Number | None) -> tuple[float, ...]:
    """Return numbers from *low* to *high* (None: no bound) that are not whole."""
    start = 28 if low is None else low
    end = start + 100 if high is None else high
    middle = (start + end) // 2
    candidates = (middle + 0.5, middle + 0.0001, start + 0.1, start + 0.9, end - 0.1, end - 0.9, math.nextafter(end, 0))
    return tuple(value for value in distinct(candidates) if value % 1 and _inside(value, low, high))


def beside(options: Sequence[str]) -> tuple[str, ...]:
    """Return texts that resemble one of *options* but are none of them."""
    spelled = [near for option in options for near in (*_respelled(option), *ALIASES.get(option, ()))]
    candidates = [*spelled, *_disfigured(options[0]), ",".join(options), "", "null", "none"]
    return tuple(text for text in dict.fromkeys(candidates) if text not in options)


def distinct(values: Iterable[Number]) -> tuple[Number, ...]:
    """Return *values* without repetitions; 10 and 10.0 count as two, since JSON writes them differently."""
    return tuple({(type(value), value): value for value in values}.values())


def _neighbours(bound: Number | None, towards: float) -> tuple[float, ...]:
    """Return the double next to *bound*; nothing where there is no bound."""
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
