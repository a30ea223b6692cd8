"""A journal is read as it was written down, and what is none is refused with the place where it is not."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.history.events import Answer, Delivery, Episode, Exchange, Request
from eachlabs_contract.history.journal import (
    Bill,
    Journal,
    JournalError,
    Limits,
    Prediction,
    dump_journal,
    load_journal,
    read_journal,
)
from eachlabs_contract.history.recording import dump_history, load_history
from eachlabs_contract.spec.lifecycle import Status
from helpers.journals import START, Book, name

EVENT = st.builds(
    Exchange,
    caller=st.just("owner"),
    request=st.just(Request("GET", "/v1/prediction/1")),
    answer=st.none() | st.just(Answer(200)),
    at=st.integers(),
    failure=st.text(max_size=5),
    number=st.integers(0),
    came_at=st.none() | st.integers(),
    keys=st.none() | st.lists(st.sampled_from(["X-API-Key", "query"]), max_size=2).map(tuple),
) | st.builds(
    Delivery,
    path=st.just("/hook"),
    request=st.just(Request("POST", "/hook")),
    at=st.integers(),
    answered=st.integers(0, 599),
    number=st.integers(0),
    failure=st.text(max_size=5),
)


@given(st.lists(EVENT, max_size=4))
def test_what_only_a_journal_knows_survives_in_a_history(events: list[Exchange | Delivery]) -> None:
    episode = Episode("journal", tuple(events))

    assert load_history(dump_history([episode])) == (episode,)


def test_journal_reads_as_its_saved_text_does() -> None:
    document = Book().made().create(0, 1).poll(1000).hook(2600).fetch(3000).document()

    assert read_journal(load_journal(dump_journal(document))) == read_journal(document)


def test_exchange_says_when_it_came_what_carried_the_key_and_what_was_asked_for() -> None:
    facts: dict[str, Any] = {"answered": 30, "query": "a=1", "keys": ["Authorization"], "retry_after": "7", "number": 4}

    assert Book().poll(10, status=429, response="no", **facts).read().episode.events == (
        Exchange(
            "owner",
            Request("GET", f"/v1/prediction/{name(1)}?a=1", (("User-Agent", "program/1"),)),
            Answer(429, (("Retry-After", "7"),), b"no"),
            START + 30,
            number=4,
            came_at=START + 10,
            keys=("Authorization",),
        ),
    )


@pytest.mark.parametrize(
    ("ending", "status", "failure"),
    [
        ("complete", 200, ""),
        ("complete", 0, "no answer was sent"),
        ("close", 200, "the connection was closed before the whole answer had come"),
        ("reset", 0, "the connection was reset before the whole answer had come"),
        ("hang", 0, "the answer stopped and the connection stayed open"),
    ],
)
def test_answer_that_did_not_come_whole_says_what_became_of_it(ending: str, status: int, failure: str) -> None:
    exchange = Book().poll(0, status=status, ending=ending).read().episode.exchanges[0]

    assert (exchange.status, exchange.failure) == (status, failure)


def test_each_attempt_at_a_webhook_is_a_delivery() -> None:
    journal = Book().hook(5, status_code=None, error="refused", times=2).read()

    assert [(each.path, each.at, each.answered, each.number, each.failure) for each in journal.episode.deliveries] == [
        ("/hook", START + 5, 0, 1, "refused")
    ] * 2


def test_events_are_in_order_of_time() -> None:
    journal = Book().poll(0).poll(9).hook(5).read()

    assert [each.at - START for each in journal.episode.events] == [0, 5, 9]


def test_prediction_is_read_with_all_that_is_known_of_it() -> None:
    book = Book().made(1, fetched=True, webhook_url="http://x/").made(2, status="processing", ends_at=None, output="u")

    first, second = book.read().predictions

    assert first == Prediction(
        name(1),
        "qwen-image",
        '{"prompt": "x"}',
        Status.SUCCESS,
        START,
        START + 2500,
        (f"http://127.0.0.1:8780/outputs/{name(1)}.webp",),
        fetched=True,
    )
    assert (second.status, second.ends_at, second.outputs, second.fetched) == (Status.PROCESSING, None, ("u",), None)


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({}, Limits(100, 60_000, 10)),
        ({"rate_limit": "5/0.5", "max_in_flight": "off"}, Limits(5, 500, None)),
        ({"rate_limit": "off"}, Limits(None, 60_000, 10)),
        ({"count": "creates"}, Limits(None, 60_000, 10)),
    ],
)
def test_limits_are_those_in_force(settings: dict[str, Any], limits: Limits) -> None:
    assert Book(**settings).read().limits == limits


def test_bill_is_exact() -> None:
    assert Book().made(1).made(2).read().bill == Bill(Decimal("0.050"), 2, 0, (("qwen-image", Decimal("0.050")),))


@pytest.mark.parametrize(("mode", "is_still"), [("real", False), ("scaled", False), ("manual", True), ("auto", True)])
def test_clock_that_moves_as_it_is_told_is_still(mode: str, is_still: bool) -> None:  # noqa: FBT001  # a row
    assert Book(mode).read().is_still is is_still


def test_first_number_tells_how_many_are_forgotten() -> None:
    assert [Book().read().forgotten, Book().poll(0).read().forgotten] == [0, 0]
    assert Book().poll(0, number=121).read().forgotten == 120


def spoilt(book: Book, spoil: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = book.document()
    spoil(document)
    return document


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda it: it.pop("ledger"), "'ledger' is missing; a journal holds requests, predictions, "),
        (lambda it: it.update(requests={}), "'requests' must hold a list of that name"),
        (lambda it: it["requests"]["requests"][0].pop("path"), "requests[0]: the field 'path' is missing"),
        (lambda it: it["requests"]["requests"][0].update(at="soon"), "requests[0]: Invalid isoformat string: 'soon'"),
        (lambda it: it["requests"]["requests"].append(7), "requests[1]: "),
        (lambda it: it["ledger"].update(total="much"), "ledger: "),
        (lambda it: it["settings"].update(rate_limit="many"), "settings: invalid literal for int"),
        (lambda it: it["clock"].pop("now_ms"), "clock: the field 'now_ms' is missing"),
    ],
)
def test_what_is_no_journal_is_refused_with_the_place(spoil: Callable[[dict[str, Any]], object], told: str) -> None:
    with pytest.raises(JournalError, match=re.escape(f"not a journal: {told}")):
        read_journal(spoilt(Book().poll(0), spoil))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "eachlabs-history/1"}', "NaN", "\udc00"])
def test_text_that_is_no_journal_is_refused(text: str) -> None:
    with pytest.raises(JournalError, match='its "format" must be "eachlabs-journal/1"'):
        load_journal(text)


def test_empty_journal_is_one_all_the_same() -> None:
    journal = Book().read()

    assert journal == Journal(Episode("journal", ()), now=START + 60_000)
