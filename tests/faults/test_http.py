"""Faults of responses on every route, with and without the lane."""

from email.utils import parsedate_to_datetime
from itertools import product
from statistics import median
from typing import Any

import pytest

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.reply import AS_SENT, Transfer
from eachlabs_mock.faults.http import LONGEST
from helpers.armed import CALLS, arm, counts, ended, journal, rule, take, told, wires
from helpers.harness import KEY, START, Api, MakeApi
from helpers.refusal import page_error

WIRED = ("dribble", "hang", "reset")
BODIES = {"json": "application/json", "html": "text/html", "empty": "text/plain"}


def spent(api: Api) -> int:
    """Return how many predictions there are."""
    return len(api.app.emulator.store.of_world(api.world().name))


def test_an_error_has_the_requested_status_and_body(api: Api, subtests: pytest.Subtests) -> None:
    made = ended(api)
    for status, body in product((400, 401, 404, 418, 429, 499, 500, 502, 503, 520, 599), BODIES):
        with subtests.test(status=status, body=body):
            arm(api, rule("http_error", status=status, body=body))

            answer = api.read(made)

            assert (answer.status_code, answer.content_type) == (status, BODIES[body])
            match body:
                case "json":
                    assert "injected by the fault 'http_error'" in page_error(answer, status)
                case "html":
                    assert f"<h1>{status} " in answer.text
                case _:
                    assert answer.data == b""


def test_an_error_strikes_wherever_it_is_sent(api: Api, subtests: pytest.Subtests) -> None:
    made = ended(api)
    for route in CALLS:
        with subtests.test(route=route):
            arm(api, rule("http_error", status=503, route=route))

            assert take(api, route, made).status_code == 503
            assert counts(api) == [(1, 1)]


@pytest.mark.parametrize("fault", ["http_error", "hang", "reset"])
@pytest.mark.parametrize(("after_commit", "created"), [(False, 0), (True, 1)])
def test_the_work_is_done_only_where_just_the_answer_is_lost(
    make_api: MakeApi, fault: str, *, after_commit: bool, created: int
) -> None:
    api = make_api(wire_faults=True)
    arm(api, rule(fault, route="create", after_commit=after_commit))

    api.create()

    assert spent(api) == created
    assert len(api.app.emulator.store.arrivals(api.world().name)) == created


def test_an_error_after_the_work_hides_what_the_work_refused(api: Api) -> None:
    arm(api, rule("http_error", route="create", after_commit=True))

    assert api.post({"model": "nonsense", "input": {}}).status_code == 500


@pytest.mark.parametrize(
    ("form", "expected"), [("seconds", "4"), ("absent", None), ("date", "Thu, 05 Feb 2026 00:00:07 GMT")]
)
@pytest.mark.parametrize("route", ["create", "read"])
def test_rate_limited_sends_retry_after_in_each_form(api: Api, route: str, form: str, expected: str | None) -> None:
    made = ended(api)
    arm(api, rule("rate_limited", seconds=4, retry_after=form, route=route))

    answer = take(api, route, made)

    assert page_error(answer, 429)
    assert answer.headers.get("Retry-After") == expected


def test_a_retry_after_date_is_never_too_early(api: Api) -> None:
    made = ended(api)
    api.clock.move_to(START + 3001)
    arm(api, rule("rate_limited", seconds=1, retry_after="date"))

    at = parsedate_to_datetime(api.read(made).headers["Retry-After"])

    assert at.timestamp() * 1000 == START + 5000


def test_a_call_refused_for_too_many_requests_is_not_counted(make_api: MakeApi) -> None:
    api = make_api(rate_limit=Rate(1, 60_000))
    arm(api, rule("rate_limited", times=3))

    assert [api.create().status_code for _ in range(5)] == [429, 429, 429, 200, 429]


def delays(make_api: MakeApi, number: int, **given: Any) -> list[float]:
    """Return how late so many answers come, in an emulator of their own."""
    api = make_api(rate_limit=None)
    made = ended(api)
    arm(api, rule("latency", **given))
    seen = wires(api)
    for _ in range(number):
        api.read(made)
    return [each.delay for each in seen]


@pytest.mark.parametrize("distribution", ["uniform", "log_normal"])
def test_drawn_delays_differ_and_replay(make_api: MakeApi, distribution: str) -> None:
    first, second = (delays(make_api, 20, distribution=distribution, seconds=2) for _ in range(2))

    assert first == second
    assert len(set(first)) == 20


def test_uniform_delays_stay_within_their_spread(make_api: MakeApi) -> None:
    drawn = delays(make_api, 60, distribution="uniform", seconds=2, spread=0.25)

    assert all(1.5 <= each < 2.5 for each in drawn)
    assert max(drawn) - min(drawn) > 0.8


