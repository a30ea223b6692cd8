"""Each manner is broken by the one thing it is about, kept by what is fair, and silent where nothing happened."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from eachlabs_contract.manners.catalogue import (
    MANNERS,
    BadMannersError,
    UnknownMannerError,
    check_manners,
    complaints,
    judge_all,
)
from eachlabs_contract.manners.manner import Conduct
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.verdict import Verdict
from helpers.journals import Book, instant, name

BY_ID = {each.id: each for each in MANNERS}
SEEDED = {"prompt": "x", "seed": 5}
Write = Callable[[], Book]


def conduct(identity: str, book: Book) -> Conduct:
    return BY_ID[identity].judge(book.read())


def polled(interval: int, times: int, number: int = 1, book: Book | None = None) -> Book:
    book = book or Book()
    for turn in range(1, times + 1):
        book.poll(turn * interval, number)
    return book


def polled_at(*instants: int) -> Book:
    book = Book()
    for at in instants:
        book.poll(at)
    return book


def crowd(interval: int, times: int, number: int) -> Book:
    book = Book()
    for each in range(1, number + 1):
        polled(interval, times, each, book)
    return book


def ended() -> Book:
    return Book().made().create(0, 1).poll(1000).poll(3000, said="success")


def told_twice() -> Book:
    return ended().hook(2600)


def refused(at: int = 0, **facts: Any) -> Book:
    return Book().poll(at, status=429, **{"retry_after": "2", **facts})


def retried(*instants: int) -> Book:
    book = Book()
    for at in instants:
        book.create(at, status=429)
    return book


LEGAL: dict[str, list[Write]] = {
    "creates.blind-repeat": [
        lambda: Book().create(0, status=500),
        lambda: Book().create(0, status=500).create(10, 1, given={"prompt": "y"}),
        lambda: Book().create(0, status=500, answered=100).create(50, 1),  # sent before the failure was known
    ],
    "creates.identical": [
        lambda: Book().create(0, 1, given=SEEDED).made(1),
        lambda: Book().create(0, 1, given=SEEDED).create(10, 2, given={**SEEDED, "seed": 6}),
        lambda: Book().made(1, status="error").create(0, 1, given=SEEDED).create(2600, 2, given=SEEDED),
    ],
    "requests.refused-for-good": [
        lambda: Book().create(0, status=400),
        lambda: Book().create(0, status=400).create(10, 1, given=SEEDED),
        lambda: Book().create(0, status=400, answered=100).create(50, status=400),
    ],
    "results.learned": [
        ended,
        lambda: Book().made().create(0, 1).hook(2600),
        lambda: Book().made(fetched=True).create(0, 1),
        lambda: Book().made().create(0, 1).fetch(2600),
    ],
    "outputs.fetched": [
        lambda: ended().fetch(3100),
        lambda: Book().made(fetched=True).create(0, 1).hook(2600),
        lambda: ended().fetch(3100, status=404).fetch(3200, status=404),  # the fault is not the caller's
        lambda: ended().fetch(3100, ending="reset").fetch(3200, status=206),
    ],
    "effects.once": [
        lambda: told_twice().fetch(3100),
        lambda: told_twice().fetch(3100, ending="reset").fetch(3200),
        lambda: told_twice().fetch(3100).fetch(3200, status=304),
    ],
    "webhooks.answered": [lambda: Book().hook(0, status_code=200)],
    "limits.retry-after": [
        refused,
        lambda: refused().poll(2000),
        lambda: refused().poll(1960),  # a timer that is early by a hair
        lambda: refused(answered=100).poll(50),  # on its way already
        lambda: refused().fetch(100),  # another host
        lambda: refused(retry_after="Thu, 05 Feb 2026 00:00:03 GMT").poll(3000),
        # Ten are in flight: creates wait, polls go on.
        lambda: full().create(10, status=429, retry_after="2").poll(100).create(2010, 11),
        lambda: full().create(10, status=429, retry_after="2").create(900, 11, given={"prompt": "another job"}),
        lambda: refused().poll(400, 2),  # another thread, which cannot know yet
    ],
    "limits.backoff": [
        lambda: retried(0, 1000, 3000, 7000),
        lambda: retried(0, 1000).create(3000, 1),
        lambda: retried(0, 30_000, 60_000, 90_000),
    ],
    "polls.budget": [lambda: polled(600, 100), lambda: polled(1000, 60)],
    "polls.interval": [
        lambda: polled(1000, 10),
        lambda: crowd(6667, 5, 10),
        lambda: polled_at(100, 200, 400, 800, 1600, 3200, 6400),  # quick at first, then ever slower
    ],
    "polls.after-the-end": [ended, lambda: ended().poll(2900, answered=3100, said="success"), lambda: ended().fetch(9)],
    "keys.output-host": [lambda: ended().fetch(3100)],
    "keys.in-url": [ended],
    "requests.user-agent": [ended],
}

BROKEN: dict[str, list[tuple[Write, str]]] = {
    "creates.blind-repeat": [
        (
            lambda: Book().create(0, status=500).create(10, 1),
            "#1 POST /v1/prediction/ at 00:00:00.000 was answered 500; #2",
        ),
        (lambda: Book().create(0, status=0, ending="hang").create(10, 1), "got no response (the answer stopped"),
        (lambda: Book().create(0).create(10, 1), "200 without a readable id"),
        (lambda: Book().create(0, 1, ending="reset").create(10, 2), "200, and the connection was reset before"),
        (lambda: Book().create(0, status=500).create(10, status=500), "sent the same again"),
    ],
    "creates.identical": [
        (
            lambda: Book().create(0, 1, given=SEEDED).create(10, 2, given=SEEDED).made(2),
            "#2 POST /v1/prediction/ at 00:00:00.010 has the same model, input and seed as #1",
        ),
    ],
    "requests.refused-for-good": [
        (lambda: Book().create(0, status=400).create(10, status=400), ", which was answered 400"),
        (lambda: Book().poll(0, status=404).poll(10, status=404), "#2 GET /v1/prediction/5f0c2f3a… at"),
    ],
    "results.learned": [
        (
            lambda: Book().made().create(0, 1).poll(1000),
            f"{name(1)} (qwen-image) ended at 00:00:02.500, and the caller",
        ),
        (lambda: Book().made().create(0, 1).hook(2600, status_code=500), "the caller never learned"),
        (lambda: Book().made().create(0, 1).poll(3000, said="success", ending="close"), "the caller never learned"),
    ],
    "outputs.fetched": [
        (ended, "its output: not downloaded"),
        (lambda: ended().fetch(3100, status=404), "was answered 404, and was not sent again"),
        (lambda: ended().fetch(3100, method="HEAD"), "not downloaded"),
    ],
    "effects.once": [
        (lambda: told_twice().fetch(3100).fetch(3200), "arrived 2 times (#3 GET"),
        (lambda: Book().made().create(0, 1).hook(2600, times=2).fetch(3100).fetch(3200), "downloaded 2 times"),
    ],
    "webhooks.answered": [
        (lambda: Book().hook(0, status_code=500), "webhook #1 to /hook at 00:00:00.000 was answered 500"),
        (
            lambda: Book().hook(0, status_code=None, error="no answer within 30 s"),
            "failed: no answer within 30 s",
        ),
    ],
    "limits.retry-after": [
        (lambda: refused().poll(500), "with a wait until 00:00:02.000; #2 GET /v1/prediction/5f0c2f3a… at"),
        (lambda: refused().poll(1, status=429), "came 1.999 s too early"),
        (lambda: refused().create(1500, 2), "came 0.5 s too early"),
        (lambda: refused(retry_after="Thu, 05 Feb 2026 00:00:03 GMT").poll(2500), "came 0.5 s too early"),
        (lambda: full().create(10, status=429, retry_after="2").create(100, 11), "came 1.91 s too early"),
    ],
    "limits.backoff": [
        (lambda: retried(0, 1000, 2000, 3000), "was answered 429, and was sent again after 1, 1, 1 s"),
        (lambda: retried(0, 4000, 5000), "after 4, 1 s"),
    ],
    "polls.budget": [(lambda: polled(590, 110), "102 polls within 60 s, where the limit is 100 requests")],
    "polls.interval": [
        (lambda: polled(500, 5), "5f0c2f3a… was polled every 0.5 s (5 polls from #1 GET"),
        (lambda: crowd(1000, 5, 2), "with 2 predictions at once; every 1.225 s would fit"),
        (lambda: polled_at(*range(0, 40_000, 400), *range(40_000, 60_000, 600)), "was polled 134 times within 60 s"),
    ],
    "polls.after-the-end": [
        (lambda: ended().poll(4000), "#4 GET /v1/prediction/5f0c2f3a… at 00:00:04.000 came after #3")
    ],
    "keys.output-host": [(lambda: ended().fetch(3100, keys=["Authorization"]), "carried the key (Authorization)")],
    "keys.in-url": [(lambda: ended().poll(5, query="api_key=***", keys=["query"]), "?api_key=*** at")],
    "requests.user-agent": [(lambda: ended().poll(5, user_agent=""), "carried no User-Agent")],
}


def full() -> Book:
    book = Book()
    for number in range(1, 11):
        book.made(number, ends_at=instant(2010)).create(0, number)
    return book


def cases(table: dict[str, list[Write]]) -> list[object]:
    return [pytest.param(name, write, id=f"{name}-{n}") for name, all_ in table.items() for n, write in enumerate(all_)]


@pytest.mark.parametrize("identity", BY_ID)
def test_every_manner_has_journals_that_keep_it_and_that_break_it(identity: str) -> None:
    assert LEGAL[identity]
    assert BROKEN[identity]


@pytest.mark.parametrize("identity", BY_ID)
def test_manner_about_which_nothing_happened_is_not_exercised(identity: str) -> None:
    assert conduct(identity, Book()).verdict is Verdict.NOT_EXERCISED


@pytest.mark.parametrize(("identity", "write"), cases(LEGAL))
def test_fair_behaviour_keeps_the_manner(identity: str, write: Write) -> None:
    found = conduct(identity, write())

    assert (found.verdict, found.violations) == (Verdict.HOLDS, ())


@pytest.mark.parametrize(
    ("identity", "write", "told"),
    [pytest.param(name, *case, id=f"{name}-{n}") for name, all_ in BROKEN.items() for n, case in enumerate(all_)],
)
def test_bad_behaviour_breaks_the_manner_and_is_told(identity: str, write: Write, told: str) -> None:
    found = conduct(identity, write())

    assert found.verdict is Verdict.BROKEN
    assert told in found.violations[0].got


@pytest.mark.parametrize(
    ("identity", "book"),
    [
        pytest.param("creates.identical", Book().create(0, 1).create(10, 2), id="no seed: another picture"),
        pytest.param("results.learned", Book().made(status="error"), id="a failure is not paid"),
        pytest.param("results.learned", Book().made(status="processing"), id="not ended yet"),
        pytest.param("results.learned", Book().made().create(0, status=500, answered=5), id="its id was never told"),
        pytest.param("outputs.fetched", Book().made().create(0, 1), id="that is about those whose end was told"),
        pytest.param("effects.once", ended().fetch(3100).fetch(3200), id="told once"),
        pytest.param(
            "webhooks.answered",
            Book().hook(0, status_code=None, error="x is not called; --allow-webhook-host x would allow it"),
            id="the emulator did not call",
        ),
        pytest.param("limits.retry-after", refused(retry_after="soon"), id="a wait that does not read"),
        pytest.param("limits.backoff", refused().poll(2000), id="it was told how long"),
        pytest.param("limits.backoff", retried(0, 1000), id="one wait"),
        pytest.param("polls.budget", Book(rate_limit="off").poll(0), id="no limit"),
        pytest.param("polls.budget", Book(count="creates").poll(0), id="polls are not counted"),
        pytest.param("polls.interval", polled(100, 2), id="one wait"),
        pytest.param("polls.interval", Book(rate_limit="off").poll(0).poll(1).poll(2), id="no limit"),
        pytest.param("polls.interval", crowd(100, 3, 60), id="no interval fits"),
        pytest.param("keys.output-host", ended(), id="nothing fetched"),
    ],
)
def test_what_cannot_be_judged_is_not_exercised(identity: str, book: Book) -> None:
    assert conduct(identity, book).verdict is Verdict.NOT_EXERCISED


@pytest.mark.parametrize("mode", ["manual", "auto"])
@pytest.mark.parametrize("identity", ["polls.budget", "polls.interval", "limits.backoff"])
def test_pace_is_not_judged_on_a_clock_that_is_told_to_move(identity: str, mode: str) -> None:
    book = Book(mode)
    for at in range(200):
        book.poll(at).create(at, status=429)

    assert conduct(identity, book).verdict is Verdict.NOT_EXERCISED


def test_retry_at_the_same_instant_says_nothing_on_a_still_clock() -> None:
    book = Book("manual").create(0, status=429, retry_after="2").create(0, status=429)

    assert conduct("limits.retry-after", book).verdict is Verdict.HOLDS


# money


def test_blind_repeat_costs_what_the_lost_answer_had_made() -> None:
    book = Book().made(1).made(2, at=1000).create(0, status=502).create(1000, 2)

    found = conduct("creates.blind-repeat", book)

    assert (found.cost, [each.id for each in found.wasted]) == (Decimal("0.025"), [name(1)])
    assert "the server had carried it out" in found.violations[0].got


def test_blind_repeat_costs_nothing_where_nothing_was_made() -> None:
    found = conduct("creates.blind-repeat", Book().made(2, at=1000).create(0, status=502).create(1000, 2))

    assert found.cost == 0


@pytest.mark.parametrize(
    ("identity", "book"),
    [
        ("creates.identical", Book().made(1).made(2).create(0, 1, given=SEEDED).create(10, 2, given=SEEDED)),
        ("results.learned", Book().made(1).create(0, 1)),
        ("outputs.fetched", ended()),
    ],
)
def test_what_was_paid_in_vain_is_counted(identity: str, book: Book) -> None:
    assert conduct(identity, book).cost == Decimal("0.025")


# what an older or smaller journal does not hold


@pytest.mark.parametrize("identity", ["keys.output-host", "keys.in-url", "requests.user-agent"])
def test_what_an_older_emulator_does_not_show_is_not_judged(identity: str) -> None:
    book = ended().fetch(3100)
    for each in book.requests:
        for field in ("keys", "user_agent", "came_at", "query", "retry_after", "ending"):
            del each[field]

    assert conduct(identity, book).verdict is Verdict.NOT_EXERCISED


def test_predictions_older_than_the_journal_are_not_held_against_anybody() -> None:
    book = Book().made(1).create(5000, 2, number=7)

    assert book.read().forgotten == 6
    assert conduct("results.learned", book).verdict is Verdict.NOT_EXERCISED


# complaints


def test_polite_caller_gives_nothing_to_complain_about() -> None:
    check_manners(ended().fetch(3100).read(), strict=True)


def test_complaints_are_about_musts_unless_all_are_asked_for() -> None:
    book = ended().poll(4000)

    assert [each.manner.id for each in complaints(book.read())] == ["polls.after-the-end"]
    assert [each.manner.id for each in complaints(book.read(), strict=True)] == [
        "outputs.fetched",
        "polls.after-the-end",
    ]


def test_manner_that_is_not_held_against_the_caller_is_left_out() -> None:
    assert complaints(ended().poll(4000).read(), but=["polls.after-the-end"]) == ()


def test_unknown_manner_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownMannerError, match="unknown manner 'polls'; known: creates"):
        complaints(Book().read(), but=["polls"])


def test_error_tells_what_was_done_why_it_hurts_and_what_is_right() -> None:
    book = Book().made(1).create(0, status=502).create(10, 2)

    with pytest.raises(BadMannersError) as caught:
        check_manners(book.read())

    broken = BY_ID["creates.blind-repeat"]
    first, second = "#1 POST /v1/prediction/ at 00:00:00.000", "#2 POST /v1/prediction/ at 00:00:00.010"
    assert str(caught.value).splitlines() == [
        "The program that called the emulator broke 1 manner:",
        "",
        f"creates.blind-repeat (MUST): {broken.sentence}",
        f"    done   {first} was answered 502; the server had carried it out; {second} sent the same again",
        f"    hurts  {broken.why}",
        "    cost   0.025 USD for 1 execution paid in vain",
        f"    right  {broken.right}",
    ]


def test_many_violations_are_told_three_times_and_counted() -> None:
    book = ended().poll(4000).poll(5000).poll(6000).poll(7000).poll(8000)

    with pytest.raises(BadMannersError, match="and 2 more times"):
        check_manners(book.read())


def test_every_manner_says_how_it_is_judged_and_binds_as_a_must_or_a_should() -> None:
    assert all(each.method and each.why and each.right for each in MANNERS)
    assert {each.level for each in MANNERS} == {Level.MUST, Level.SHOULD}
    assert len(BY_ID) == len(MANNERS) == len(judge_all(Book().read()))
