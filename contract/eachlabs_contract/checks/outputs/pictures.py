"""Checks of what an output shows: its size and quality, and the effects of seed and prompt."""

import re
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.outputs.support import by, make, options
from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import Level

LONGEST: Final = 1536
"""Pixels: page, "What Sets qwen-image Apart"."""

METADATA: Final = 1024
"""Bytes by which two files of one picture may differ, since each may record its own request."""


# --- size ---


@check(
    "outputs.aspect-ratio",
    "The picture has exactly the proportions of `aspect_ratio`.",
    source='page, "Input Parameters": aspect_ratio',
    parameters=("aspect_ratio",),
    executions=6,
    minimum=5,
)
def aspect_ratio(session: Session) -> None:
    """Makes a picture of each aspect ratio and one of the default, and measures them, to a pixel."""
    default = session.model.parameters["aspect_ratio"].get("default")
    ratios = [name for name in [*options(session, "aspect_ratio"), str(default)] if re.fullmatch(r"\d+:\d+", name)]
    inputs: list[dict[str, object]] = [{"aspect_ratio": ratio} for ratio in ratios]
    if default in ratios:
        inputs[-1] = {}

    for ratio, output in zip(ratios, make(session, *inputs), strict=True):
        across, down = map(int, ratio.split(":"))
        width, height = output.shows[0]
        off = abs(width * down - height * across)
        expected = f"a picture of {ratio}, since that was requested"
        session.promise(off < max(across, down), expected, *output.trail, got=str(output))


@check(
    "outputs.longest-side",
    f"No side of a picture is longer than {LONGEST} pixels.",
    source='page, "Documentation": custom resolutions up to 1536x1536',
    level=Level.SHOULD,
    parameters=("aspect_ratio",),
    executions=3,
)
def longest_side(session: Session) -> None:
    """Makes a square, a wide and a tall picture and measures them."""
    ratios = [ratio for ratio in ("1:1", "16:9", "9:16") if ratio in options(session, "aspect_ratio")]
    for output in make(session, *({"aspect_ratio": ratio} for ratio in ratios)):
        expected = f"at most {LONGEST} pixels on each side"
        session.promise(max(output.shows[0]) <= LONGEST, expected, *output.trail, got=str(output))


@check(
    "outputs.sizes",
    "The server chooses the sizes of pictures, within the right proportions.",
    source="the page names no sizes",
    level=Level.CHOICE,
    parameters=("aspect_ratio",),
    executions=5,
)
def sizes(session: Session) -> None:
    """Makes a picture of each aspect ratio and reports its size."""
    ratios = options(session, "aspect_ratio")
    for ratio, output in zip(ratios, make(session, *({"aspect_ratio": ratio} for ratio in ratios)), strict=True):
        session.observe(f"{ratio} is {by(output.shows[0])}", *output.trail)


# --- quality ---


@check(
    "outputs.quality",
    "A higher `output_quality` makes a larger webp or jpg file, and does not change a png.",
    source='page, "Input Parameters": Output Quality',
    parameters=("output_quality", "output_format", "seed"),
    executions=9,
    minimum=4,
)
def quality(session: Session) -> None:
    """Makes the same picture at the lowest, a middle and the highest quality in each format; compares file sizes."""
    for option in options(session, "output_format"):
        steps = (0, 100) if option == "png" else (0, 50, 100)
        outputs = list(make(session, *({"output_format": option, "output_quality": step, "seed": 7} for step in steps)))
        lengths = [len(output.body) for output in outputs]
        got = ", ".join(f"{size} bytes at {step}" for step, size in zip(steps, lengths, strict=True))
        if option == "png":
            same = outputs[0].shows == outputs[-1].shows and abs(lengths[0] - lengths[-1]) <= METADATA
            expected = "the same png at quality 0 and 100, since quality does not apply to it"
        else:
            same = lengths == sorted(lengths) and lengths[0] < lengths[-1]
            expected = f"{option} files that grow with quality"
        session.promise(same, expected, outputs[0].create, outputs[0].file, *outputs[-1].trail, got=got)


# --- what a picture depends on ---


@check(
    "outputs.reproducible",
    "The same input with the same seed gives the same file.",
    source='page, "Input Parameters": Seed',
    parameters=("seed",),
    executions=6,
    minimum=3,
)
def reproducible(session: Session) -> None:
    """Makes the same picture twice with each of the seeds 7, 0 and 2147483648; compares the bytes of the files."""
    for seed in (7, 0, 2**31):
        first, second = make(session, {"seed": seed}, {"seed": seed})
        expected = f"the same {len(first.body)} bytes as the first time, since both requests have seed {seed}"
        session.promise(first.body == second.body, expected, *first.trail, *second.trail, got=f"other bytes: {second}")


@check(
    "outputs.seed-matters",
    "A different seed gives a different picture.",
    source='page, "Input Parameters": Seed',
    level=Level.SHOULD,
    parameters=("seed",),
    executions=3,
    minimum=2,
)
def seed_matters(session: Session) -> None:
    """Makes the same picture with seeds 7, 8 and 0, and compares all pixels of the first with those of the others."""
    first, *others = make(session, {"seed": 7}, {"seed": 8}, {"seed": 0})
    for other in others:
        expected = "a picture other than that of seed 7"
        session.promise(first.shows != other.shows, expected, *first.trail, *other.trail, got="the same picture")


@check(
    "outputs.prompt-matters",
    "A different prompt gives a different picture.",
    source='page, "Input Parameters": Prompt',
    level=Level.SHOULD,
    parameters=("prompt", "seed"),
    executions=2,
)
def prompt_matters(session: Session) -> None:
    """Makes pictures of two prompts with one seed and compares all pixels."""
    first, other = make(session, {"prompt": "A paper boat", "seed": 7}, {"prompt": "Two owls at dusk", "seed": 7})
    expected = "a picture other than that of the first prompt"
    session.promise(first.shows != other.shows, expected, *first.trail, *other.trail, got="the same picture")


@check(
    "outputs.without-seed",
    "The server chooses what a picture depends on when no seed is given.",
    source="the page is silent",
    level=Level.CHOICE,
    parameters=("seed",),
    executions=2,
)
def without_seed(session: Session) -> None:
    """Makes the same picture twice without a seed."""
    first, second = make(session, {}, {})
    same = first.shows == second.shows
    session.observe(f"without a seed the same input gives {'the same' if same else 'another'} picture", second.file)


@check(
    "outputs.count",
    "`num_images` sets the number of pictures.",
    source="the parameter's name; qwen-image's page does not have it",
    level=Level.SHOULD,
    parameters=("num_images",),
    executions=2,
)
def count(session: Session) -> None:
    """Asks for one picture and for two, and counts the URLs."""
    for number in (1, 2):
        (output,) = make(session, {"num_images": number})
        expected = f"{number} URL{'s' if number > 1 else ''} in `output`"
        session.promise(len(output.urls) == number, expected, output.create, output.read)


CHECKS: Final = (
    aspect_ratio, longest_side, sizes, quality, reproducible, seed_matters, prompt_matters, without_seed, count,
)  # fmt: skip
