"""The costs of a world in exact decimals, computed from its predictions. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.prediction import Prediction, Status, status_at


@dataclass(frozen=True, slots=True)
class Ledger:
    """The costs of a world.

    :param total: USD of all charged executions with a known price.
    :param executions: number of charged executions, with or without a known price.
    :param unpriced: number of charged executions without a known price; the total does not include their cost.
    :param by_model: USD per model.
    """

    total: Decimal
    executions: int
    unpriced: int
    by_model: Mapping[str, Decimal]


def compute_ledger(
    predictions: Iterable[Prediction],
    evicted: Mapping[tuple[str, Status], int],
    now: Instant,
    price_of: Callable[[str], Decimal | None],
    charge: Literal["success", "accept"],
) -> Ledger:
    """Return the ledger at *now* over stored *predictions* and those *evicted* (counts by model and final status).

    :param price_of: USD of one execution of a model; None: unknown.
    :param charge: when an execution is charged: at its success, or when its create is accepted.
    """
    counts: Counter[tuple[str, Status]] = Counter(evicted)
    counts.update((prediction.model, status_at(prediction, now)) for prediction in predictions)
    charged: Counter[str] = Counter()
    for (model, status), number in counts.items():
        charged[model] += number if charge == "accept" or status is Status.SUCCESS else 0
    charged = +charged  # drops models with a count of 0
    prices = {model: price_of(model) for model in charged}
    spent = {model: price * charged[model] for model, price in prices.items() if price is not None}
    unpriced = sum(number for model, number in charged.items() if prices[model] is None)
    return Ledger(sum(spent.values(), Decimal()), charged.total(), unpriced, spent)
