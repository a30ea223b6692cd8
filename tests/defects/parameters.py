"""Defects in the judgement of parameters: bounds, types, defaults."""

import json
from contextlib import suppress
from typing import Any

from defects.toolkit import Defect, Document, inside, judging, override, ruling
from defects.wsgi import asking, mending
from eachlabs_mock.app import Application
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.emulator.creation import ValidCreate
from eachlabs_mock.emulator.world import World

_ZERO = {"const": 0}
_QUALITY_WITH_PNG = {
    "required": ["output_format", "output_quality"],
    "properties": {"output_format": {"const": "png"}},
}
_NEAR_RATIO = {"3:2": "4:3", "2:3": "3:4"}
_TRUTH = {"true": True, "false": False}


def _number(value: Any) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _whole(value: Any) -> object:
    return int(value) if isinstance(value, bool) else value


def _truncated(value: Any) -> object:
    return int(value) if isinstance(value, float) and not value.is_integer() and abs(value) < 1e6 else value


def _clamped(value: Any) -> object:
    return 100 if isinstance(value, int) and value > 100 else value


def _boolean(value: Any) -> object:
    return _TRUTH.get(value.lower(), value) if isinstance(value, str) else value


def _documented_elsewhere(value: Any) -> object:
    return _NEAR_RATIO.get(value, value) if isinstance(value, str) else value


def _alias(value: Any) -> object:
    lower = value.lower() if isinstance(value, str) else ""
    known = {"jpeg": "jpg", "jpg": "jpg", "png": "png", "webp": "webp"}
    return value if value in ("webp", "jpg", "png") else known.get(lower, value)


def _with_a_prompt(document: Document) -> Document:
    given = document["input"]
    return document if "prompt" in given else {**document, "input": {"prompt": "-", **given}}


def _basic_plane_only(application: Application) -> None:
    order = application.emulator.validate

    def faulty(world: World, raw: bytes, *more: Any) -> ValidCreate:
        with suppress(ValueError, LookupError, TypeError):  # such a body is for the emulator to refuse
            if max(json.loads(raw)["input"]["prompt"]) > "\uffff":
                raise ApiError("server_error", "The database refused the text.")
        return order(world, raw, *more)

    override(application.emulator, validate=faulty)


DEFECTS = (
    Defect(
        "P01",
        "parameters.upper-bound-accepted",
        "guidance: 10 itself is refused",
        ruling("guidance", exclusiveMaximum=10),
    ),
    Defect(
        "P02",
        "parameters.above-refused",
        "guidance: the upper bound is checked with a tolerance of 0.01",
        ruling("guidance", maximum=10.01),
    ),
    Defect(
        "P03",
        "parameters.lower-bound-accepted",
        "guidance: 0 is taken for nothing and refused",
        ruling("guidance", **{"not": _ZERO}),
    ),
    Defect(
        "P05", "parameters.numeric-string-refused", "guidance: a number in quotes passes", mending("guidance", _number)
    ),
    Defect(
        "P06",
        "parameters.boolean-number-refused",
        "num_inference_steps: true passes for 1",
        mending("num_inference_steps", _whole),
    ),
    Defect(
        "P07", "parameters.below-refused", "num_inference_steps: 0 passes", ruling("num_inference_steps", minimum=0)
    ),
    Defect(
        "P08", "parameters.above-refused", "num_inference_steps: 51 passes", ruling("num_inference_steps", maximum=51)
    ),
    Defect(
        "P09",
        "parameters.fraction-refused",
        "num_inference_steps: fractions are cut off",
        mending("num_inference_steps", _truncated),
    ),
    Defect(
        "P11",
        "parameters.above-refused",
        "output_quality: more than 100 is taken for 100",
        mending("output_quality", _clamped),
    ),
    Defect("P12", "parameters.any-seed-accepted", "seed: 0 is refused", ruling("seed", **{"not": _ZERO})),
    Defect(
        "P13", "parameters.any-seed-accepted", "seed: anything but 0 is refused", ruling("seed", minimum=0, maximum=0)
    ),
    Defect(
        "P15",
        "parameters.string-boolean-refused",
        "go_fast: true and false pass in quotes",
        mending("go_fast", _boolean),
    ),
    Defect(
        "P16",
        "parameters.any-text-accepted",
        "prompt: characters beyond the basic plane end in 500",
        inside(_basic_plane_only),
    ),
    Defect("P17", "parameters.required-missing-refused", "prompt: may be left out", asking(_with_a_prompt)),
    Defect(
        "P19",
        "parameters.prose-option-refused",
        "aspect_ratio: 3:2 and 2:3 pass",
        mending("aspect_ratio", _documented_elsewhere),
    ),
    Defect(
        "P21",
        "parameters.undocumented-option-refused",
        "output_format: JPG and jpeg pass",
        mending("output_format", _alias),
    ),
    Defect(
        "P22",
        "parameters.combinations-accepted",
        "output_quality: refused beside png",
        judging(lambda schema: schema.update({"not": _QUALITY_WITH_PNG})),
    ),
)
