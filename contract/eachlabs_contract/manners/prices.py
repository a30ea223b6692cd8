"""Prices a journal's executions at the real service, in exact USD."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from eachlabs_contract.history import Journal, Prediction
from eachlabs_contract.spec import DEFAULT_MODEL, Status

PAGE_PRICES: Final[Mapping[str, Decimal]] = MappingProxyType({DEFAULT_MODEL: Decimal("0.025")})
"""USD an execution, for each model whose price the page states."""


def is_charged(journal: Journal, prediction: Prediction) -> bool:
    """Return whether the real service charges for *prediction* in its present status."""
    return journal.charged_at_accept or prediction.status is Status.SUCCESS


def cost_of(journal: Journal, predictions: Iterable[Prediction]) -> Decimal:
    """Return the cost of those *predictions* that are charged and whose price is known."""
    prices = price_list(journal)
    charged = (prediction for prediction in predictions if is_charged(journal, prediction))
    return sum((prices.get(prediction.model, Decimal()) for prediction in charged), Decimal())


def price_list(journal: Journal) -> dict[str, Decimal]:
    """Return the price of an execution for each model of known price: from the bill, or else from the page."""
    counts = Counter(prediction.model for prediction in journal.predictions if is_charged(journal, prediction))
    is_whole = counts.total() == journal.bill.executions
    billed = {model: amount / counts[model] for model, amount in journal.bill.by_model if is_whole and counts[model]}
    return {**PAGE_PRICES, **billed}
