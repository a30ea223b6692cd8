"""Laws of bodies: every answer about predictions has the documented body."""

import re
from typing import Final

from eachlabs_contract.history import OK, TOO_MANY, Episode, Exchange, is_create, read_id
from eachlabs_contract.laws.law import Law, Observations, law, unless
from eachlabs_contract.spec import page

REFUSED: Final = frozenset({400, 401, 404})
"""Statuses that come from the server itself; a 413, for example, may come from a proxy."""

PLAIN_ID: Final = re.compile(r"[0-9A-Za-z-]+")
"""Ids that every server recognizes as ids."""


@law(
    "laws.answers-read",
    "Every 200 answer to a create or a read has the documented fields and values.",
    source='page, "Response Format"',
)
def answers_read(episode: Episode) -> Observations:
    """Checks every body that came with 200 to a create or a read, field by field."""
    for exchange in episode.exchanges:
        if exchange.status == OK and _about_predictions(exchange):
            read = page.created if is_create(exchange) else page.prediction
            complaints = "; ".join(read(exchange.document).complaints)
            yield unless(not complaints, "a body with the documented fields", complaints, exchange)


@law(
    "laws.refusals-read",
    "Every refusal of a create or a read has the documented error body.",
    source='page, "Error Response"',
)
def refusals_read(episode: Episode) -> Observations:
    """Checks every body that came with 400, 401 or 404 to a create or a read, and with 429 where a limit was on."""
    refused = REFUSED | {TOO_MANY} if episode.rate_limited or episode.capped else REFUSED
    for exchange in episode.exchanges:
        if exchange.status in refused and _by_the_page(exchange):
            complaints = "; ".join(page.refusal(exchange.document).complaints)
            expected = "the documented error body: status, message and details, all of them strings"
            yield unless(not complaints, expected, complaints, exchange)


def _by_the_page(exchange: Exchange) -> bool:
    # Another trailing slash makes another URL: its refusal may come from a proxy and not from the API.
    slashed = exchange.request.path.partition("?")[0].endswith("/")
    return _about_predictions(exchange) and slashed == is_create(exchange)


def _about_predictions(exchange: Exchange) -> bool:
    return bool(is_create(exchange) or PLAIN_ID.fullmatch(read_id(exchange)))


LAWS: Final[tuple[Law, ...]] = (answers_read, refusals_read)
