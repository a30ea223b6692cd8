"""Converts a model page to a model file: field names, required fields and the price. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from eachlabs_mock.models.from_parameter import Warn, property_schema
from eachlabs_mock.models.page_parser import ImportProblem, ModelPage

_CHARGE = re.compile(r"\$? ?([0-9]+(?:\.[0-9]+)?)")
# Such a heading may be a mere label, where the field of the service is `url`.
_LABELS = {"url", "urls", "uri", "file", "link"}


def model_of_page(page: ModelPage, warn: Warn) -> dict[str, Any]:
    """Return the unchecked model file of *page*; doubts are passed to *warn*.

    :raises ImportProblem: the page has no name.
    """
    if not page.name:
        raise ImportProblem("the page has no **Name** under Model Information; it is needed as the model's slug")
    if not page.parameters:
        warn("the page lists no parameters; the model accepts any input")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in page.parameters:
        name = _field_name(parameter.heading, page.sent, warn)
        if name in properties:
            warn(f"{name}: two entries have this name; the first one is used")
            continue
        properties[name] = property_schema(parameter, partial(_warn_of, name, warn))
        required += [name] if parameter.required else []
    _forbid_empty_prompt(properties, required)
    _warn_of_unlisted(page.sent, properties, warn)
    return {
        "title": page.title or page.name,
        "slug": page.name,
        "version": page.version or assumed("version", "0.0.1", warn),
        "output_type": page.output_type or assumed("output_type", "image", warn),
        "request_schema": {"type": "object", "properties": properties, "required": required},
        "cost": _cost(page, warn),
    }


def _warn_of(name: str, warn: Warn, text: str) -> None:
    warn(f"{name}: {text}")


def assumed(part: str, value: str, warn: Warn) -> str:
    """Return the *value* that the missing *part* has in all known models."""
    warn(f"{part}: missing; {value} is assumed")
    return value


def _field_name(heading: str, sent: Sequence[str], warn: Warn) -> str:
    """Return the name of the field: the one in the example requests, or else a guess from the heading."""
    for name in sent:
        if _letters(name) == _letters(heading):
            return name
    name = re.sub(r"\W+", "_", heading.lower()).strip("_") or heading
    if name != heading and _LABELS.intersection(name.split("_")):
        warn(f"{name}: this name is a guess from the heading {heading!r}; the service may use another, such as 'url'")
    return name


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _forbid_empty_prompt(properties: Mapping[str, Any], required: Sequence[str]) -> None:
    """Forbid an empty prompt, as services of this kind do, though no page says so."""
    prompt = properties.get("prompt", {})
    if "prompt" in required and prompt.get("type") == "string" and "enum" not in prompt:
        prompt["minLength"] = 1


def _warn_of_unlisted(sent: Sequence[str], properties: Mapping[str, Any], warn: Warn) -> None:
    for name in sent:
        if name not in properties:
            warn(f"{name}: an example request sends this field, but no parameter has this name")


def _cost(page: ModelPage, warn: Warn) -> float | None:
    charge = _CHARGE.fullmatch(page.base_charge)
    if not charge or not float(charge[1]):
        warn("cost: the page has no price per prediction; the cost is unknown")
        return None
    if page.charge_type.lower() != "fixed":
        warn(f"cost: the charge type is {page.charge_type!r}; its base charge is used as a fixed price")
    return float(charge[1])
