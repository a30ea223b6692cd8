"""Lists the events on the wire in one run."""

from dataclasses import dataclass, replace

from eachlabs_contract.certification import Observation
from eachlabs_contract.history import MASK, Delivery, Event, Exchange, Headers, as_curl, is_create
from eachlabs_contract.manners import arrival_time
from eachlabs_contract.reports.wording import MOST, body_text, printable, request_line, shortened
from eachlabs_contract.targets import EXAMPLE_ROOT

FIRST, LAST = 40, 20
"""Number of events kept from the beginning and from the end of a run."""


@dataclass(frozen=True, slots=True)
class WireEntry:
    """One exchange or one webhook, in words.

    :param seconds: real seconds since the first request of the run.
    :param line: method and path.
    :param came: the response in one line.
    :param curl: the command that repeats the request against a local emulator; empty for a webhook.
    :param sent: the body of the request; may be empty.
    :param answer: the body of the response; may be empty.
    """

    seconds: float
    line: str
    came: str
    curl: str
    sent: str
    answer: str


def entries(seen: Observation) -> tuple[list[WireEntry], int]:
    """Return the kept events in order, and the number of events left out after the first `FIRST`."""
    events = sorted(seen.journal.episode.events, key=_began)
    left_out = max(len(events) - FIRST - LAST, 0)
    kept = [*events[:FIRST], *events[FIRST + left_out :]]
    return [_entry(event, (_began(event) - _began(events[0])) / 1000 / seen.speed) for event in kept], left_out


def _entry(event: Event, seconds: float) -> WireEntry:
    line, body = request_line(event.request), body_text(event.request)
    if isinstance(event, Delivery):
        came = f"answered {event.answered}" if event.answered else f"not answered: {printable(event.failure)}"
        return WireEntry(seconds, f"webhook: {line}", came, "", body, "")
    curl = as_curl(replace(event, request=replace(event.request, headers=_headers(event))), EXAMPLE_ROOT)
    return WireEntry(seconds, line, _came(event), shortened(printable(curl, keep="\n\t"), MOST), body, _answer(event))


def _headers(exchange: Exchange) -> Headers:
    """Return the headers that the repeated request needs; the journal keeps User-Agent only."""
    key = (("X-API-Key", MASK),) if exchange.keys else ()
    kind = (("Content-Type", "application/json"),) if is_create(exchange) else ()
    return (*key, *kind)


def _came(exchange: Exchange) -> str:
    wait = exchange.answer.header("Retry-After") if exchange.answer else None
    parts = [
        f"answered {exchange.status}" if exchange.status else "not answered",
        *([f"Retry-After: {printable(wait)}"] if wait else []),
        *([printable(exchange.failure)] if exchange.failure else []),
    ]
    return "; ".join(parts)


def _answer(exchange: Exchange) -> str:
    is_file = exchange.request.path.startswith("/outputs/")
    return body_text(exchange.answer) if exchange.answer and exchange.answer.body and not is_file else ""


def _began(event: Event) -> int:
    return arrival_time(event) if isinstance(event, Exchange) else event.at
