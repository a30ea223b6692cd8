"""Turns requests and responses into text that is safe to show anywhere."""

import json
from typing import Any, Final

from eachlabs_contract.history import Answer, Delivery, Event, Exchange, Headers, Request

MOST: Final = 4000
"""Characters shown of a body; the number of the others is stated."""


def printable(text: str, *, keep: str = "") -> str:
    """Return *text* with every unprintable character escaped, such as controls and lone surrogates.

    :param keep: characters that are not escaped, such as line breaks.
    """
    return "".join(char if char.isprintable() or char in keep else _escape(char) for char in text)


def shortened(text: str, most: int) -> str:
    """Return the first *most* characters of *text*, and the number of the others."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} characters more)"


def body_text(message: Request | Answer) -> str:
    """Return a body for people: JSON indented, other text unchanged, anything else as its size."""
    try:
        text = message.body.decode()
    except UnicodeDecodeError:
        return f"({len(message.body):,} bytes, not text)"
    return shortened(printable(_pretty(text), keep="\n\t"), MOST)


def request_line(request: Request) -> str:
    """Return the first line of a request."""
    return printable(f"{request.method} {request.path}")


def answer_line(event: Event) -> str:
    """Return the response in one line; of a webhook, its body."""
    match event:
        case Delivery(request=request):
            return shortened(printable(request.body.decode(errors="backslashreplace")), 300)
        case Exchange(answer=Answer() as answer):
            return f"{answer.status} {shortened(_line(answer), 300)}".rstrip()
        case Exchange(failure=failure):
            return f"no answer: {printable(failure)}"


def header_lines(headers: Headers) -> list[str]:
    """Return one line for each header."""
    return [printable(f"{name}: {value}") for name, value in headers]


def _line(answer: Answer) -> str:
    try:
        return printable(" ".join(answer.body.decode().split()))
    except UnicodeDecodeError:
        return body_text(answer)


def _pretty(text: str) -> str:
    try:
        document = json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        return text
    pretty = json.dumps(document, ensure_ascii=False, indent=2)
    return pretty if isinstance(document, dict | list) else text


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("duplicate keys would be lost in the indented form")
    return document


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()
