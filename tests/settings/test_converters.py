"""Texts of flags and variables become values, or errors that name a legal value."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.planner import Progress
from eachlabs_mock.settings import converters as to
from eachlabs_mock.settings.server import registry

Convert = to.Convert
BYTE = to.integer(0, 255)
POSITIVE = to.integer(1)
FRACTION = to.number(0.5, 2)


@pytest.mark.parametrize(
    ("convert", "text", "value"),
    [
        (BYTE, "0", 0),
        (BYTE, "255", 255),
        (BYTE, "007", 7),
        (POSITIVE, "1", 1),
        (POSITIVE, "10000000000", 10**10),
        (to.integer(-5, 5), "-5", -5),
        (FRACTION, "0.5", 0.5),
        (FRACTION, "2", 2.0),
        (FRACTION, "1e0", 1.0),
        (to.number(0), "0", 0.0),
        (to.or_off(BYTE), "off", None),
        (to.or_off(BYTE), "7", 7),
        (to.rate, "100/60", Rate(100, 60_000)),
        (to.rate, "1/0.001", Rate(1, 1)),
        (to.rate, "5/1.5", Rate(5, 1_500)),
        (to.rate, "5/86400", Rate(5, 86_400_000)),
        (to.seconds, "realistic", None),
        (to.seconds, "2.5", 2.5),
        (to.seconds, "0.001", 0.001),
        (to.seconds, "86400", 86_400.0),
        (to.progress, "time", Progress("time")),
        (to.progress, "immediate", Progress("immediate")),
        (to.progress, "reads:1", Progress("reads", 1)),
        (to.progress, "reads:30", Progress("reads", 30)),
        (to.on_off, "on", True),
        (to.on_off, "off", False),
        (to.seed, "random", None),
        (to.seed, "0", 0),
        (to.instant, "now", None),
        (to.instant, "1970-01-01T00:00:00Z", 0),
        (to.instant, "2026-02-05T00:00:00.001Z", 1_770_249_600_001),
        (to.instant, "2026-02-05T00:00:00", 1_770_249_600_000),
        (to.instant, "2026-02-05", 1_770_249_600_000),
        (to.instant, "2026-02-05T05:30:00+05:30", 1_770_249_600_000),
        (to.instant, "2999-12-31T23:59:59.999999Z", 32_503_679_999_999),
        (to.price, "flux-2-pro=0.03", ("flux-2-pro", Decimal("0.03"))),
        (to.price, "a=0", ("a", Decimal(0))),
        (to.price, "a=0.0250", ("a", Decimal("0.0250"))),
        (to.api_key, "YOUR_API_KEY", "YOUR_API_KEY"),
        (to.api_key, "two words", "two words"),
        (to.base_url, "request", ""),
        (to.base_url, "http://emulator.test:8780", "http://emulator.test:8780"),
        (to.base_url, "https://emulator.test/under/", "https://emulator.test/under"),
        (to.base_url, "http://[::1]:8780/", "http://[::1]:8780"),
        (to.host, "127.0.0.1", "127.0.0.1"),
        (to.host, "::1", "::1"),
        (to.host, "[::1]", "::1"),
        (to.host, "0:0:0:0:0:0:0:1", "::1"),
        (to.host, "2001:DB8::1", "2001:db8::1"),
        (to.host, "Example.COM.", "example.com"),
        (to.host, "any", "any"),
    ],
)
def test_a_good_text_becomes_its_value(convert: Convert, text: str, value: object) -> None:
    converted = convert(text)

    assert converted == value
    assert type(converted) is type(value)


BAD: list[tuple[Convert, str, list[str]]] = [
    (
        BYTE,
        "a whole number from 0 to 255",
        ["", "-", "-1", "256", "1.0", "1e2", "--1", "+1", " 1", "1_0", "٣", "9" * 5_000],
    ),
    (
        to.instant,
        "an ISO 8601 time from 1970 to 2999, such as 2026-02-05T12:00:00Z, nor now",
        [
            "",
            "soon",
            "Now",
            "1969-12-31T23:59:59Z",
            "3000-01-01",
            "0001-01-01T00:00:00+23:59",
            "12:00",
            "1770249600000",
        ],
    ),
    (POSITIVE, "a whole number of at least 1", ["0", "-1", "one"]),
    (FRACTION, "a number from 0.5 to 2", ["", "0.49", "2.01", "nan", "inf", "-inf", "1e999", "half", "1,5"]),
    (to.number(0), "a number of at least 0", ["-0.1", "nan", "inf"]),
    (to.or_off(BYTE), "a whole number from 0 to 255", ["OFF", "on", "none"]),
    (
        to.rate,
        "N/SECONDS (N from 1, SECONDS from 0.001 to 86400), such as 100/60, nor off",
        [
            "",
            "100",
            "100/",
            "/60",
            "0/60",
            "-1/60",
            "1.5/60",
            "100/0",
            "100/-1",
            "100/0.0004",
            "100/nan",
            "1/1e308",
            "1/1/1",
            "9" * 5_000 + "/60",
            "100/60s",
            "100/86401",
        ],
    ),
    (to.seconds, "from 0.001 to 86400", ["", "0", "-1", "0.0009", "86400.1", "nan", "inf", "2.5s", "Realistic"]),
    (
        to.progress,
        "time, immediate, reads:N with N from 1",
        [
            "",
            "reads",
            "reads:",
            "reads:0",
            "reads:-1",
            "reads:x",
            "time:3",
            "immediate:",
            "Time",
            "reads:" + "9" * 5_000,
        ],
    ),
    (to.on_off, "neither on nor off", ["", "yes", "true", "1", "ON"]),
    (to.seed, "a whole number of at least 0", ["", "-1", "1.5", "Random"]),
    (
        to.price,
        "SLUG=USD with USD from 0 to 1000000, such as flux-2-pro=0.03",
        ["", "flux-2-pro", "flux-2-pro=", "=0.03", "a=-0.01", "a=NaN", "a=sNaN", "a=Infinity", "a=$1", "a=1e999999"],
    ),
    (to.api_key, "printable ASCII without blanks around it", ["", " ", " k", "k ", "ké", "k\n", "k\x00"]),
    (to.api_key, "such keys are always refused", ["invalid", "invalid-key"]),
    (
        to.base_url,
        "an http or https URL, such as http://emulator.test:8780",
        [
            "",
            "emulator.test",
            "emulator.test:8780",
            "ftp://emulator.test",
            "http://",
            "http://:80",
            "http:///x",
            "/x",
            "http://a/?q=1",
            "http://a/#f",
            "http://[::1",
            "http://a:port",
            "http://a:0",
            "http://a:65536",
        ],
    ),
    (
        to.host,
        "not a host name or an address; leave out scheme, port and path",
        ["", "http://a", "a:80", "a/b", "user@a", "a b", "[::1]:80"],
    ),
]
BAD_TEXTS = [
    pytest.param(convert, right, text, id=f"{right[:30]}-{text[:20]!r}")
    for convert, right, texts in BAD
    for text in texts
]


@pytest.mark.parametrize(("convert", "right", "text"), BAD_TEXTS)
def test_an_illegal_text_is_refused_with_a_legal_one(convert: Convert, right: str, text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(right)):
        convert(text)


@pytest.mark.parametrize("key", ["invalid-secret", "secret "])
def test_a_refused_key_is_not_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        to.api_key(key)

    assert "secret" not in str(caught.value)


ALL: list[Any] = [BYTE, FRACTION, to.rate, to.seconds, to.progress, to.on_off, to.seed, to.price, to.base_url, to.host]


@pytest.mark.parametrize("convert", ALL)
@given(st.text() | st.text(alphabet="0123456789.-+eE/:=[]@"))
def test_any_text_is_converted_or_refused_by_our_own_error(convert: Convert, text: str) -> None:
    try:
        convert(text)
    except ValueError as error:
        refused = str(error)
    else:
        return
    assert refused.startswith(repr(text))


@given(st.datetimes(datetime(1970, 1, 2), datetime(2999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001  # it adds one
def test_an_instant_is_the_same_in_every_time_zone(moment: datetime) -> None:
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)

    assert to.instant(moment.isoformat()) == since_epoch // timedelta(milliseconds=1)


SETTING = {each.name: each for each in registry()}


@pytest.mark.parametrize(
    ("name", "given_as", "value"),
    [
        ("max_in_flight", 10**17 + 1, 10**17 + 1),
        ("max_in_flight", 3.0, 3),
        ("duration", 0.1 + 0.2, 0.3),
        ("duration", "realistic", None),
        ("retry_after", False, False),
        ("retry_after", "on", True),
        ("window", "fixed", "fixed"),
    ],
)
def test_a_value_may_be_the_text_of_the_flag_or_the_like(name: str, given_as: object, value: object) -> None:
    assert to.value_of(SETTING[name], given_as) == value


@pytest.mark.parametrize(
    ("name", "given_as", "told"),
    [
        ("duration", True, "duration: True is not legal; pass a text such as '2.5'"),
        ("duration", None, "duration: None is not legal; pass a text such as '2.5'"),
        ("retry_after", [], "retry_after: [] is not legal; pass a text such as 'on'"),
        ("window", 5, "window: '5' is not one of: sliding, fixed"),
        ("max_in_flight", 1.5, "max_in_flight: '1.5' is not a whole number of at least 1"),
    ],
)
def test_an_illegal_value_is_refused_with_its_setting_and_a_legal_one(name: str, given_as: object, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        to.value_of(SETTING[name], given_as)
