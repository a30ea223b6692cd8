"""What a read answers in each state, and when states change."""

import re

import pytest

from eachlabs_mock.core.planner import Progress
from helpers.harness import KEY, UNKNOWN_ID, Api, MakeApi
from helpers.refusal import page_error

ENDS = [({}, "success"), ({"X-Mock-Fault": "fail"}, "error")]


def test_running_prediction_reads_exactly_so(api: Api) -> None:
    made = api.created()

    answer = api.read(made)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {
        "status": "processing",
        "predictionID": made,
        "message": "Prediction is being processed",
    }


def test_successful_prediction_reads_exactly_so(api: Api) -> None:
    made = api.created()
    api.advance(2.5)

    answer = api.read(made)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {
        "status": "success",
        "predictionID": made,
        "output": f"http://localhost/outputs/{made}.webp",
        "metrics": {"predict_time": 2.5},
    }


def test_failed_prediction_reads_as_the_pages_error_body_with_http_200(api: Api) -> None:
    made = api.created(headers={"X-Mock-Fault": "fail"})
    api.advance(2.5)

    text = page_error(api.read(made), 200)

    assert made not in text


@pytest.mark.parametrize(("headers", "status"), ENDS)
def test_prediction_ends_at_its_exact_instant(api: Api, headers: dict[str, str], status: str) -> None:
    made = api.created(headers=headers)

    api.advance(2.499)
    assert api.read(made).json["status"] == "processing"
    api.advance(0.001)
    assert api.read(made).json["status"] == status


@pytest.mark.parametrize(("seconds", "predict_time"), [(0.001, 0.001), (0.2, 0.2), (17, 17.0), (35.5, 35.5)])
def test_duration_is_as_set_and_is_the_predict_time(make_api: MakeApi, seconds: float, predict_time: float) -> None:
    api = make_api(duration=seconds)
    made = api.created()

    api.advance(seconds - 0.001)
    assert api.read(made).json["status"] == "processing"
    api.advance(0.001)
    assert api.read(made).json["metrics"] == {"predict_time": predict_time}


def test_predict_time_does_not_grow_with_the_clock(api: Api) -> None:
    made = api.created()
    api.advance(1000)

    assert api.read(made).json["metrics"] == {"predict_time": 2.5}


def test_realistic_durations_differ_and_surround_the_pages_average(make_api: MakeApi) -> None:
    api = make_api(duration=None, max_in_flight=None, rate_limit=None)
    made = [api.created(go_fast=False) for _ in range(40)]
    api.advance(1000)

    times = sorted(api.read(each).json["metrics"]["predict_time"] for each in made)
    assert len(set(times)) > 30
    assert 5 < times[0] < 15
    assert 13 < times[20] < 22
    assert 19 < times[-1] < 60


def test_realistic_duration_is_the_predict_time(make_api: MakeApi) -> None:
    seconds = make_api(duration=None)
    made = seconds.created()
    seconds.advance(1000)
    predict_time = seconds.read(made).json["metrics"]["predict_time"]

    twin = make_api(duration=None)
    assert twin.created() == made
    twin.advance(predict_time - 0.001)
    assert twin.read(made).json["status"] == "processing"
    twin.advance(0.001)
    assert twin.read(made).json["status"] == "success"


@pytest.mark.parametrize(
    ("given", "factor"),
    [({"num_inference_steps": 25}, 0.5), ({"go_fast": True}, 0.6), ({"num_inference_steps": 5}, 0.1)],
)
def test_realistic_duration_is_scaled_by_steps_and_go_fast(
    make_api: MakeApi, given: dict[str, object], factor: float
) -> None:
    times = []
    for options in ({"go_fast": False}, {"go_fast": False, **given}):
        api = make_api(duration=None)
        made = api.created(**options)
        api.advance(1000)
        times.append(api.read(made).json["metrics"]["predict_time"])

    assert times[1] == pytest.approx(times[0] * factor, abs=0.002)


@pytest.mark.parametrize(("headers", "status"), ENDS)
def test_terminal_answer_never_changes(make_api: MakeApi, headers: dict[str, str], status: str) -> None:
    api = make_api(rate_limit=None)
    made = api.created(headers=headers)
    api.advance(2.5)

    first = api.read(made).data
    later = set()
    for seconds in (0, 0.001, 1, 59, 60, 3600, 86_400, 10**7):
        api.advance(seconds)
        later.add(api.read(made).data)

    assert api.read(made).json["status"] == status
    assert later == {first}


