"""What images cost: rendering in this process, against Pillow's bare encoder on a plain gradient."""

import io
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from PIL import Image

from bench.calls import INPUT
from bench.samples import Sample
from bench.subjects import OURS
from eachlabs_mock.images.picture import Picture, render

RATIOS = ("16:9", "1:1")
PILLOW = "Pillow alone"
"""The baseline of images: the bare encoder on a plain gradient."""

ENCODERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {  # as eachlabs_mock.images.picture has them
        "webp": {"format": "WEBP", "quality": 80, "method": 0},
        "jpg": {"format": "JPEG", "quality": 80},
        "png": {"format": "PNG", "compress_level": 1},
    }
)


MEASURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {f"image, {extension} {ratio}": (extension, ratio) for extension in ENCODERS for ratio in RATIOS}
)
"""What each measure is of: format and ratio."""


def measure_images(times: int = 9) -> list[Sample]:
    """Return *times* samples of each format and ratio, of ours and the baseline in turn, all warm."""
    return [sample for measure, asked in MEASURES.items() for sample in _measure(measure, *asked, times)]


def _measure(measure: str, extension: str, ratio: str, times: int) -> list[Sample]:
    plain = gradient_like(render(_picture(extension, ratio, 0)))
    samples = []
    for seed in range(1, times + 1):  # each another scene, as scenes differ in cost
        picture = _picture(extension, ratio, seed)
        samples.append(Sample(measure, "CPU ms", OURS, _milliseconds(partial(render, picture))))
        samples.append(Sample(measure, "CPU ms", PILLOW, _milliseconds(partial(_encode, plain, extension))))
    return samples


def gradient_like(file: bytes) -> Image.Image:
    """Return a gradient of the size and mode of the image in *file*."""
    with Image.open(io.BytesIO(file)) as image:
        return Image.linear_gradient("L").resize(image.size).convert(image.mode)


def _picture(extension: str, ratio: str, seed: int) -> Picture:
    return Picture("qwen-image", "Qwen Image", {**INPUT, "output_format": extension, "aspect_ratio": ratio}, seed)


def _encode(image: Image.Image, extension: str) -> None:
    image.save(io.BytesIO(), **ENCODERS[extension])


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time()  # not the clock on the wall: others may be using the machine
    work()
    return (time.process_time() - started) * 1000
