"""Parses a model page, with or without its line breaks. Pure.

The page is Markdown with a fixed structure; copying it often removes the line breaks. The parser therefore replaces
all white space by single blanks, and finds the parts by the order in which the page lists them: a description may
contain any text, such as a heading or the beginning of an entry.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass


class ImportProblem(ValueError):  # noqa: N818  # the problem is in the text, not in the program
    """A text that cannot be converted to a model file."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One entry under Input Parameters; each value is the text of the page, or empty."""

    heading: str
    type: str
    component: str
    required: bool
    description: str
    default: str
    minimum: str
    maximum: str
    options: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    """The contents of a model page; a text that the page does not have is empty.

    :param sent: names of the fields in the page's example requests.
    """

    title: str
    name: str
    version: str
    output_type: str
    charge_type: str
    base_charge: str
    parameters: tuple[Parameter, ...]
    sent: tuple[str, ...]


_INFORMATION = "## Model Information"
_TITLE = re.compile(r"# (.+?)(?= > | ## )")
_PARAMETERS = re.compile(r"## Input Parameters(?= ### | ## |$)")
_PRICING = re.compile(r" ## Pricing( .*?)(?= ## |$)")
_EXAMPLE = re.compile(r"(?:\*\*Request Body:\*\*|## Example Usage) ```(?:json)? ?(?=\{)")
# A heading contains no "###": a description may end in one.
_HEADING = r"### (?P<heading>(?:(?!###).){1,200}?) [-*] \*\*Type\*\*:"
_ENTRY = re.compile(
    rf" {_HEADING}(?P<type>[^*]*?)"
    r" [-*] \*\*Component\*\*:(?P<component>[^*]*?)"
    r" [-*] \*\*Required\*\*: (?P<required>yes|no|true|false)"
    r" [-*] \*\*Description\*\*:",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(rf" (?={_HEADING})| (?=## )|$")
_LIMITS = re.compile(
    r" [-*] \*\*Minimum\*\*:(?: (?P<minimum>[^\s*]+))?"
    r" [-*] \*\*Maximum\*\*:(?: (?P<maximum>[^\s*]+))?"
    r"(?: [-*] \*\*Options\*\*:(?P<options>.*))?"
)


def read_page(text: str) -> ModelPage:
    """Return the contents of the page *text*.

    :raises ImportProblem: *text* is not a model page.
    """
    flat = " ".join(text.split())
    _, heading, body = flat.partition(f"{_INFORMATION} ")
    if not heading:
        raise ImportProblem(f'not a model page: the heading "{_INFORMATION}" is missing')
    section = _PARAMETERS.search(body)
    facts = body[: section.start()] if section else body
    parameters, rest = _entries(body[section.end() :]) if section else ([], body)
    title = _TITLE.match(flat)
    prices = pricing[1] if (pricing := _PRICING.search(rest)) else ""
    return ModelPage(
        title=title[1] if title else "",
        name=_bullet(facts, "Name"),
        version=_bullet(facts, "Version"),
        output_type=_bullet(facts, "Output Type"),
        charge_type=_bullet(prices, "Charge Type"),
        base_charge=_bullet(prices, "Base Charge"),
        parameters=tuple(parameters),
        sent=tuple(dict.fromkeys((*_sent(facts), *_sent(rest)))),
    )


def _bullet(text: str, label: str) -> str:
    match = re.search(rf"\*\*{label}\*\*:(.*?)(?= [-*] \*\*| ## |$)", text)
    return match[1].strip() if match else ""


def _sent(text: str) -> Iterator[str]:
    """Yield the names of the fields in the examples within *text*; an example that is not JSON is skipped."""
    for example in _EXAMPLE.finditer(text):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, example.end())
        except (ValueError, RecursionError):
            continue
        fields = value.get("input", value)
        yield from fields if isinstance(fields, dict) else ()


def _entries(section: str) -> tuple[list[Parameter], str]:
    """Return the parameters at the beginning of *section*, and the text after them."""
    parameters: list[Parameter] = []
    while beginning := _ENTRY.match(section):
        parameter, section = _entry(beginning, section[beginning.end() :])
        parameters.append(parameter)
    if section.startswith(" ### "):
        where = f"after {parameters[-1].heading!r}" if parameters else "first in the section"
        raise ImportProblem(f"Input Parameters: cannot read the entry {where}; {_SEQUENCE}: {section[1:80]!r}")
    return parameters, section


_SEQUENCE = "each has Type, Component, Required (Yes or No), Description, Default, Minimum, Maximum and maybe Options"


def _entry(beginning: re.Match[str], text: str) -> tuple[Parameter, str]:
    """Return the parameter with this *beginning*, and the text after it.

    It ends at the first boundary after a complete entry; before a boundary within the description it is incomplete.
    """
    for boundary in _BOUNDARY.finditer(text):
        if parts := _parts(text[: boundary.start()]):
            described = {name: (value or "").strip() for name, value in (beginning.groupdict() | parts).items()}
            required = described.pop("required").lower() in {"yes", "true"}
            return Parameter(**described, required=required), text[boundary.start() :]
    raise ImportProblem(f"Input Parameters: the entry {beginning['heading']!r} is incomplete; {_SEQUENCE}")


def _parts(text: str) -> dict[str, str] | None:
    """Return the description, default, bounds and options that end *text*; None where it does not end with them.

    The last Default before the last Minimum is the real one: the description may contain others.
    """
    minimum = _last_label("Minimum", text, len(text))
    default = _last_label("Default", text, max(minimum, 0))
    limits = _LIMITS.fullmatch(text, minimum) if default >= 0 else None
    if not limits:
        return None
    _, _, value = text[default:minimum].partition(":")
    return {"description": text[:default], "default": value, **limits.groupdict()}


def _last_label(label: str, text: str, end: int) -> int:
    """Return the index of the last item with *label* in *text* before *end*, or -1."""
    return max(text.rfind(f" {bullet} **{label}**:", 0, end) for bullet in "-*")
