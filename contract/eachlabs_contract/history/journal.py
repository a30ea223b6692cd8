"""A journal: the record that an emulator's control plane keeps of one world, as values."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, Final, TypeVar

from eachlabs_contract.history.events import Answer, Delivery, Episode, Event, Exchange, Headers, Request, read_json
from eachlabs_contract.spec import IN_FLIGHT, MINUTE, REQUESTS_PER_MINUTE, Status

FORMAT: Final = "eachlabs-journal/1"

PARTS: Final = ("requests", "predictions", "deliveries", "ledger", "settings", "clock")
"""Parts of a journal. Each is read at the control-plane route of its name, and saved under this name."""

ENDINGS: Final[Mapping[str, str]] = {
    "close": "the connection was closed before the whole answer had come",
    "reset": "the connection was reset before the whole answer had come",
    "hang": "the answer stopped and the connection stayed open",
}
"""Why an answer is incomplete, by the journal's word for it."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
T = TypeVar("T")


class JournalError(ValueError):
    """A document is not a journal; the text says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A prediction as the emulator itself knows it, with more detail than a read shows.

    :param input: JSON, as it was submitted.
    :param ends_at: milliseconds since the epoch; None where it is unknown, or the prediction never ends.
    :param outputs: the URLs of the files of a success.
    :param fetched: whether one of them was downloaded; None where the emulator does not say.
    """

    id: str
    model: str
    input: str
    status: Status
    created_at: int
    ends_at: int | None
    outputs: tuple[str, ...] = ()
    fetched: bool | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force; None means no limit. The defaults are those of the page, "Rate Limits".

    :param requests: the most requests in any *window*, polls included.
    :param window: length in milliseconds.
    :param in_flight: the most predictions at once.
    """

    requests: int | None = REQUESTS_PER_MINUTE
    window: int = MINUTE
    in_flight: int | None = IN_FLIGHT


@dataclass(frozen=True, slots=True)
class Bill:
    """The price of the executions at the real service, in USD.

    :param executions: the number of charged executions, with or without a known price.
    :param unpriced: the number of those whose price is unknown; *total* leaves them out.
    """

    total: Decimal = Decimal()
    executions: int = 0
    unpriced: int = 0
    by_model: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """The record of one world. All times are of its clock, in milliseconds.

    :param episode: the exchanges and the webhook attempts, in order.
    :param charged_at_accept: whether an execution is charged when it is accepted, and not when it succeeds.
    :param now: when the journal was read.
    :param is_still: whether the clock moves only when it is told; then the time between two calls says nothing about
        the caller.
    """

    episode: Episode
    predictions: tuple[Prediction, ...] = ()
    limits: Limits = Limits()
    bill: Bill = Bill()
    charged_at_accept: bool = False
    now: int = 0
    is_still: bool = False

    @property
    def forgotten(self) -> int:
        """The number of exchanges before the first one that is kept."""
        return max(self.episode.exchanges[0].number - 1, 0) if self.episode.exchanges else 0


def read_journal(document: Mapping[str, Any]) -> Journal:
    """Return the journal in *document*, which holds the control plane's answers under the names of `PARTS`.

    Fields that an older emulator does not send count as unknown.

    :raises JournalError: it is not a journal.
    """
    for name in PARTS:
        if not isinstance(document.get(name), dict):
            raise JournalError(f"not a journal: {name!r} is missing; a journal holds {', '.join(PARTS)}")
    exchanges, attempts = _all(document, "requests", _exchange), _all(document, "deliveries", _attempts)
    events: list[Event] = [*exchanges, *chain.from_iterable(attempts)]
    return Journal(
        Episode("journal", tuple(sorted(events, key=lambda event: event.at))),
        tuple(_all(document, "predictions", _prediction)),
        _part(document, "settings", _limits),
        _part(document, "ledger", _bill),
        charged_at_accept=document["settings"].get("charge") == "accept",
        now=_part(document, "clock", lambda part: int(part["now_ms"])),
        is_still=_part(document, "clock", lambda part: part.get("mode") in {"manual", "auto"}),
    )


def dump_journal(document: Mapping[str, Any]) -> str:
    """Return the control plane's answers, under the names of `PARTS`, as the text of a saved journal."""
    return json.dumps({"format": FORMAT, **document}, indent=1) + "\n"


