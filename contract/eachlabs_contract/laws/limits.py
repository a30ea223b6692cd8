"""Laws of the limits: what no server that keeps them can ever have answered, whatever kind of window it counts in."""

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
    """Counts, at each create that was taken, the caller's earlier ones that a later read still showed processing."""
    if not episode.capped:
        return
    last = {each.prediction_id: each.index for each in reads(episode) if each.seen.status is Status.PROCESSING}
    made = list(creates(episode))
    for number, create in enumerate(made):
        others = [
            each.exchange
            for each in made[:number]
            if each.exchange.caller == create.exchange.caller and last.get(each.prediction_id, -1) > create.index
        ]
        if len(others) + 1 >= IN_FLIGHT:
            expected = f"a refusal (429), since {len(others)} predictions are in flight, as later reads of them show"
            yield unless(len(others) < IN_FLIGHT, expected, "200", *others, create.exchange)


@law(
    "laws.request-window",
    "At most 100 requests of a key are answered at one instant, and at most 200 within a minute.",
    source=f"{PAGE}: maximum 100 requests per minute per API key; a window of fixed minutes lets twice as many pass "
    "round its edge",
)
def request_window(episode: Episode) -> Observations:
    """Counts the creates and reads that were answered 200, for each caller, by the server's clock where it is known."""
    if not episode.rate_limited:
        return
    passed: dict[str, deque[Exchange]] = {}
    for each in episode.exchanges:
        if each.status != OK or not (is_create(each) or read_id(each)):
            continue
        minute = passed.setdefault(each.caller, deque())
        while minute and minute[0].at <= each.at - MINUTE:
            minute.popleft()
        minute.append(each)
        instant = sum(other.at == each.at for other in minute)
        if instant >= REQUESTS_PER_MINUTE or len(minute) >= 2 * REQUESTS_PER_MINUTE:
            expected = f"429, since {REQUESTS_PER_MINUTE} requests a minute is the documented maximum"
            got = f"200, as to {instant - 1} requests at the same instant and {len(minute) - 1} within a minute"
            yield unless(instant <= REQUESTS_PER_MINUTE and len(minute) <= 2 * REQUESTS_PER_MINUTE, expected, got, each)


LAWS: Final[tuple[Law, ...]] = (in_flight_cap, request_window)
