"""Memory is bounded: what makes way, how that reads, and what outlives it."""

import pytest

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.planner import Progress
from helpers.harness import KEY, Api, MakeApi
from helpers.refusal import page_error

FAIL = {"X-Mock-Fault": "fail"}
STUCK = {"X-Mock-Fault": "stuck"}


def ended(api: Api, number: int, **options: object) -> list[str]:
    """Create predictions one after the other, each after the end of the one before."""
    made = []
    for _ in range(number):
        made.append(api.created(**options))
        api.advance(2.5)
    return made


def kept(api: Api, made: list[str], key: str = KEY) -> list[int]:
    return [api.read(each, key=key).status_code for each in made]


def test_oldest_ended_prediction_makes_way_and_reads_as_404(make_api: MakeApi) -> None:
    api = make_api(max_predictions=2)
    made = ended(api, 4)

    assert kept(api, made) == [404, 404, 200, 200]
    page_error(api.read(made[0]), 404)


@pytest.mark.parametrize("headers", [{}, FAIL])
def test_running_prediction_stays_and_an_ended_one_makes_way(make_api: MakeApi, headers: dict[str, str]) -> None:
    api = make_api(max_predictions=2)
    running = api.created(headers=STUCK)
    made = ended(api, 3, headers=headers)

    assert kept(api, [running, *made]) == [200, 404, 404, 200]


def test_full_store_takes_as_many_as_it_may(make_api: MakeApi) -> None:
    api = make_api(max_predictions=3)

    assert kept(api, ended(api, 3)) == [200, 200, 200]


def test_output_of_what_made_way_is_404(make_api: MakeApi) -> None:
    api = make_api(max_predictions=1)
    first, _ = ended(api, 2)

    page_error(api.get(f"/outputs/{first}.webp"), 404)


def test_ledger_goes_on_counting_what_made_way(make_api: MakeApi) -> None:
    api = make_api(max_predictions=2)
    ended(api, 5)
    ended(api, 2, headers=FAIL)
    ended(api, 1, model="flux-2-pro")

    totals = api.get("/__mock/ledger").json
    assert (totals["total"], totals["executions"], totals["unpriced"]) == ("0.125", 6, 1)


def test_ledger_of_progress_counted_in_reads_goes_on_counting_what_made_way(make_api: MakeApi) -> None:
    api = make_api(max_predictions=1, progress=Progress("reads", 1))
    for _ in range(3):
        api.read(api.created())

    assert api.get("/__mock/ledger").json["total"] == "0.075"


def test_store_full_of_running_predictions_refuses_with_429(make_api: MakeApi) -> None:
    api = make_api(max_predictions=2)
    running = [api.created(), api.created()]

    assert "--max-predictions" in page_error(api.create(), 429)
    assert kept(api, running) == [200, 200]


def test_store_full_of_running_predictions_takes_again_when_one_has_ended(make_api: MakeApi) -> None:
    api = make_api(max_predictions=2)
    for _ in range(2):
        api.created()
    page_error(api.create(), 429)
    api.advance(2.5)

    assert api.create().status_code == 200


def test_prediction_of_one_key_makes_way_for_another_keys(make_api: MakeApi) -> None:
    api = make_api(max_predictions=1)
    (first,) = ended(api, 1)

    api.created(key="somebody-else")

    assert kept(api, [first]) == [404]


def test_create_refused_by_the_cap_makes_nothing_give_way(make_api: MakeApi) -> None:
    api = make_api(max_predictions=2, max_in_flight=1)
    (first,) = ended(api, 1)
    api.created(headers=STUCK)
    page_error(api.create(), 429)

    assert kept(api, [first]) == [200]


def test_webhook_of_what_is_running_survives_pressure(make_api: MakeApi) -> None:
    api = make_api(max_predictions=2)
    made = api.created(webhook_url="http://127.0.0.1:9/hook")
    api.created()
    for _ in range(3):
        api.create()
    api.advance(3)

    assert [payload["exec_id"] for payload in api.receiver.payloads] == [made]


def test_longest_idle_world_makes_way_with_all_it_has(make_api: MakeApi) -> None:
    api = make_api(max_worlds=2)
    first = api.created(key="one", output_format="jpg")
    api.created(key="two")
    api.advance(3, key="two")
    assert api.get(f"/outputs/{first}.jpg").status_code == 200

    api.created(key="three")

    page_error(api.get(f"/outputs/{first}.jpg"), 404)
    page_error(api.read(first, key="one"), 404)
    assert api.get("/__mock/ledger", key="one").json["total"] == "0"


def test_world_that_was_used_lately_stays(make_api: MakeApi) -> None:
    api = make_api(max_worlds=2)
    first, second = api.created(key="one"), api.created(key="two")
    api.read(first, key="one")

    api.created(key="three")

    assert api.read(first, key="one").status_code == 200
    page_error(api.read(second, key="two"), 404)


def test_thousands_of_made_up_keys_leave_no_more_worlds_than_may_be(make_api: MakeApi) -> None:
    api = make_api(max_worlds=10)
    for number in range(200):
        api.create(key=f"made-up-{number}")

    assert len(api.app.emulator.worlds._worlds) <= 10
    assert len(api.app.emulator.store._records) <= 10  # type: ignore[attr-defined]
    assert len(api.app.emulator.store._indexes) <= 10  # type: ignore[attr-defined]


def test_bad_keys_make_no_worlds(api: Api) -> None:
    for number in range(20):
        api.create(key=f"invalid-{number}")

    assert len(api.app.emulator.worlds._worlds) == 0


def test_counted_requests_are_kept_no_longer_than_the_limit(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(5, 60_000), count_refused=True)
    for _ in range(100):
        api.get("/v1/prediction/x")

    book = api.app.emulator.store._indexes[api.world().name]  # type: ignore[attr-defined]
    assert len(book.arrivals) == 5