def test_log_normal_delays_lie_around_their_median_and_under_the_longest(make_api: MakeApi) -> None:
    drawn = delays(make_api, 60, distribution="log_normal", seconds=2000, spread=1)

    assert 1000 < median(drawn) < 3600
    assert max(drawn) == LONGEST


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (rule("latency", seconds=2.5), Transfer(delay=2.5)),
        (rule("dribble", seconds=3), Transfer(spread=3)),
        (rule("hang"), Transfer(cut_after=0, end="hang")),
        (rule("reset"), Transfer(cut_after=0, end="reset")),
    ],
)
def test_wire_faults_are_passed_to_the_transfer(
    make_api: MakeApi, given: dict[str, Any], expected: Transfer, subtests: pytest.Subtests
) -> None:
    api = make_api(wire_faults=True)
    made = ended(api)
    for route in CALLS:
        with subtests.test(route=route):
            arm(api, {**given, "route": route})
            seen = wires(api)

            take(api, route, made)

            assert seen == [expected]


@pytest.mark.parametrize(("fault", "end"), [("reset", "reset"), ("truncate", "close")])
def test_a_body_breaks_off_in_its_middle_after_the_work(
    make_api: MakeApi, fault: str, end: str, subtests: pytest.Subtests
) -> None:
    api = make_api(wire_faults=True)
    made = ended(api)
    for route in CALLS:
        with subtests.test(route=route):
            arm(api, rule(fault, route=route, **({"at": "middle"} if fault == "reset" else {})))
            seen = wires(api)

            answer = take(api, route, made)

            assert answer.status_code == 200
            assert [(each.cut_after, each.end) for each in seen] == [(len(answer.data) // 2, end)]


@pytest.mark.parametrize("fault", WIRED)
def test_a_wire_fault_is_refused_without_its_flag_which_is_named(api: Api, fault: str) -> None:
    made = ended(api)
    prompt = f"[mock:{fault}]"

    answers = [
        api.call("POST", "/__mock/faults", json=rule(fault)),
        api.call("PUT", "/__mock/faults", json={"faults": [rule("fail"), rule(fault)]}),
        api.get(f"/v1/prediction/{made}", headers={"X-Mock-Fault": fault}),
        api.create(prompt=prompt),
    ]

    assert [each.status_code for each in answers] == [400] * 4
    assert all("--wire-faults" in each.text and fault in each.text for each in answers)
    assert counts(api) == []


def test_a_create_is_performed_twice_and_answered_once(api: Api) -> None:
    arm(api, rule("duplicate", times=1))

    answered = api.created()

    stored = [each.id for each in api.app.emulator.store.of_world(api.world().name)]
    assert len(stored) == 2
    assert stored[0] == answered
    assert len(journal(api)) == 1


def test_a_duplicate_that_is_refused_hides_no_creation(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    arm(api, rule("duplicate"))

    assert api.create().status_code == 200
    assert spent(api) == 1


def test_an_output_can_be_gone_before_its_time_and_be_there_again(api: Api) -> None:
    made = ended(api)
    arm(api, rule("expired", times=1))

    first, second = (take(api, "output", made) for _ in range(2))

    assert "has expired" in page_error(first, 404)
    assert (second.status_code, second.content_type) == (200, "image/webp")


def test_a_head_of_an_output_is_struck_like_a_get_of_it(api: Api) -> None:
    made = ended(api)
    arm(api, rule("http_error", status=503, body="html", route="output"))

    answer = api.call("HEAD", f"/outputs/{made}.webp")

    assert (answer.status_code, answer.data) == (503, b"")
    assert int(answer.headers["Content-Length"]) > 50


def test_partial_and_conditional_answers_survive_a_fault_that_leaves_them_alone(
    api: Api, subtests: pytest.Subtests
) -> None:
    made = ended(api)
    tag = take(api, "output", made).headers["ETag"]
    for header, value, status in (
        ("Range", "bytes=0-9", 206),
        ("Range", "bytes=999999999-", 416),
        ("If-None-Match", tag, 304),
    ):
        with subtests.test(status=status):
            headers = {"X-Request-Id": "r", header: value}
            arm(api)
            plain = take(api, "output", made, headers=headers)
            arm(api, rule("latency", route="output"))

            late = take(api, "output", made, headers=headers)

            assert late.status_code == status
            assert (late.data, told(late)) == (plain.data, told(plain))


def test_a_call_without_a_good_key_is_refused_for_that_and_uses_nothing_up(api: Api) -> None:
    made = ended(api)
    arm(api, rule("http_error"))

    refused = [take(api, route, made, key=key) for route in ("create", "read") for key in ("", "invalid-key")]

    assert [each.status_code for each in refused] == [401] * 4
    assert counts(api) == [(0, 0)]


def test_the_answer_to_the_key_of_another_world_is_as_always(api: Api) -> None:
    arm(api, rule("http_error"))
    seen = wires(api)

    assert api.create(key="other").status_code == 200
    assert seen == [AS_SENT]
    assert counts(api, KEY) == [(0, 0)]


def test_a_long_chunked_body_is_too_long_however_often_it_is_looked_at(api: Api) -> None:
    arm(api, rule("duplicate"), rule("fail", model="qwen-image"))
    body = b'{"model": "' + b"x" * (1024 * 1024 + 100) + b'"}'

    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = api.post(body, environ_overrides=environ)

    assert page_error(answer, 413)