def load_journal(text: str) -> Mapping[str, Any]:
    """Return the document in *text*, which `dump_journal` wrote.

    :raises JournalError: it is not a journal.
    """
    document = read_json(text.encode(errors="replace"))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise JournalError(f'not a journal: its "format" must be "{FORMAT}"')
    return document


def _all(document: Mapping[str, Any], name: str, read_one: Callable[[Any], T]) -> list[T]:
    listed = document[name].get(name)
    if not isinstance(listed, list):
        raise JournalError(f"not a journal: {name!r} must hold a list of that name")
    return [_checked(f"{name}[{number}]", entry, read_one) for number, entry in enumerate(listed)]


def _part(document: Mapping[str, Any], name: str, read_one: Callable[[Any], T]) -> T:
    return _checked(name, document[name], read_one)


def _checked(where: str, value: object, read_one: Callable[[Any], T]) -> T:
    try:
        return read_one(value)
    except KeyError as error:
        raise JournalError(f"not a journal: {where}: the field {error} is missing") from None
    except (TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise JournalError(f"not a journal: {where}: {error}") from None


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    query, ending = entry.get("query", ""), entry.get("ending", "complete")
    agent = _header("User-Agent", entry.get("user_agent"))
    request = Request(
        entry["method"], entry["path"] + (f"?{query}" if query else ""), agent, _text(entry, "request").encode()
    )
    delay = _header("Retry-After", entry.get("retry_after") or None)
    answer = Answer(entry["status"], delay, _text(entry, "response").encode()) if entry["status"] else None
    return Exchange(
        "owner",
        request,
        answer,
        _millis(entry["at"]),
        "" if ending == "complete" and answer else ENDINGS.get(ending, "no answer was sent"),
        entry["number"],
        _millis(entry["came_at"]) if "came_at" in entry else None,
        tuple(entry["keys"]) if "keys" in entry else None,
    )


def _header(name: str, value: str | None) -> Headers:
    """Return the header, whose value may be empty; no header where *value* is None."""
    return () if value is None else ((name, value),)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value: str = entry[name]
    return value


def _attempts(webhook: Mapping[str, Any]) -> list[Delivery]:
    path = "/" + webhook["url"].partition("://")[2].partition("/")[2]
    request = Request("POST", path, (), _text(webhook, "request").encode())
    return [_attempt(attempt, request, webhook["number"]) for attempt in webhook["attempts"]]


def _attempt(attempt: Mapping[str, Any], request: Request, number: int) -> Delivery:
    status = attempt["status_code"]
    failure = attempt["error_message"] if status is None else ""
    return Delivery(request.path, request, _millis(attempt["created_at"]), status or 0, number, failure)


def _prediction(entry: Mapping[str, Any]) -> Prediction:
    ends_at, output = entry["ends_at"], entry["output"] or ()
    return Prediction(
        entry["id"],
        entry["model"],
        entry["input"],
        Status(entry["status"]),
        _millis(entry["created_at"]),
        None if ends_at is None else _millis(ends_at),
        (output,) if isinstance(output, str) else tuple(output),
        entry.get("fetched"),
    )


def _limits(settings: Mapping[str, Any]) -> Limits:
    rate, cap = settings["rate_limit"], settings["max_in_flight"]
    in_flight = None if cap == "off" else int(cap)
    if rate == "off" or settings.get("count", "all") != "all":  # a limit that ignores polls says nothing about them
        return Limits(None, in_flight=in_flight)
    number, _, seconds = rate.partition("/")
    return Limits(int(number), int(Decimal(seconds) * 1000), in_flight)


def _bill(ledger: Mapping[str, Any]) -> Bill:
    prices = tuple((model, Decimal(amount)) for model, amount in ledger["by_model"].items())
    return Bill(Decimal(ledger["total"]), ledger["executions"], ledger["unpriced"], prices)


def _millis(text: str) -> int:
    return (datetime.fromisoformat(text).astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)
