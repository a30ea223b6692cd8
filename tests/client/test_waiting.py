"""The poll schedule, Retry-After and deadlines."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_client.errors import ConfigurationError, DeadlineExceeded, NotSentError, RateLimitError, ServerError
from eachlabs_client.waiting import (
    LONGEST_WAIT,
    Deadline,
    SystemClock,
    parse_http_date,
    parse_retry_after,
    persist,
    wait_before,
)
from helpers.client_fakes import FakeClock

NOW = datetime(2026, 2, 5, 12, 0, 0, tzinfo=UTC).timestamp()


def looks_until(seconds: float) -> list[float]:
    looks = [wait_before(1)]
    while looks[-1] <= seconds:
        looks.append(looks[-1] + wait_before(len(looks) + 1))
    return looks[:-1]


def test_looks_come_when_the_docstring_says() -> None:
    assert [round(look, 1) for look in looks_until(65)] == [1.0, 2.7, 5.6, 10.5, 18.9, 29.9, 40.9, 51.9, 62.9]


def test_ten_predictions_created_at_once_stay_under_the_limit_of_100_a_minute() -> None:
    creates, looks = 1, len(looks_until(60))

    assert 10 * (creates + looks) == 90


@given(st.floats(0, 10_000))
def test_no_minute_costs_a_prediction_more_than_nine_requests(start: float) -> None:
    requests = [0.0, *looks_until(start + 60)]

    assert len([at for at in requests if start <= at < start + 60]) <= 9


def test_after_the_first_minute_a_prediction_costs_six_requests_a_minute_at_most() -> None:
    looks = looks_until(700)

    assert max(len([at for at in looks if start <= at < start + 60]) for start in range(60, 600)) == 6


@given(st.integers(1, 10**9))
def test_waits_never_shrink_and_never_exceed_the_ceiling(attempt: int) -> None:
    assert 1.0 <= wait_before(attempt) <= wait_before(attempt + 1) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 60 ", 60.0),
        ("1.5", 1.5),
        ("Thu, 05 Feb 2026 12:00:30 GMT", 30.0),
        ("Thu, 05 Feb 2026 12:00:30 -0000", 30.0),
        ("Thu, 05 Feb 2026 13:00:30 +0100", 30.0),
        ("Thu, 05 Feb 2026 11:59:00 GMT", 0.0),
    ],
)
def test_retry_after_is_read(value: str, seconds: float) -> None:
    assert parse_retry_after(value, NOW) == seconds


@pytest.mark.parametrize("value", [None, "", "-1", "soon", "1e3", "٣", "0x10", "nan", "Thu, 99 Feb 2026 12:00:00 GMT"])
def test_unreadable_retry_after_counts_as_absent(value: str | None) -> None:
    assert parse_retry_after(value, NOW) is None


@given(st.one_of(st.text(), st.from_regex(r"\A[0-9]{1,400}(\.[0-9]+)?\Z"), st.text("0123456789:+- ,GMTFebThu")))
def test_any_retry_after_is_none_or_not_negative(value: str) -> None:
    seconds = parse_retry_after(value, NOW)

    assert seconds is None or seconds >= 0


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # bounds
def test_http_dates_come_back(at: datetime) -> None:
    at = at.replace(microsecond=0)

    assert parse_http_date(format_datetime(at, usegmt=True)) == at.timestamp()


@pytest.mark.parametrize("seconds", [1.0, 300, 604_800])
def test_deadline_is_what_was_asked_for(seconds: float, clock: FakeClock) -> None:
    assert Deadline.after(seconds, clock).left == seconds


@pytest.mark.parametrize("seconds", [0.99, 0, -1, float("nan"), float("inf"), 604_801])
def test_deadline_out_of_range_is_refused(seconds: float, clock: FakeClock) -> None:
    with pytest.raises(ConfigurationError, match="a deadline must be 1 to 604800 seconds"):
        Deadline.after(seconds, clock)


@given(st.floats(1, 604_800), st.integers(1, 30))
def test_no_look_is_due_after_the_deadline(seconds: float, attempt: int) -> None:
    clock = FakeClock(at=0.0)
    deadline = Deadline.after(seconds, clock)
    clock.at = seconds / 3

    try:
        deadline.sleep_until_poll(attempt, "it was")
    except DeadlineExceeded:
        assert deadline.left <= 0.5
    else:
        assert deadline.left > 0


def test_last_look_comes_half_a_second_before_the_deadline(clock: FakeClock) -> None:
    deadline = Deadline.after(5, clock)

    deadline.sleep_until_poll(10, "it was")

    assert clock.sleeps == [4.5]


def test_deadline_without_room_for_a_look_ends_at_once_and_says_what_was_seen(clock: FakeClock) -> None:
    deadline = Deadline.after(5, clock)
    clock.at += 4.5

    with pytest.raises(DeadlineExceeded, match="it was so when the deadline of 5 s was reached"):
        deadline.sleep_until_poll(1, "it was so")

    assert clock.sleeps == []


def test_waits_between_attempts_grow_without_retry_after(clock: FakeClock) -> None:
    deadline = Deadline.after(100, clock)

    for attempt in (1, 2, 3):
        deadline.sleep_after(ServerError("x"), attempt)

    assert [round(seconds, 2) for seconds in clock.sleeps] == [1.0, 1.7, 2.89]


def test_retry_after_is_waited_for_in_full(clock: FakeClock) -> None:
    Deadline.after(100, clock).sleep_after(RateLimitError("x", retry_after=42), 1)

    assert clock.sleeps == [42]


def test_retry_after_of_zero_does_not_hammer(clock: FakeClock) -> None:
    Deadline.after(100, clock).sleep_after(RateLimitError("x", retry_after=0), 1)

    assert clock.sleeps == [1.0]


def test_retry_after_beyond_the_deadline_gives_up_at_once_and_says_so(clock: FakeClock) -> None:
    deadline = Deadline.after(10, clock)
    refusal = RateLimitError("Too many", status=429, retry_after=60)

    with pytest.raises(DeadlineExceeded) as caught:
        deadline.sleep_after(refusal, 1)

    assert caught.value.message == "gave up: the server asks to wait 60 s, but the deadline of 10 s leaves 10.0 s"
    assert caught.value.details == "Too many [HTTP 429]"
    assert (caught.value.retry_after, caught.value.definite, caught.value.__cause__) == (60, True, refusal)
    assert clock.sleeps == []


def test_retry_that_would_come_after_the_deadline_gives_up(clock: FakeClock) -> None:
    deadline = Deadline.after(2, clock)
    clock.at += 1.5

    with pytest.raises(
        DeadlineExceeded, match=r"the next attempt is due in 1 s, but the deadline of 2 s leaves 0\.5 s"
    ):
        deadline.sleep_after(ServerError("x"), 1)


def test_persist_returns_the_first_success(clock: FakeClock) -> None:
    outcomes = iter([NotSentError("x"), NotSentError("x"), None])

    def attempt() -> str:
        if error := next(outcomes):
            raise error
        return "done"

    assert persist(attempt, lambda _: 3, Deadline.after(60, clock)) == "done"


def test_persist_raises_the_last_error_when_its_tries_are_used_up(clock: FakeClock) -> None:
    errors = [ServerError(str(number)) for number in range(9)]
    pending = iter(errors)

    def attempt() -> None:
        raise next(pending)

    with pytest.raises(ServerError, match="2"):
        persist(attempt, lambda _: 3, Deadline.after(60, clock))


def test_system_clock_tells_the_epoch_and_runs_forward() -> None:
    clock = SystemClock()
    before = clock.now()

    clock.sleep(0)

    assert clock.now() >= before > NOW - 365 * 86_400
