"""Says what went over the wire in one run, event by event, for people and for programs."""

from dataclasses import dataclass, replace

from eachlabs_contract.certification import Observation
from eachlabs_contract.history import MASK, Delivery, Event, Exchange, Headers, as_curl, is_create
from eachlabs_contract.manners import arrival_time
from eachlabs_contract.reports.wording import MOST, body_text, printable, request_line, shortened
from eachlabs_contract.targets import EXAMPLE_ROOT

FIRST, LAST = 40, 20
"""Events that are kept of a run: so many from its beginning, so many from its end."""


@dataclass(frozen=True, slots=True)
class WireEntry:
    """One exchange or one webhook, in words.

    :param seconds: real ones since the first request of the run.
    :param line: what was asked.
    :param came: how it was answered, in a line.
    :param curl: asks it again of an emulator of one's own; empty of a webhook.
    :param sent: the body of the request, where there is one.
    :param answer: the body of the answer.
    """

    seconds: float
    line: str
    came: str
    curl: str
    sent: str
    answer: str


def entries(seen: Observation) -> tuple[list[WireEntry], int]:
    """Return what is kept of the wire, in order, and how many events were left out after the first `FIRST`."""
    events = sorted(seen.journal.episode.events, key=_began)
    left_out = max(len(events) - FIRST - LAST, 0)
    kept = [*events[:FIRST], *events[FIRST + left_out :]]
    return [_entry(each, (_began(each) - _began(events[0])) / 1000 / seen.speed) for each in kept], left_out


def _entry(event: Event, seconds: float) -> WireEntry:
    line, body = request_line(event.request), body_text(event.request)
    if isinstance(event, Delivery):
        came = f"answered {event.answered}" if event.answered else f"not answered: {printable(event.failure)}"
        return WireEntry(seconds, f"webhook: {line}", came, "", body, "")
    again = as_curl(replace(event, request=replace(event.request, headers=_headers(event))), EXAMPLE_ROOT)
    return WireEntry(seconds, line, _came(event), shortened(printable(again, keep="\n\t"), MOST), body, _answer(event))


def _headers(exchange: Exchange) -> Headers:
    """Return the headers that make the same of a request: the journal keeps User-Agent only."""
    key = (("X-API-Key", MASK),) if exchange.keys else ()
    kind = (("Content-Type", "application/json"),) if is_create(exchange) else ()
    return (*key, *kind)


def _came(exchange: Exchange) -> str:
    told = exchange.answer.header("Retry-After") if exchange.answer else None
    words = [
        f"answered {exchange.status}" if exchange.status else "not answered",
        *([f"Retry-After: {printable(told)}"] if told else []),
        *([printable(exchange.failure)] if exchange.failure else []),
    ]
    return "; ".join(words)


def _answer(exchange: Exchange) -> str:
    is_file = exchange.request.path.startswith("/outputs/")
    return body_text(exchange.answer) if exchange.answer and exchange.answer.body and not is_file else ""


def _began(event: Event) -> int:
    return arrival_time(event) if isinstance(event, Exchange) else event.at
