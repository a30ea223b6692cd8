"""The control plane: health by status code, and money in exact decimals."""

from decimal import Decimal

import pytest

from helpers.harness import KEY, Api, MakeApi
from helpers.refusal import page_error


@pytest.fixture
def make_api() -> MakeApi:
    return Api  # Flask serves these routes, whichever road the hot ones take


FAIL = {"X-Mock-Fault": "fail"}
STUCK = {"X-Mock-Fault": "stuck"}


def ledger(api: Api, key: str = KEY) -> dict[str, object]:
    answer = api.get("/__mock/ledger", key=key)
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json
    return body


def test_live_needs_no_key(api: Api) -> None:
    assert api.get("/__mock/health/live", key=None).status_code == 200


def test_not_ready_while_webhooks_are_not_sent(api: Api) -> None:
    assert api.get("/__mock/health/ready", key=None).status_code == 503


def test_ready_while_webhooks_are_sent_and_not_afterwards(make_api: MakeApi) -> None:
    api = make_api()
    api.app.dispatcher.start()
    ready = api.get("/__mock/health/ready", key=None).status_code
    api.app.dispatcher.stop()

    assert (ready, api.get("/__mock/health/ready", key=None).status_code) == (200, 503)


def test_ledger_of_nobody_is_exactly_so(api: Api) -> None:
    assert ledger(api) == {"total": "0", "executions": 0, "unpriced": 0, "by_model": {}, "currency": "USD"}


def test_execution_is_charged_at_the_exact_instant_of_success(api: Api) -> None:
    api.created()

    api.advance(2.499)
    assert ledger(api)["executions"] == 0
    api.advance(0.001)
    assert (ledger(api)["executions"], Decimal(str(ledger(api)["total"]))) == (1, Decimal("0.0250"))


def test_totals_are_exact_decimals(api: Api) -> None:
    for _ in range(7):
        api.created()
    api.advance(3)

    totals = ledger(api)
    assert (totals["total"], totals["by_model"], totals["executions"]) == ("0.175", {"qwen-image": "0.175"}, 7)


@pytest.mark.parametrize("headers", [FAIL, STUCK])
def test_what_does_not_succeed_costs_nothing(api: Api, headers: dict[str, str]) -> None:
    api.created(headers=headers)
    api.advance(100)

    assert (Decimal(str(ledger(api)["total"])), ledger(api)["executions"]) == (0, 0)


@pytest.mark.parametrize("headers", [{}, FAIL, STUCK])
def test_charge_at_acceptance_is_immediate_and_whatever_becomes_of_it(
    make_api: MakeApi, headers: dict[str, str]
) -> None:
    api = make_api(charge="accept")
    api.created(headers=headers)
    at_once = ledger(api)["total"]
    api.advance(100)

    assert (at_once, ledger(api)["total"]) == ("0.025", "0.025")


def test_refused_create_is_not_charged_at_acceptance(make_api: MakeApi) -> None:
    api = make_api(charge="accept", max_in_flight=1)
    api.created(headers=STUCK)
    api.create()
    api.create(guidance=11)

    assert ledger(api)["executions"] == 1


def test_reading_and_downloading_cost_nothing(api: Api) -> None:
    made = api.created(output_format="jpg")
    api.advance(3)
    api.read(made)
    api.get(f"/outputs/{made}.jpg")

    assert ledger(api)["total"] == "0.025"


def test_price_that_is_not_known_is_shown_as_unpriced_and_never_as_0(api: Api) -> None:
    api.created(model="flux-2-pro")
    api.created()
    api.advance(3)

    assert ledger(api) == {
        "total": "0.025",
        "executions": 2,
        "unpriced": 1,
        "by_model": {"qwen-image": "0.025"},
        "currency": "USD",
    }


def test_price_that_is_set_counts(make_api: MakeApi) -> None:
    api = make_api(price=(("flux-2-pro", Decimal("0.0550")), ("qwen-image", Decimal("0.1"))))
    api.created(model="flux-2-pro")
    api.created()
    api.advance(3)

    assert ledger(api)["by_model"] == {"flux-2-pro": "0.0550", "qwen-image": "0.1"}
    assert (ledger(api)["total"], ledger(api)["unpriced"]) == ("0.1550", 0)


def test_several_images_are_one_execution(api: Api) -> None:
    api.created(model="z-image-turbo-lora", num_images=4)
    api.advance(3)

    assert ledger(api)["executions"] == 1


def test_ledger_is_of_one_key(api: Api) -> None:
    api.created()
    api.advance(3)

    assert ledger(api, "somebody-else")["total"] == "0"


@pytest.mark.parametrize("path", ["/__mock/ledger", "/__mock/deliveries"])
def test_bad_key_learns_nothing(api: Api, path: str) -> None:
    page_error(api.get(path, key="invalid"), 401)


def test_ledger_of_a_named_world_is_that_worlds(api: Api) -> None:
    api.created(headers={"X-Mock-World": "shared"})
    api.advance(3)

    answer = api.get("/__mock/ledger", key="somebody-else", headers={"X-Mock-World": "shared"})

    assert answer.json["total"] == "0.025"
