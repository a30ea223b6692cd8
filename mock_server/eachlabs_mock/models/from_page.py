"""A model page as a model file: field names, required fields and the price. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from eachlabs_mock.models.from_parameter import Warn, property_schema
from eachlabs_mock.models.page_parser import ImportProblem, ModelPage

_CHARGE = re.compile(r"\$? ?([0-9]+(?:\.[0-9]+)?)")
# Such a heading may be a label only, where the service itself wants `url`.
_LABELS = {"url", "urls", "uri", "file", "link"}


def model_of_page(page: ModelPage, warn: Warn) -> dict[str, Any]:
    """Return the model file that *page* amounts to, not yet checked; raises ImportProblem for a page without a name."""
    if not page.name:
        raise ImportProblem("the page has no **Name** under Model Information, which is the model's slug")
    if not page.parameters:
        warn("the page lists no parameters; the model will accept any input")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in page.parameters:
        name = _field_name(parameter.heading, page.sent, warn)
        if name in properties:
            warn(f"{name}: two entries have this name; the first one counts")
            continue
        properties[name] = property_schema(parameter, partial(_warn_of, name, warn))
        required += [name] if parameter.required else []
    _forbid_empty_prompt(properties, required)
    _warn_of_unlisted(page.sent, properties, warn)
    return {
        "title": page.title or page.name,
        "slug": page.name,
        "version": page.version or assumed_version(warn),
        "output_type": page.output_type or assumed_output_type(warn),
        "request_schema": {"type": "object", "properties": properties, "required": required},
        "cost": _cost(page, warn),
    }


def _warn_of(name: str, warn: Warn, text: str) -> None:
    warn(f"{name}: {text}")


def assumed_version(warn: Warn) -> str:
    """Return the version that every known model has."""
    warn("version: not given; 0.0.1 is assumed")
    return "0.0.1"


def assumed_output_type(warn: Warn) -> str:
    """Return the only kind of output this emulator makes."""
    warn("output_type: not given; image is assumed")
    return "image"


def _field_name(heading: str, sent: Sequence[str], warn: Warn) -> str:
    """Return the field's name: the heading is a title, so the page's own example requests know better."""
    for name in sent:
        if _letters(name) == _letters(heading):
            return name
    name = re.sub(r"\W+", "_", heading.lower()).strip("_") or heading
    if name != heading and _LABELS.intersection(name.split("_")):
        warn(f"{name}: the name is a guess from the heading {heading!r}; the service may want another, such as 'url'")
    return name


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _forbid_empty_prompt(properties: Mapping[str, Any], required: Sequence[str]) -> None:
    """Make an empty prompt illegal, which no page says but every service of this kind holds to."""
    prompt = properties.get("prompt", {})
    if "prompt" in required and prompt.get("type") == "string" and "enum" not in prompt:
        prompt["minLength"] = 1


def _warn_of_unlisted(sent: Sequence[str], properties: Mapping[str, Any], warn: Warn) -> None:
    for name in sent:
        if name not in properties:
            warn(f"{name}: the example request sends it, but no parameter has this name; one may hide it")


def _cost(page: ModelPage, warn: Warn) -> float | None:
    charge = _CHARGE.fullmatch(page.base_charge)
    if not charge or not float(charge[1]):
        warn("cost: the page gives no price per prediction; it is unknown")
        return None
    if page.charge_type.lower() != "fixed":
        warn(f"cost: the charge type is {page.charge_type!r}; its base charge is taken for a fixed price")
    return float(charge[1])
