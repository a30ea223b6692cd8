"""Rate window and in-flight cap: what counts, what is refused, and how long to wait."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.planner import Progress
from helpers.harness import KEY, PROMPT, UNKNOWN_ID, Api, MakeApi
from helpers.refusal import page_error

MINUTE = 60_000
FAIL = {"X-Mock-Fault": "fail"}
STUCK = {"X-Mock-Fault": "stuck"}

Send = Callable[[Api], TestResponse]


def poll(api: Api, key: str = KEY) -> TestResponse:
    return api.read(UNKNOWN_ID, key=key)


def polls(api: Api, number: int) -> list[int]:
    """Return the HTTP statuses of that many polls of an id that nobody has."""
    return [poll(api).status_code for _ in range(number)]


def wait_of(answer: TestResponse) -> int:
    """Return the `Retry-After` of a 429."""
    page_error(answer, 429)
    value = answer.headers["Retry-After"]
    assert value == str(int(value))
    return int(value)


# The window


def test_hundredth_request_passes_and_the_next_does_not(api: Api) -> None:
    assert polls(api, 101) == [404] * 100 + [429]


def test_refusal_by_the_window_names_the_limit(api: Api) -> None:
    polls(api, 100)

    text = page_error(poll(api), 429)
    assert "100" in text
    assert "60" in text


def test_creates_and_polls_share_the_window(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(2, MINUTE))
    made = api.created()
    assert api.read(made).status_code == 200

    page_error(api.create(), 429)
    page_error(api.read(made), 429)


COUNTED: dict[str, Send] = {
    "create": lambda api: api.create(),
    "poll of a known id": lambda api: api.read(api.world().name),
    "malformed JSON": lambda api: api.post(b"{"),
    "missing field": lambda api: api.post({}),
    "wrong content type": lambda api: api.post({}, content_type="text/plain"),
    "body too large": lambda api: api.post(b" " * (1024 * 1024 + 1)),
    "unknown model": lambda api: api.create(model="nonsense"),
    "invalid input": lambda api: api.create(guidance=11),
    "unknown scenario": lambda api: api.create(prompt="[mock:nonsense]"),
    "unknown id": poll,
    "HEAD of a prediction": lambda api: api.call("HEAD", f"/v1/prediction/{UNKNOWN_ID}"),
    "poll with a slash": lambda api: api.get(f"/v1/prediction/{UNKNOWN_ID}/"),
}
UNCOUNTED: dict[str, Send] = {
    "no key": lambda api: api.call("GET", f"/v1/prediction/{UNKNOWN_ID}", key=None),
    "bad key": lambda api: api.create(key="invalid"),
    "unknown route": lambda api: api.get("/v1/nonsense"),
    "wrong method": lambda api: api.call("DELETE", f"/v1/prediction/{UNKNOWN_ID}"),
    "OPTIONS": lambda api: api.call("OPTIONS", "/v1/prediction/"),
    "models": lambda api: api.get("/v1/models"),
    "models refused": lambda api: api.get("/v1/models?limit=0"),
    "model": lambda api: api.get("/v1/model?slug=qwen-image"),
    "contract": lambda api: api.get("/v1/openapi.json"),
    "human page": lambda api: api.get("/v1/docs"),
    "output": lambda api: api.get(f"/outputs/{UNKNOWN_ID}.webp"),
    "ledger": lambda api: api.get("/__mock/ledger"),
    "deliveries": lambda api: api.get("/__mock/deliveries"),
    "health": lambda api: api.get("/__mock/health/live"),
}


@pytest.mark.parametrize("name", COUNTED)
def test_request_let_through_counts_whatever_becomes_of_it(make_api: MakeApi, name: str) -> None:
    api = make_api(rate_limit=Rate(1, MINUTE))

    assert COUNTED[name](api).status_code != 429

    page_error(poll(api), 429)


@pytest.mark.parametrize("name", UNCOUNTED)
def test_request_without_key_or_route_does_not_count(make_api: MakeApi, name: str) -> None:
    api = make_api(rate_limit=Rate(1, MINUTE))
    for _ in range(3):
        UNCOUNTED[name](api)

    page_error(poll(api), 404)


@pytest.mark.parametrize("name", UNCOUNTED)
def test_request_that_does_not_count_passes_a_full_window(make_api: MakeApi, name: str) -> None:
    api = make_api(rate_limit=Rate(1, MINUTE))
    poll(api)

    assert UNCOUNTED[name](api).status_code != 429


def test_refusal_by_the_cap_counts(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(2, MINUTE), max_in_flight=1)
    api.created()
    page_error(api.create(), 429)

    assert poll(api).json["message"] == "Rate limit exceeded"


def test_refusal_by_the_window_does_not_count(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(1, MINUTE))
    polls(api, 50)
    api.advance(59.999)
    polls(api, 50)

    api.advance(0.001)
    page_error(poll(api), 404)


def test_request_leaves_the_window_exactly_60_seconds_after_it_arrived(api: Api) -> None:
    poll(api)
    api.advance(30)
    polls(api, 99)

    api.advance(29.999)
    page_error(poll(api), 429)
    api.advance(0.001)
    assert polls(api, 2) == [404, 429]


def test_window_slides_and_does_not_start_afresh(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(2, MINUTE))
    poll(api)
    api.advance(59)
    poll(api)
    api.advance(1)

    assert polls(api, 2) == [404, 429]


def test_fixed_window_starts_afresh_with_every_period(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(2, MINUTE), window="fixed")
    api.advance(59.999)
    assert polls(api, 3) == [404, 404, 429]

    api.advance(0.001)

    assert polls(api, 3) == [404, 404, 429]


def test_fixed_window_tells_to_wait_for_its_end(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(1, MINUTE), window="fixed")
    api.advance(47.5)
    poll(api)

    assert wait_of(poll(api)) == 13


def test_only_creates_count_where_so_set(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(1, MINUTE), count="creates")
    assert polls(api, 5) == [404] * 5
    api.created()

    page_error(api.create(), 429)
    page_error(poll(api), 404)


def test_refused_requests_count_where_so_set(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(2, MINUTE), count_refused=True)
    assert polls(api, 2) == [404, 404]
    api.advance(30)
    page_error(poll(api), 429)

    api.advance(30)

    assert polls(api, 2) == [404, 429]


def test_waiting_retry_after_works_where_refused_requests_count(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(2, MINUTE), count_refused=True)
    polls(api, 2)
    api.advance(30.5)

    wait = wait_of(poll(api))
    api.advance(wait)

    page_error(poll(api), 404)


def test_nothing_is_refused_without_a_rate_limit(make_api: MakeApi) -> None:
    api = make_api(rate_limit=None)

    assert set(polls(api, 300)) == {404}


def test_another_key_has_a_window_of_its_own(api: Api) -> None:
    polls(api, 101)

    page_error(poll(api, key="somebody-else"), 404)


# Retry-After


@pytest.mark.parametrize(
    ("passed", "wait"), [(0, 60), (0.001, 60), (0.999, 60), (1, 59), (20.4, 40), (58.5, 2), (59, 1), (59.999, 1)]
)
def test_retry_after_of_the_window_is_rounded_up_to_whole_seconds(make_api: MakeApi, passed: float, wait: int) -> None:
    api = make_api(rate_limit=Rate(1, MINUTE))
    poll(api)
    api.advance(passed)

    assert wait_of(poll(api)) == wait


@pytest.mark.parametrize("passed", [0, 0.001, 20.4, 58.5])
def test_waiting_retry_after_of_the_window_works_and_one_second_less_does_not(make_api: MakeApi, passed: float) -> None:
    api = make_api(rate_limit=Rate(2, MINUTE))
    polls(api, 1)
    api.advance(passed)
    polls(api, 1)
    wait = wait_of(poll(api))

    api.advance(wait - 1)
    page_error(poll(api), 429)
    api.advance(1)
    page_error(poll(api), 404)


@pytest.mark.parametrize("passed", [0, 0.2, 1.25])
def test_waiting_retry_after_of_a_slot_works_and_one_second_less_does_not(make_api: MakeApi, passed: float) -> None:
    api = make_api(duration=7.5)
    for _ in range(10):
        api.created()
    api.advance(passed)
    wait = wait_of(api.create())

    api.advance(wait - 1)
    page_error(api.create(), 429)
    api.advance(1)
    assert api.create().status_code == 200


@pytest.mark.parametrize(("short", "status"), [(0, 200), (1, 429)])
@pytest.mark.parametrize(
    ("duration", "limit", "wait"),
    [
        (100, 20, 100),  # only the slot stands in the way
        (100, 10, 100),  # both do, and the slot for longer
        (100, 11, 100),  # the slot does, and its own refusal fills the window
        (2.5, 11, 60),  # the same, and the window for longer
        (2.5, 10, 60),  # both do, and the window for longer
        (2.5, 12, 3),  # only the slot does
    ],
)
def test_retry_after_of_a_create_is_the_later_of_window_and_slot(
    make_api: MakeApi, duration: float, limit: int, wait: int, short: int, status: int
) -> None:
    api = make_api(duration=duration, rate_limit=Rate(limit, MINUTE))
    for _ in range(10):
        api.created()

    assert wait_of(api.create()) == wait
    api.advance(wait - short)
    assert api.create().status_code == status


def test_retry_after_of_a_poll_is_not_that_of_a_slot(make_api: MakeApi) -> None:
    api = make_api(duration=100, rate_limit=Rate(10, MINUTE))
    for _ in range(10):
        api.created()

    assert wait_of(poll(api)) == 60


def test_retry_after_of_a_slot_is_60_when_none_has_a_known_end(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=2)
    for _ in range(2):
        api.created(headers=STUCK)

    assert wait_of(api.create()) == 60


def test_retry_after_of_a_slot_is_60_when_ends_are_counted_in_reads(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1, progress=Progress("reads", 3))
    api.created()

    assert wait_of(api.create()) == 60


def test_one_known_end_among_stuck_predictions_is_the_one_to_wait_for(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=2)
    api.created(headers=STUCK)
    api.created()

    assert wait_of(api.create()) == 3


def test_earliest_of_many_ends_is_the_one_to_wait_for(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=2, duration=10)
    api.created()
    api.advance(4)
    api.created()

    assert wait_of(api.create()) == 6


def test_no_retry_after_where_so_set(make_api: MakeApi) -> None:
    api = make_api(retry_after=False, rate_limit=Rate(2, MINUTE), max_in_flight=1)
    api.created()

    refusals = [api.create(), api.create()]
    assert [answer.status_code for answer in refusals] == [429, 429]
    assert ["Retry-After" in answer.headers for answer in refusals] == [False, False]


@pytest.mark.parametrize("answer", [lambda api: api.create(), poll, lambda api: api.get("/v1/nonsense")])
def test_only_a_429_tells_to_wait(api: Api, answer: Send) -> None:
    assert "Retry-After" not in answer(api).headers


# The cap


def test_tenth_prediction_in_flight_passes_and_the_eleventh_is_refused(api: Api) -> None:
    assert [api.create().status_code for _ in range(11)] == [200] * 10 + [429]


def test_refusal_by_the_cap_names_the_cap(api: Api) -> None:
    for _ in range(10):
        api.created()

    assert "10" in page_error(api.create(), 429)


def test_refused_create_creates_nothing(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    api.created()
    api.create()

    assert len(api.app.emulator.store.of_world(api.world().name)) == 1


def test_refused_create_costs_nothing(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    api.created()
    api.create()
    api.advance(3)

    assert api.get("/__mock/ledger").json["total"] == "0.025"


def test_refused_create_sends_no_webhook(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    api.created()
    api.create(webhook_url="http://127.0.0.1:9/hook")
    api.advance(10)

    assert api.receiver.received == []


@pytest.mark.parametrize("headers", [{}, FAIL])
def test_slot_is_free_at_the_exact_instant_its_prediction_ends(make_api: MakeApi, headers: dict[str, str]) -> None:
    api = make_api(max_in_flight=1)
    api.created(headers=headers)

    api.advance(2.499)
    page_error(api.create(), 429)
    api.advance(0.001)
    assert api.create().status_code == 200


def test_slot_of_a_prediction_counted_in_reads_is_free_at_the_read_that_ends_it(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1, progress=Progress("reads", 2))
    made = api.created()

    api.read(made)
    page_error(api.create(), 429)
    api.read(made)
    assert api.create().status_code == 200


def test_immediate_predictions_hold_no_slot(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1, progress=Progress("immediate"))

    assert [api.create().status_code for _ in range(5)] == [200] * 5


def test_stuck_prediction_holds_its_slot_for_ever(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    api.created(headers=STUCK)
    api.advance(10**7)

    page_error(api.create(), 429)


@pytest.mark.parametrize(
    "send",
    [
        lambda api: api.post(b"{"),
        lambda api: api.post({"model": "qwen-image"}),
        lambda api: api.create(model="nonsense"),
        lambda api: api.create(guidance=11),
        lambda api: api.create(prompt="[mock:nonsense]"),
        lambda api: api.create(webhook_url="ftp://x"),
        lambda api: api.create(key="invalid"),
    ],
)
def test_refused_creates_take_no_slot(api: Api, send: Send) -> None:
    for _ in range(12):
        assert send(api).status_code != 200

    assert [api.create().status_code for _ in range(11)] == [200] * 10 + [429]


def test_creates_refused_by_the_cap_take_no_slot_afterwards(api: Api) -> None:
    for _ in range(20):
        api.create()
    api.advance(2.5)

    assert [api.create().status_code for _ in range(11)] == [200] * 10 + [429]


def test_all_slots_come_back_round_after_round(make_api: MakeApi) -> None:
    api = make_api(rate_limit=None, max_in_flight=3)

    for _ in range(20):
        assert [api.create().status_code for _ in range(4)] == [200, 200, 200, 429]
        api.advance(2.5)


def test_another_key_has_slots_of_its_own(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    api.created()
    page_error(api.create(), 429)

    assert api.create(key="somebody-else").status_code == 200


def test_polls_pass_while_all_slots_are_taken(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    made = api.created()
    api.create()

    assert api.read(made).status_code == 200


def test_any_number_may_be_in_flight_without_a_cap(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=None)

    assert [api.create().status_code for _ in range(50)] == [200] * 50


def test_cap_is_as_set(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=3)
    body = {"model": "qwen-image", "input": {"prompt": PROMPT}}

    assert [api.post(body).status_code for _ in range(4)] == [200, 200, 200, 429]
