"""The costs of a world: exact for every price and after evictions."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.ledger import Ledger, compute_ledger
from eachlabs_mock.core.prediction import Plan, Prediction, Status
from helpers.records import START, ending, endless, record

CENT = {"qwen-image": Decimal("0.0250")}
END = START + 2_500

PRICES = st.dictionaries(st.sampled_from("abcd"), st.decimals(0, 1000, places=6))
COUNTS = st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from(Status)), st.integers(0, 10**6))
STORED = st.lists(
    st.builds(
        lambda model, takes: record(model=model, plan=ending(takes)), st.sampled_from("abcd"), st.integers(0, 20)
    ),
    max_size=10,
)


def spent(
    *predictions: Prediction,
    evicted: Mapping[tuple[str, Status], int] | None = None,
    prices: Mapping[str, Decimal] = CENT,
    charge: Literal["success", "accept"] = "success",
    now: int = END,
) -> Ledger:
    return compute_ledger(predictions, evicted or {}, now, prices.get, charge)


def test_nothing_costs_nothing() -> None:
    assert spent() == Ledger(Decimal(0), 0, 0, {})


def test_an_execution_costs_its_price() -> None:
    assert spent(record()) == Ledger(Decimal("0.0250"), 1, 0, {"qwen-image": Decimal("0.0250")})


@pytest.mark.parametrize(("now", "executions"), [(END - 1, 0), (END, 1)])
def test_an_execution_is_charged_the_instant_it_succeeds(now: int, executions: int) -> None:
    assert spent(record(), now=now).executions == executions


@pytest.mark.parametrize("plan", [ending(1, Status.ERROR), endless(), ending(10**6)])
@pytest.mark.parametrize(("charge", "total"), [("success", "0"), ("accept", "0.0250")])
def test_a_failed_prediction_is_charged_only_with_charge_accept(
    plan: Plan, charge: Literal["success", "accept"], total: str
) -> None:
    assert spent(record(plan=plan), charge=charge).total == Decimal(total)


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    prices = {"a": Decimal("0.1"), "b": Decimal("0.2")}

    assert spent(record(1, model="a"), record(2, model="b"), prices=prices).total == Decimal("0.3")


def test_a_million_executions_lose_no_fraction_of_a_cent() -> None:
    assert spent(evicted={("qwen-image", Status.SUCCESS): 1_000_001}).total == Decimal("25000.0250")


@given(STORED, COUNTS, PRICES, st.sampled_from(["success", "accept"]))
def test_the_total_is_exact(
    stored: list[Prediction],
    evicted: dict[tuple[str, Status], int],
    prices: dict[str, Decimal],
    charge: Literal["success", "accept"],
) -> None:
    now = START + 10
    numbers = [(each.model, 1) for each in stored if charge == "accept" or (each.ends_at or 0) <= now]
    numbers += [(model, n) for (model, status), n in evicted.items() if charge == "accept" or status is Status.SUCCESS]
    expected = sum((Fraction(prices[model]) * n for model, n in numbers if model in prices), Fraction())

    result = spent(*stored, evicted=evicted, prices=prices, charge=charge, now=now)

    assert Fraction(result.total) == expected == sum(map(Fraction, result.by_model.values()))
    assert result.executions == sum(n for _, n in numbers)
    assert result.unpriced == sum(n for model, n in numbers if model not in prices)


def test_evicted_predictions_are_still_counted() -> None:
    kept = spent(record(1), record(2))

    assert spent(record(2), evicted={("qwen-image", Status.SUCCESS): 1}) == kept


def test_evicted_failures_cost_nothing() -> None:
    assert spent(evicted={("qwen-image", Status.ERROR): 5}).total == 0


def test_an_unknown_price_is_not_a_price_of_0() -> None:
    result = spent(record(1), record(2, model="unpriced"))

    assert result == Ledger(Decimal("0.0250"), 2, 1, {"qwen-image": Decimal("0.0250")})


def test_counting_leaves_what_was_evicted_as_it_was() -> None:
    evicted = {("qwen-image", Status.SUCCESS): 1}

    spent(record(), evicted=evicted)

    assert evicted == {("qwen-image", Status.SUCCESS): 1}
