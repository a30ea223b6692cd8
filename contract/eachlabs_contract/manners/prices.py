"""What a journal's executions cost at the real service, in exact USD."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from eachlabs_contract.history import Journal, Prediction
from eachlabs_contract.spec import DEFAULT_MODEL, Status

PAGE_PRICES: Final[Mapping[str, Decimal]] = MappingProxyType({DEFAULT_MODEL: Decimal("0.025")})
"""USD an execution, where the page says so."""


def is_charged(journal: Journal, prediction: Prediction) -> bool:
    """Say whether the real service charges for *prediction*, as it now stands."""
    return journal.charged_at_accept or prediction.status is Status.SUCCESS


def cost_of(journal: Journal, predictions: Iterable[Prediction]) -> Decimal:
    """Return what *predictions* cost, as far as they are charged and their prices are known."""
    prices = price_list(journal)
    return sum((prices.get(each.model, Decimal()) for each in predictions if is_charged(journal, each)), Decimal())


def price_list(journal: Journal) -> dict[str, Decimal]:
    """Return the price of an execution of each model, where it can be told: from the bill, or else from the page."""
    counts = Counter(each.model for each in journal.predictions if is_charged(journal, each))
    is_whole = counts.total() == journal.bill.executions
    billed = {model: amount / counts[model] for model, amount in journal.bill.by_model if is_whole and counts[model]}
    return {**PAGE_PRICES, **billed}
