"""Laws of the limits: answers that a server within the limits never gives, whatever window it counts in."""

from collections import deque
from typing import Final

from eachlabs_contract.history import OK, Episode, Exchange, creates, is_create, read_id, reads
from eachlabs_contract.laws.law import Law, Observations, law, unless
from eachlabs_contract.spec import IN_FLIGHT, MINUTE, REQUESTS_PER_MINUTE, Status

PAGE: Final = 'page, "Rate Limits"'


@law(
    "laws.in-flight-cap",
    "At most 10 predictions of a key are in flight at any time.",
    source=f"{PAGE}: maximum 10 concurrent predictions per API key",
)
def in_flight_cap(episode: Episode) -> Observations:
    """Counts, at each accepted create, the caller's earlier predictions that a later read still showed processing."""
    if not episode.capped:
        return
    last = {read.prediction_id: read.index for read in reads(episode) if read.body.status is Status.PROCESSING}
    accepted = list(creates(episode))
    for number, create in enumerate(accepted):
        others = [
            other.exchange
            for other in accepted[:number]
            if other.exchange.caller == create.exchange.caller and last.get(other.prediction_id, -1) > create.index
        ]
        if len(others) + 1 >= IN_FLIGHT:
            expected = f"429, since {len(others)} predictions are in flight, as later reads show"
            yield unless(len(others) < IN_FLIGHT, expected, "200", *others, create.exchange)


@law(
    "laws.request-window",
    "At most 100 requests of a key are answered at one instant, and at most 200 within a minute.",
    source=f"{PAGE}: maximum 100 requests per minute per API key; two fixed minutes let 200 pass where they meet",
)
def request_window(episode: Episode) -> Observations:
    """Counts creates and reads answered 200, for each caller, by the server's clock where that is known."""
    if not episode.rate_limited:
        return
    passed: dict[str, deque[Exchange]] = {}
    for exchange in episode.exchanges:
        if exchange.status != OK or not (is_create(exchange) or read_id(exchange)):
            continue
        minute = passed.setdefault(exchange.caller, deque())
        while minute and minute[0].at <= exchange.at - MINUTE:
            minute.popleft()
        minute.append(exchange)
        instant = sum(other.at == exchange.at for other in minute)
        if instant >= REQUESTS_PER_MINUTE or len(minute) >= 2 * REQUESTS_PER_MINUTE:
            expected = f"429, since the documented maximum is {REQUESTS_PER_MINUTE} requests a minute"
            got = f"200, after {instant - 1} requests at the same instant and {len(minute) - 1} within a minute"
            holds = instant <= REQUESTS_PER_MINUTE and len(minute) <= 2 * REQUESTS_PER_MINUTE
            yield unless(holds, expected, got, exchange)


LAWS: Final[tuple[Law, ...]] = (in_flight_cap, request_window)