def test_reading_moves_nothing(make_api: MakeApi) -> None:
    api = make_api(rate_limit=None)
    made = api.created()

    assert len({api.read(made).data for _ in range(200)}) == 1
    api.advance(2.5)
    assert api.read(made).json["status"] == "success"


@pytest.mark.parametrize("status", ["processing", "success"])
def test_output_appears_exactly_at_success(api: Api, status: str) -> None:
    made = api.created()
    api.advance(2.5 if status == "success" else 2.499)

    assert ("output" in api.read(made).json) == (status == "success")


@pytest.mark.parametrize(
    "unknown", [UNKNOWN_ID, "nope", "x" * 3000, UNKNOWN_ID.upper(), "a%20b", "%00", "%F0%9F%98%80"]
)
def test_unknown_prediction_is_404(api: Api, unknown: str) -> None:
    assert "x" * 201 not in page_error(api.read(unknown), 404)


def test_id_is_held_to_the_letter(api: Api) -> None:
    made = api.created()

    for other in (made.upper(), f"{made}x", made[:-1], f" {made}", made.replace("-", "")):
        page_error(api.read(other), 404)


@pytest.mark.parametrize("method", ["HEAD"])
def test_head_of_a_prediction_has_the_headers_and_no_body(api: Api, method: str) -> None:
    made = api.created()

    answer = api.call(method, f"/v1/prediction/{made}")

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(api.read(made).data))


def test_query_string_changes_nothing(api: Api) -> None:
    made = api.created()

    assert api.get(f"/v1/prediction/{made}?a=1&b=%2F").data == api.read(made).data


@pytest.mark.parametrize(("reads", "shown"), [(1, ["success"]), (3, ["processing", "processing", "success"])])
def test_progress_counted_in_reads_ends_on_the_nth_read(make_api: MakeApi, reads: int, shown: list[str]) -> None:
    api = make_api(progress=Progress("reads", reads))
    made = api.created()
    api.advance(1000)

    assert [api.read(made).json["status"] for _ in shown] == shown


def test_progress_counted_in_reads_can_end_in_failure_and_stays_there(make_api: MakeApi) -> None:
    api = make_api(progress=Progress("reads", 2))
    made = api.created(headers={"X-Mock-Fault": "fail"})

    assert [api.read(made).json["status"] for _ in range(4)] == ["processing", "error", "error", "error"]


@pytest.mark.parametrize("key", ["invalid", "somebody-else"])
def test_only_a_read_that_is_answered_200_counts(make_api: MakeApi, key: str) -> None:
    api = make_api(progress=Progress("reads", 2))
    made = api.created()
    for _ in range(5):
        api.read(made, key=key)

    assert [api.read(made).json["status"] for _ in range(2)] == ["processing", "success"]


def test_reads_of_one_prediction_do_not_move_another(make_api: MakeApi) -> None:
    api = make_api(progress=Progress("reads", 2))
    one, other = api.created(), api.created()
    api.read(one)
    api.read(one)

    assert api.read(other).json["status"] == "processing"


@pytest.mark.parametrize(("headers", "status"), ENDS)
def test_immediate_progress_is_over_at_the_first_read(make_api: MakeApi, headers: dict[str, str], status: str) -> None:
    api = make_api(progress=Progress("immediate"))

    assert api.read(api.created(headers=headers)).json["status"] == status


def test_immediate_progress_still_reports_the_simulated_duration(make_api: MakeApi) -> None:
    api = make_api(progress=Progress("immediate"))

    assert api.read(api.created()).json["metrics"] == {"predict_time": 2.5}


def test_stuck_prediction_never_ends(api: Api) -> None:
    made = api.created(headers={"X-Mock-Fault": "stuck"})
    api.advance(10**8)

    assert api.read(made).json["status"] == "processing"


def test_create_answer_has_no_id_to_wait_for(api: Api) -> None:
    assert not re.search(r'"id"', api.create().text)
    assert not re.search(r'"id"', api.read(api.created(key=KEY)).text)
