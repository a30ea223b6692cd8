"""Draws the background of an output image: a scene in greys, and a palette that colours it.

A scene has one channel, from 0 (dark) to 255 (light): PNG compresses that fastest, and every palette suits every scene.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image, ImageDraw

from eachlabs_mock.core import Chance

# From dark to light; colours in the same column are about equally light.
PALETTES: Final[Sequence[Sequence[str]]] = (
    ("0d0b1e", "2a1a4a", "7a2e6e", "e0605e", "ffb877", "fff3e0"),  # dusk
    ("051622", "0b3a53", "14708c", "47b0b5", "a8e0d0", "f5fff9"),  # lagoon
    ("07150f", "12382a", "2c6b48", "7fae5f", "d8d98a", "fffbe6"),  # meadow
    ("160a08", "4a150f", "a3301c", "e9742b", "fbc15e", "fff6dd"),  # ember
    ("100c22", "30245c", "6a4fb0", "b48be0", "f0c3e4", "fff5fb"),  # lilac
    ("0b1016", "22303e", "4b6275", "8fa6b2", "d3dcdd", "fbfaf5"),  # slate
    ("1a0a12", "4b1530", "a02c52", "e76f7f", "f9b9a7", "fff1e8"),  # rose
    ("06141b", "0f3b46", "2b7a78", "c79a63", "f4c98f", "fff4dc"),  # oasis
)
SHADES: Final = 256
STEPS: Final = 64  # points of a wave per length of the shorter side

Skyline = list[tuple[float, float]]  # points from left to right


def scene(chance: Chance, size: tuple[int, int]) -> Image.Image:
    """Draw a scene in greys; *size* is its width and height in pixels."""
    return SCENES[chance.below(len(SCENES), "scene")](chance, size)


def stripes(width: int, tones: bytes) -> Image.Image:
    """Return an image with one row for each tone in *tones*, from the top down."""
    return Image.frombytes("L", (1, len(tones)), tones).resize((width, len(tones)), Image.Resampling.NEAREST)


def palette(chance: Chance) -> bytes:
    """Return 256 colours from dark to light, three bytes each."""
    return _ramp(chance.below(len(PALETTES), "palette"))


@functools.cache
def _ramp(number: int) -> bytes:
    stops = [bytes.fromhex(colour) for colour in PALETTES[number]]
    colours = bytearray()
    for shade in range(SHADES):
        stop, part = divmod(shade * (len(stops) - 1) / (SHADES - 1), 1)
        low, high = stops[int(stop)], stops[min(int(stop) + 1, len(stops) - 1)]
        colours += bytes(round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return bytes(colours)


def _hills(chance: Chance, size: tuple[int, int]) -> Image.Image:
    """Draw soft hills, one behind the other, below a low sun."""
    return _landscape(chance, size, _waves)


def _mountains(chance: Chance, size: tuple[int, int]) -> Image.Image:
    """Draw ridges, one behind the other, below a low sun."""
    return _landscape(chance, size, _peaks)


def _landscape(chance: Chance, size: tuple[int, int], outline: Callable[[Chance, int, float], Skyline]) -> Image.Image:
    (width, height), unit = size, min(size)
    horizon = chance.between(0.34, 0.5, "horizon")
    canvas = _sky(size, round(chance.between(105, 150, "zenith")), 232, horizon)
    brush = ImageDraw.Draw(canvas)
    _sun(brush, chance, (width * chance.between(0.3, 0.85, "sun"), height * (horizon - 0.06)), unit)
    layers = 5 + chance.below(3, "layers")
    behind = 222
    for layer in range(layers):
        depth = layer / (layers - 1)
        top, swell = height * (horizon + (0.97 - horizon) * depth**1.15), unit * (0.035 + 0.05 * depth)
        skyline = [(x * unit, top - y * swell) for x, y in outline(chance, layer, width / unit)]
        tone = round(176 - 150 * depth**0.8)
        _ground(brush, height, skyline, (behind, tone))
        behind = tone
    return canvas


def _rings(chance: Chance, size: tuple[int, int]) -> Image.Image:
    """Draw circles around a light, darker towards the outside."""
    width, height = size
    canvas = Image.new("L", size, 30)
    brush = ImageDraw.Draw(canvas)
    centre = width * chance.between(0.2, 0.85, "x"), height * chance.between(0.18, 0.45, "y")
    count, crowding = 8 + chance.below(5, "count"), chance.between(1.15, 1.5, "crowding")
    reach = math.hypot(width, height) * 0.86
    for ring in range(count, 0, -1):
        tone = round(30 + 215 * (1 - ring / count) ** 1.35)
        _disc(brush, centre, reach * (ring / count) ** crowding, tone)
    return canvas


def _ribbons(chance: Chance, size: tuple[int, int]) -> Image.Image:
    """Draw bands across the canvas, from light to dark."""
    (width, height), unit = size, min(size)
    canvas = Image.new("L", size, 238)
    brush = ImageDraw.Draw(canvas)
    count = 8 + chance.below(4, "count")
    slope = chance.between(0.12, 0.4, "slope") * (1 if chance.below(2, "lean") else -1)
    flow = _waves(chance, 0, width / unit)
    behind = 238
    for band in range(count):
        depth = (band + 1) / count
        top, swell = height * (depth * 1.15 - 0.22), unit * chance.between(0.08, 0.13, "swell", band)
        skyline = [(x * unit, top + slope * (x * unit - width / 2) - y * swell) for x, y in flow]
        tone = round(238 - 212 * depth**0.75)
        _ground(brush, height * 2, skyline, (behind, tone))
        behind = tone
    return canvas


def _sky(size: tuple[int, int], zenith: int, low: int, horizon: float) -> Image.Image:
    """Return a sky that grows lighter from the top down to the horizon."""
    canvas, reach = Image.new("L", size, low), size[1] * horizon
    canvas.paste(stripes(size[0], bytes(round(zenith + (low - zenith) * y / reach) for y in range(int(reach)))))
    return canvas


def _sun(brush: ImageDraw.ImageDraw, chance: Chance, centre: tuple[float, float], unit: int) -> None:
    radius = unit * chance.between(0.07, 0.13, "radius")
    for scale, tone in ((1.9, 226), (1.4, 238), (1, 252)):
        _disc(brush, centre, radius * scale, tone)


def _disc(brush: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, tone: int) -> None:
    """Draw a disc with a slightly darker rim, which hides the steps of the pixels."""
    x, y = centre
    brush.ellipse((x - radius, y - radius, x + radius, y + radius), tone, tone - 6, 2)


def _ground(brush: ImageDraw.ImageDraw, floor: int, skyline: Skyline, tones: tuple[int, int]) -> None:
    """Fill from *skyline* down to *floor*; *tones* are the tone behind it and its own, and the edge blends them."""
    behind, tone = tones
    brush.polygon([*skyline, (skyline[-1][0], floor), (skyline[0][0], floor)], tone)
    brush.line(skyline, (behind + 2 * tone) // 3)
    brush.line([(x, y - 1) for x, y in skyline], (2 * behind + tone) // 3)


def _waves(chance: Chance, layer: int, reach: float) -> Skyline:
    """Return the sum of two sine waves from 0 to *reach*; heights are about -1 to 1."""
    long, short = chance.between(2.2, 4.2, "long", layer), chance.between(5, 8, "short", layer)
    first, second = (chance.between(0, math.tau, "phase", layer, number) for number in (0, 1))
    places = [step / STEPS for step in range(-1, math.ceil(reach * STEPS) + 2)]
    return [(x, 0.75 * math.sin(long * x + first) + 0.25 * math.sin(short * x + second)) for x in places]


def _peaks(chance: Chance, layer: int, reach: float) -> Skyline:
    """Return peaks and saddles joined by straight slopes from 0 to *reach*; heights are -1 to 1.8."""
    spacing = chance.between(0.16, 0.26, "spacing", layer)
    corners = range(-1, math.ceil(reach / spacing) + 2)
    heights = ((0.3, 1.8), (-1.0, 0.2))
    return [
        (
            spacing * (corner + chance.between(-0.3, 0.3, "lean", layer, corner)),
            chance.between(*heights[corner % 2], layer, corner),
        )
        for corner in corners
    ]


SCENES: Final[Sequence[Callable[[Chance, tuple[int, int]], Image.Image]]] = (_hills, _mountains, _rings, _ribbons)
