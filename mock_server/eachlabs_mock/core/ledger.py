"""Money in exact decimals: what the executions of a world cost. Derived from plans; nothing is written anywhere."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.prediction import Prediction, Status, status_at


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a world has spent.

    :param total: USD over all executions whose price is known.
    :param executions: charged executions, priced or not.
    :param unpriced: those of them whose price nobody knows; their cost is missing from the total, not 0.
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

    :param price_of: USD of one execution of a model; None: not known.
    :param charge: whether an execution is charged at its success (page: fixed price per execution) or when accepted.
    """
    counts: Counter[tuple[str, Status]] = Counter(evicted)
    counts.update((each.model, status_at(each, now)) for each in predictions)
    charged: Counter[str] = Counter()
    for (model, status), number in counts.items():
        charged[model] += number if charge == "accept" or status is Status.SUCCESS else 0
    charged = +charged  # without the models that nobody is charged for
    prices = {model: price_of(model) for model in charged}
    spent = {model: price * charged[model] for model, price in prices.items() if price is not None}
    unpriced = sum(number for model, number in charged.items() if prices[model] is None)
    return Ledger(sum(spent.values(), Decimal()), charged.total(), unpriced, spent)
