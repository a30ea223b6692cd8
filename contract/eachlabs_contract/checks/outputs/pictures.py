"""Checks of what an output shows: its size and quality, and what a seed and a prompt do to it."""

import re
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.outputs.support import by, make, options
from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import Level

LONGEST: Final = 1536
"""Pixels: page, "What Sets qwen-image Apart"."""

METADATA: Final = 1024
"""Bytes by which two files of one picture may differ, since each may tell what was asked for."""


# --- size ---


@check(
    "outputs.aspect-ratio",
    "The picture has exactly the proportions that `aspect_ratio` asks for.",
    source='page, "Input Parameters": aspect_ratio',
    parameters=("aspect_ratio",),
    executions=6,
    minimum=5,
)
def aspect_ratio(session: Session) -> None:
    """Makes a picture of each aspect ratio and one of the default; decodes it, allows for rounding to a pixel."""
    default = session.model.parameters["aspect_ratio"].get("default")
    ratios = [each for each in [*options(session, "aspect_ratio"), str(default)] if re.fullmatch(r"\d+:\d+", each)]
    asked: list[dict[str, object]] = [{"aspect_ratio": each} for each in ratios]
    if default in ratios:
        asked[-1] = {}

    for ratio, made in zip(ratios, make(session, *asked), strict=True):
        across, down = map(int, ratio.split(":"))
        width, height = made.shows[0]
        off = abs(width * down - height * across)
        session.promise(
            off < max(across, down), f"a picture of {ratio}, for it was asked for", *made.trail, got=str(made)
        )


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
    ratios = [each for each in ("1:1", "16:9", "9:16") if each in options(session, "aspect_ratio")]
    for made in make(session, *({"aspect_ratio": each} for each in ratios)):
        expected = f"at most {LONGEST} pixels either way"
        session.promise(max(made.shows[0]) <= LONGEST, expected, *made.trail, got=str(made))


@check(
    "outputs.sizes",
    "Which sizes the pictures have is the server's choice, as long as the proportions are right.",
    source="the page names no sizes",
    level=Level.CHOICE,
    parameters=("aspect_ratio",),
    executions=5,
)
def sizes(session: Session) -> None:
    """Makes a picture of each aspect ratio and reports its size."""
    ratios = options(session, "aspect_ratio")
    for ratio, made in zip(ratios, make(session, *({"aspect_ratio": each} for each in ratios)), strict=True):
        session.observe(f"{ratio} is {by(made.shows[0])}", *made.trail)


# --- quality ---


@check(
    "outputs.quality",
    "A higher `output_quality` makes a larger webp or jpg file, and does nothing to a png.",
    source='page, "Input Parameters": Output Quality',
    parameters=("output_quality", "output_format", "seed"),
    executions=9,
    minimum=4,
)
def quality(session: Session) -> None:
    """Makes the same picture at the lowest, a middle and the highest quality in each format; compares sizes."""
    for option in options(session, "output_format"):
        steps = (0, 100) if option == "png" else (0, 50, 100)
        made = list(make(session, *({"output_format": option, "output_quality": each, "seed": 7} for each in steps)))
        lengths = [len(each.body) for each in made]
        got = ", ".join(f"{size} bytes at {step}" for step, size in zip(steps, lengths, strict=True))
        if option == "png":
            same = made[0].shows == made[-1].shows and abs(lengths[0] - lengths[-1]) <= METADATA
            expected = "the same png at quality 0 and 100, since quality is not relevant to it"
        else:
            same = lengths == sorted(lengths) and lengths[0] < lengths[-1]
            expected = f"{option} files that grow with quality"
        session.promise(same, expected, made[0].create, made[0].file, *made[-1].trail, got=got)


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
    """Asks twice for the same with a seed of 7, of 0 and of 2147483648; compares the bytes of the files."""
    for seed in (7, 0, 2**31):
        first, second = make(session, {"seed": seed}, {"seed": seed})
        expected = f"the same {len(first.body)} bytes as the time before, since both were asked for with seed {seed}"
        session.promise(first.body == second.body, expected, *first.trail, *second.trail, got=f"other bytes: {second}")


@check(
    "outputs.seed-matters",
    "Another seed gives another picture.",
    source='page, "Input Parameters": Seed',
    level=Level.SHOULD,
    parameters=("seed",),
    executions=3,
    minimum=2,
)
def seed_matters(session: Session) -> None:
    """Asks for the same with seeds 7, 8 and 0; compares all pixels of the first with those of the others."""
    first, *others = make(session, {"seed": 7}, {"seed": 8}, {"seed": 0})
    for other in others:
        expected = "another picture than with seed 7"
        session.promise(first.shows != other.shows, expected, *first.trail, *other.trail, got="the same picture")


@check(
    "outputs.prompt-matters",
    "Another prompt gives another picture.",
    source='page, "Input Parameters": Prompt',
    level=Level.SHOULD,
    parameters=("prompt", "seed"),
    executions=2,
)
def prompt_matters(session: Session) -> None:
    """Asks for two prompts with one seed and compares all pixels."""
    first, other = make(session, {"prompt": "A paper boat", "seed": 7}, {"prompt": "Two owls at dusk", "seed": 7})
    expected = "another picture than for the other prompt"
    session.promise(first.shows != other.shows, expected, *first.trail, *other.trail, got="the same picture")


@check(
    "outputs.without-seed",
    "What a picture depends on where no seed is given is the server's choice.",
    source="the page says nothing of it",
    level=Level.CHOICE,
    parameters=("seed",),
    executions=2,
)
def without_seed(session: Session) -> None:
    """Asks for the same twice without a seed."""
    first, second = make(session, {}, {})
    same = first.shows == second.shows
    session.observe(f"without a seed the same input gives {'the same' if same else 'another'} picture", second.file)


@check(
    "outputs.count",
    "`num_images` asks for so many pictures.",
    source="the parameter's name; qwen-image's page does not have it",
    level=Level.SHOULD,
    parameters=("num_images",),
    executions=2,
)
def count(session: Session) -> None:
    """Asks for one picture and for two and counts the addresses."""
    for number in (1, 2):
        (made,) = make(session, {"num_images": number})
        expected = f"{number} address{'es' if number > 1 else ''} in `output`"
        session.promise(len(made.urls) == number, expected, made.create, made.read)


CHECKS: Final = (
    aspect_ratio,
    longest_side,
    sizes,
    quality,
    reproducible,
    seed_matters,
    prompt_matters,
    without_seed,
    count,
)
