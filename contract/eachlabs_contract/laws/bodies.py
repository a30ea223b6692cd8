"""Laws of bodies: whatever is answered about predictions reads as the page has it."""

import re
from typing import Final

from eachlabs_contract.history import OK, TOO_MANY, Episode, Exchange, is_create, read_id
from eachlabs_contract.laws.law import Law, Observations, law, unless
from eachlabs_contract.spec import page

REFUSED: Final = frozenset({400, 401, 404})
"""Statuses that a server gives itself; a 413, say, may come from something in front of it."""

PLAIN_ID: Final = re.compile(r"[0-9A-Za-z-]+")
"""Ids of which a server surely knows that it is asked for one."""


@law(
    "laws.answers-read",
    "Every 200 to a create or a read has the documented fields with the documented values.",
    source='page, "Response Format"',
)
def answers_read(episode: Episode) -> Observations:
    """Reads every body that came with 200 to a create or a read, field by field."""
    for each in episode.exchanges:
        if each.status == OK and _about_predictions(each):
            read = page.created if is_create(each) else page.prediction
            complaints = "; ".join(read(each.document).complaints)
            yield unless(not complaints, "a body with the fields that the page shows", complaints, each)


@law(
    "laws.refusals-read",
    "Every refusal of a create or a read has the documented error body.",
    source='page, "Error Response"',
)
def refusals_read(episode: Episode) -> Observations:
    """Reads every body that came with 400, 401 or 404 to a create or a read, and with 429 where a limit was on."""
    refused = REFUSED | {TOO_MANY} if episode.rate_limited or episode.capped else REFUSED
    for each in episode.exchanges:
        if each.status in refused and _by_the_page(each):
            complaints = "; ".join(page.refusal(each.document).complaints)
            expected = "the error body of the page: status, message and details, all of them texts"
            yield unless(not complaints, expected, complaints, each)


def _by_the_page(exchange: Exchange) -> bool:
    # A slash more or less is another address, which a server need not know: what refuses it may not be the API.
    slashed = exchange.request.path.partition("?")[0].endswith("/")
    return _about_predictions(exchange) and slashed == is_create(exchange)


def _about_predictions(exchange: Exchange) -> bool:
    return bool(is_create(exchange) or PLAIN_ID.fullmatch(read_id(exchange)))


LAWS: Final[tuple[Law, ...]] = (answers_read, refusals_read)
