"""Converts the texts of flags and environment variables into values; each error says what is legal."""

import re
from collections.abc import Callable
from dataclasses import Field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eachlabs_mock.core import DAY, MILLIS, Instant, Progress, Rate, millis

Convert = Callable[[str], Any]

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
"""Bound of --start: a clock that is advanced for long still has a year of four digits."""

HIGHEST_PRICE = 1_000_000
"""The highest price in USD; sums of higher ones would not stay exact."""


def number(low: float, high: float = float("inf")) -> Convert:
    """Return a converter to a number from *low* to *high*."""

    def convert(text: str) -> float:
        value = float(text) if _is_number(text) else None
        if value is None or not low <= value <= high:
            raise ValueError(f"{text!r} is not a number {_range(low, high)}")
        return value

    return convert


def integer(low: int, high: float = float("inf")) -> Convert:
    """Return a converter to a whole number from *low* to *high*."""

    def convert(text: str) -> int:
        value = int(text) if _is_integer(text) else None
        if value is None or not low <= value <= high:
            raise ValueError(f"{text!r} is not a whole number {_range(low, high)}")
        return value

    return convert


def _range(low: float, high: float) -> str:
    return f"of at least {low}" if high == float("inf") else f"from {low} to {high}"


def _is_integer(text: str) -> bool:
    return re.fullmatch("-?[0-9]{1,20}", text) is not None


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False


def _is_duration(text: str) -> bool:
    return _is_number(text) and 1 / MILLIS <= float(text) <= DAY


def or_off(convert: Convert) -> Convert:
    """Return a converter that reads `off` as None, and any other text with *convert*."""
    return lambda text: None if text == "off" else convert(text)


def rate(text: str) -> Rate:
    """Read `N/SECONDS` as a rate."""
    limit, _, period = text.partition("/")
    if not (_is_integer(limit) and int(limit) >= 1 and _is_duration(period)):
        raise ValueError(
            f"{text!r} is neither N/SECONDS (N from 1, SECONDS from 0.001 to {DAY}), such as 100/60, nor off"
        )
    return Rate(int(limit), millis(float(period)))


def seconds(text: str) -> float | None:
    """Read a duration in seconds, or `realistic` as None."""
    if text == "realistic":
        return None
    if not _is_duration(text):
        raise ValueError(f"{text!r} is neither a number of seconds from 0.001 to {DAY} nor realistic")
    return float(text)


def progress(text: str) -> Progress:
    """Read `time`, `immediate` or `reads:N`."""
    kind, _, reads = text.partition(":")
    if kind == "reads" and _is_integer(reads) and int(reads) >= 1:
        return Progress("reads", int(reads))
    if text in {"time", "immediate"}:
        return Progress("immediate" if text == "immediate" else "time")
    raise ValueError(f"{text!r} is not one of: time, immediate, reads:N with N from 1")


def on_off(text: str) -> bool:
    """Read `on` or `off` as a boolean."""
    if text not in {"on", "off"}:
        raise ValueError(f"{text!r} is neither on nor off")
    return text == "on"


def seed(text: str) -> int | None:
    """Read a seed, a whole number from 0, or `random` as None."""
    return None if text == "random" else integer(0)(text)


def instant(text: str) -> Instant | None:
    """Read an ISO 8601 time as milliseconds since the epoch, or `now` as None; without an offset it is UTC."""
    if text == "now":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = LATEST
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment < LATEST:
        raise ValueError(
            f"{text!r} is neither an ISO 8601 time from 1970 to 2999, such as 2026-02-05T12:00:00Z, nor now"
        )
    return (moment - EARLIEST) // timedelta(milliseconds=1)


def price(text: str) -> tuple[str, Decimal]:
    """Read `SLUG=USD` as a slug and an exact amount."""
    slug, _, amount = text.partition("=")
    try:
        usd = Decimal(amount)
    except InvalidOperation:
        usd = Decimal(-1)
    if not slug or not usd.is_finite() or not 0 <= usd <= HIGHEST_PRICE:
        raise ValueError(f"{text!r} is not SLUG=USD with USD from 0 to {HIGHEST_PRICE}, such as flux-2-pro=0.03")
    return slug, usd


def api_key(text: str) -> str:
    """Read an API key: printable ASCII, without blanks around it, and not starting with `invalid`."""
    if not text or not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("an API key must be printable ASCII without blanks around it")
    if text.startswith("invalid"):
        raise ValueError("an API key must not start with 'invalid': such keys are always refused")
    return text


def token(text: str) -> str:
    """Read a token: printable ASCII without blanks around it; empty: no token."""
    if not text.isascii() or (text and not text.isprintable()) or text != text.strip():
        raise ValueError("a token must be printable ASCII without blanks around it")
    return text


def base_url(text: str) -> str:
    """Read a URL, without the slash at its end, or `request` as an empty text."""
    if text == "request":
        return ""
    if not _is_base_url(text):
        raise ValueError(f"{text!r} is not an http or https URL, such as http://emulator.test:8780")
    return text.rstrip("/")


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        names_a_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # unbalanced brackets, or a port that is not a number
        return False
    return names_a_host and parts.scheme in {"http", "https"} and not (parts.query or parts.fragment)


def store(text: str) -> Path | None:
    """Read `sqlite:PATH` as that path, or `memory` as None."""
    kind, colon, path = text.partition(":")
    if text != "memory" and not (kind == "sqlite" and colon and path):
        raise ValueError(f"{text!r} is neither memory nor sqlite:PATH, such as sqlite:mock.db")
    return Path(path) if path else None


def host(text: str) -> str:
    """Read a host name, in lower case, or an address, in its canonical spelling."""
    try:
        return str(ip_address(text.strip("[]"))).lower()
    except ValueError:
        pass
    if not text or any(bad in text for bad in "/:@ "):
        raise ValueError(f"{text!r} is not a host name or an address; leave out scheme, port and path")
    return text.lower().rstrip(".")


def value_of(setting: Field[Any], raw: object) -> Any:  # noqa: ANN401  # each setting has its type
    """Return the value of a setting.

    :param raw: the text that its flag takes, or the JSON or Python value for that text.
    :raises ValueError: *raw* is not legal; the text names the setting and says what is.
    """
    facts, text = setting.metadata, _text(setting, raw)
    if text is None:
        raise ValueError(f"{setting.name}: {raw!r} is not legal; pass a text such as {facts['default']!r}")
    if text not in facts.get("choices", (text,)):
        raise ValueError(f"{setting.name}: {text!r} is not one of: {', '.join(facts['choices'])}")
    try:
        return facts["convert"](text)
    except ValueError as error:
        raise ValueError(f"{setting.name}: {error}") from None


def _text(setting: Field[Any], raw: object) -> str | None:
    match raw:
        case bool():
            return ("on" if raw else "off") if isinstance(setting.default, bool) else None
        case float():
            return format(raw, ".15g")  # 2.0 as 2
        case str() | int():
            return str(raw)
    return None
