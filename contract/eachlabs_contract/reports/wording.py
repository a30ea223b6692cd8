"""Makes text of whatever a server sent, so that it can be shown anywhere without doing anything there."""

import json
from typing import Any, Final

from eachlabs_contract.history import Answer, Delivery, Event, Exchange, Headers, Request

MOST: Final = 4000
"""Characters shown of a body; the rest is counted."""


def printable(text: str, *, keep: str = "") -> str:
    """Return *text* with every character escaped that is not seen: controls, halves of surrogate pairs, and such.

    :param keep: characters that are kept all the same, such as line breaks.
    """
    return "".join(each if each.isprintable() or each in keep else _escape(each) for each in text)


def shortened(text: str, most: int) -> str:
    """Return *text*, cut after so many characters with a word about the rest."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} characters more)"


def body_text(message: Request | Answer) -> str:
    """Return a body for people: JSON over several lines, other text as it is, anything else as its size."""
    try:
        text = message.body.decode()
    except UnicodeDecodeError:
        return f"({len(message.body):,} bytes that are no text)"
    return shortened(printable(_pretty(text), keep="\n\t"), MOST)


def request_line(request: Request) -> str:
    """Return the first line of a request."""
    return printable(f"{request.method} {request.path}")


def answer_line(event: Event) -> str:
    """Return in one line what came back; of a webhook, what it said."""
    match event:
        case Delivery(request=request):
            return shortened(printable(request.body.decode(errors="backslashreplace")), 300)
        case Exchange(answer=Answer() as answer):
            return f"{answer.status} {shortened(_line(answer), 300)}".rstrip()
        case Exchange(failure=failure):
            return f"no answer: {printable(failure)}"


def header_lines(headers: Headers) -> list[str]:
    """Return headers for people, a line each."""
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
        raise ValueError("the same name twice, which must stay to be seen")
    return document


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()
