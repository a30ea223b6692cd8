"""Create, get, wait and generate: what is sent, how often, when, and what comes of it."""

import json
from typing import Any

import pytest
import requests

from eachlabs_client import (
    BadRequestError,
    Client,
    ConfigurationError,
    DeadlineExceeded,
    EachlabsError,
    NotSentError,
    Poll,
    Prediction,
    PredictionFailed,
    RateLimitError,
    RedirectError,
    ServerError,
    Status,
    UnreadableAnswerError,
)
from eachlabs_client.errors import class_for
from helpers.client_fakes import (
    BASE,
    CREATED,
    DONE,
    FAILED,
    ID,
    KEY,
    OUTPUT,
    REFUSED,
    RUNNING,
    FakeApi,
    FakeClock,
    Reply,
    client_of,
    connection_refused,
    session_to,
)

UNKNOWN_OUTCOMES = [
    pytest.param(Reply(500, REFUSED), id="500"),
    pytest.param(Reply(502, b"<html>Bad gateway</html>"), id="502"),
    pytest.param(Reply(503, REFUSED, {"Retry-After": "1"}), id="503"),
    pytest.param(Reply(200, b""), id="empty"),
    pytest.param(Reply(200, b'{"status":"success","predic'), id="cut"),
    pytest.param(Reply(200, FAILED), id="error-under-200"),
    pytest.param(Reply(302, b"", {"Location": "http://elsewhere.test/"}), id="redirect"),
    pytest.param(requests.ReadTimeout("slow"), id="timeout"),
    pytest.param(requests.ConnectionError("reset"), id="reset"),
    pytest.param(requests.exceptions.ChunkedEncodingError("cut"), id="cut-mid-body"),
]
TRANSIENT = [
    pytest.param(Reply(500, REFUSED), id="500"),
    pytest.param(Reply(502, b"<html>Bad gateway</html>"), id="502"),
    pytest.param(Reply(503, REFUSED), id="503"),
    pytest.param(Reply(429, REFUSED), id="429"),
    pytest.param(Reply(200, b""), id="empty"),
    pytest.param(Reply(200, b'{"status":'), id="malformed"),
    pytest.param(Reply(200, {"message": "no status"}), id="no-status"),
    pytest.param(requests.ReadTimeout("slow"), id="timeout"),
    pytest.param(requests.ConnectTimeout("slow"), id="connect-timeout"),
    pytest.param(requests.ConnectionError("reset"), id="reset"),
    pytest.param(connection_refused(), id="refused"),
]


# Setting up


def test_real_api_is_the_default(api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING)]

    Client(api_key=KEY, session=session_to(api), clock=api.clock).get(ID)

    assert api.lines == [f"GET https://api.eachlabs.ai/v1/prediction/{ID}"]


def test_environment_gives_base_url_and_key(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EACHLABS_BASE_URL", "http://env.test/v1/")
    monkeypatch.setenv("EACHLABS_API_KEY", "env-key-1234\n")
    api.script = [Reply(200, RUNNING)]

    Client(session=session_to(api), clock=api.clock).get(ID)

    assert api.lines == [f"GET http://env.test/v1/prediction/{ID}"]
    assert api.sent[0].request.headers["X-API-Key"] == "env-key-1234"


def test_arguments_beat_the_environment(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EACHLABS_BASE_URL", "http://env.test/v1")
    monkeypatch.setenv("EACHLABS_API_KEY", "env-key-1234")
    api.script = [Reply(200, RUNNING)]

    client_of(api).get(ID)

    assert api.lines == [f"GET {BASE}/prediction/{ID}"]
    assert api.sent[0].request.headers["X-API-Key"] == KEY


@pytest.mark.parametrize("key", ["", " ", "\n"])
def test_missing_key_is_an_error_that_names_the_variable(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EACHLABS_API_KEY", key)

    with pytest.raises(ConfigurationError, match="EACHLABS_API_KEY"):
        Client(BASE)


@pytest.mark.parametrize(
    "url",
    [
        "api.test/v1",
        "ftp://api.test/v1",
        "http://",
        "http:///v1",
        "http://user:word@api.test/v1",
        "http://api.test/v1?key=1",
        "http://api.test/v1#x",
        "http://api.test:port/v1",
        "http://[::1/v1",
    ],
)
def test_base_url_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="EACHLABS_BASE_URL") as caught:
        Client(url, KEY)

    assert url not in str(caught.value)


def test_own_session_is_closed_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(requests.Session, "close", lambda _: closed.append("closed"))

    with Client(BASE, KEY):
        assert closed == []

    assert closed == ["closed"]


def test_session_handed_in_stays_open_and_as_it_was(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_to(api)
    before = dict(session.headers)
    monkeypatch.setattr(session, "close", lambda: pytest.fail("closed"))
    api.script = [Reply(200, RUNNING)]

    with Client(BASE, KEY, session, clock=api.clock) as client:
        client.get(ID)

    assert (dict(session.headers), session.auth) == (before, None)


# What is sent


def test_create_sends_model_and_input_to_the_path_with_a_slash(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED)]

    prediction_id = client.create("qwen-image", {"prompt": "é", "seed": 7})

    request = api.sent[0].request
    assert prediction_id == ID
    assert api.lines == [f"POST {BASE}/prediction/"]
    assert json.loads(request.body or b"") == {"model": "qwen-image", "input": {"prompt": "é", "seed": 7}}
    assert request.headers["Content-Type"] == "application/json"


def test_create_sends_the_webhook_url(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED)]

    client.create("m", {}, webhook_url="http://me.test/hook")

    assert json.loads(api.sent[0].request.body or b"")["webhook_url"] == "http://me.test/hook"


def test_every_request_has_key_user_agent_and_timeouts(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, DONE)]

    client.generate("m", {})

    assert [sent.request.headers["X-API-Key"] for sent in api.sent] == [KEY, KEY]
    assert [sent.request.headers["User-Agent"] for sent in api.sent] == ["eachlabs-client/0.1.0"] * 2
    assert [sent.timeout for sent in api.sent] == [(10.0, 30.0)] * 2


def test_reads_wait_no_longer_than_the_deadline_and_creates_do(api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, DONE)]

    client_of(api, timeouts=(2, 40)).generate("m", {}, deadline_seconds=5)

    assert [sent.timeout for sent in api.sent] == [(2, 40), (2, 4)]


def test_read_that_is_never_answered_leaves_time_for_another(api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, DONE)]

    client_of(api, timeouts=(2, 40)).generate("m", {}, deadline_seconds=30)

    assert [sent.timeout for sent in api.sent] == [(2, 40), (2, 14.5)]


@pytest.mark.parametrize("prediction_id", ["", ".", ".."])
def test_id_that_would_address_something_else_is_refused(prediction_id: str, client: Client, api: FakeApi) -> None:
    with pytest.raises(BadRequestError, match="is not a prediction id"):
        client.get(prediction_id)

    assert api.sent == []


def test_id_stays_one_segment_of_the_path(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING)]

    client.get("../a b?c#d")

    assert api.lines == [f"GET {BASE}/prediction/..%2Fa%20b%3Fc%23d"]


def test_netrc_adds_no_credentials(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests.sessions.get_netrc_auth", lambda _: ("user", "word"))
    session = session_to(api)
    session.trust_env = True
    api.script = [Reply(200, RUNNING)]

    Client(BASE, KEY, session, clock=api.clock).get(ID)

    assert "Authorization" not in api.sent[0].request.headers


# Reads


def test_get_reads_once(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING)]

    prediction = client.get(ID)

    assert prediction == Prediction(ID, Status.PROCESSING, message="Prediction is being processed")
    assert len(api.sent) == 1


def test_get_of_a_failed_prediction_raises_nothing(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, FAILED)]

    assert client.get(ID) == Prediction(ID, Status.ERROR, message="It failed", details="The reason")


@pytest.mark.parametrize("trouble", TRANSIENT)
def test_read_is_repeated_after_a_passing_trouble(trouble: Any, client: Client, api: FakeApi) -> None:
    api.script = [trouble, trouble, Reply(200, RUNNING)]

    assert client.get(ID).status is Status.PROCESSING
    assert api.gaps == [1.0, 1.7]


@pytest.mark.parametrize("trouble", TRANSIENT)
def test_read_gives_up_within_a_bound(trouble: Any, client: Client, api: FakeApi) -> None:
    api.script = [trouble]

    with pytest.raises(EachlabsError) as caught:
        client.get(ID, deadline_seconds=1000)

    assert len(api.sent) == caught.value.tries <= 10
    assert api.gaps == sorted(api.gaps)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422])
def test_read_refused_for_good_is_not_repeated(status: int, client: Client, api: FakeApi) -> None:
    api.script = [Reply(status, REFUSED)]

    with pytest.raises(class_for(status)):
        client.get(ID)

    assert len(api.sent) == 1


@pytest.mark.parametrize("trouble", TRANSIENT)
def test_error_of_a_read_names_the_prediction_and_never_denies_its_work(
    trouble: Any, client: Client, api: FakeApi
) -> None:
    api.script = [trouble]

    with pytest.raises(EachlabsError) as caught:
        client.get(ID)

    assert (caught.value.prediction_id, caught.value.definite) == (ID, False)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_an_error_and_the_key_goes_nowhere(status: int, client: Client, api: FakeApi) -> None:
    api.script = [Reply(status, b"", {"Location": "http://elsewhere.test/"})]

    with pytest.raises(RedirectError, match=r"redirect.*http://elsewhere\.test/"):
        client.get(ID)

    assert len(api.sent) == 1


# Refusals


def test_refusal_keeps_everything_the_server_said(client: Client, api: FakeApi) -> None:
    api.script = [Reply(429, REFUSED, {"Retry-After": "77", "X-Request-Id": "r-1"})]

    with pytest.raises(DeadlineExceeded) as caught:
        client.create("m", {}, deadline_seconds=60)

    cause = caught.value.__cause__
    assert isinstance(cause, RateLimitError)
    assert (cause.message, cause.details, cause.status) == ("No", "Because", 429)
    assert (cause.retry_after, cause.request_id, cause.definite) == (77.0, "r-1", True)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(401, {"error": "Invalid or missing API key"}), "Invalid or missing API key"),
        (Reply(404, {"status": 404, "error": "not found"}), "not found"),
        (Reply(422, {}), "Unprocessable"),
        (Reply(400, b"<html>"), "Bad Request"),
        (Reply(400, b""), "Bad Request"),
        (Reply(499, b""), "the API gave no reason"),
    ],
)
def test_refusal_without_the_pages_body_is_read_sensibly(
    reply: Reply, message: str, client: Client, api: FakeApi
) -> None:
    api.script = [reply]

    with pytest.raises(EachlabsError) as caught:
        client.get(ID)

    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("date", ["Thu, 05 Feb 2026 12:00:00 GMT", None])
def test_retry_after_date_is_measured_by_the_servers_clock_or_else_ours(date: str | None, api: FakeApi) -> None:
    api.clock.at = 1_770_292_800.0 + (3600 if date else 0)  # 2026-02-05 12:00:00, or an hour wrong
    headers = {"Retry-After": "Thu, 05 Feb 2026 12:00:30 GMT"} | ({"Date": date} if date else {})
    api.script = [Reply(429, REFUSED, headers), Reply(200, RUNNING)]

    client_of(api).get(ID)

    assert api.gaps == [30.0]


# Creates, and money


@pytest.mark.parametrize("outcome", UNKNOWN_OUTCOMES)
def test_create_whose_outcome_is_unknown_is_sent_once(outcome: Any, client: Client, api: FakeApi) -> None:
    api.script = [outcome]

    with pytest.raises(EachlabsError) as caught:
        client.create("m", {})

    assert len(api.sent) == 1
    assert not caught.value.definite


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422])
def test_create_refused_for_good_is_sent_once(status: int, client: Client, api: FakeApi) -> None:
    api.script = [Reply(status, REFUSED)]

    with pytest.raises(class_for(status)) as caught:
        client.create("m", {})

    assert len(api.sent) == 1
    assert caught.value.definite


@pytest.mark.parametrize("refusal", [Reply(429, REFUSED), connection_refused(), requests.ConnectTimeout("slow")])
def test_create_that_certainly_did_nothing_is_sent_again(refusal: Any, client: Client, api: FakeApi) -> None:
    api.script = [refusal, refusal, Reply(200, CREATED)]

    assert client.create("m", {}) == ID
    assert api.gaps == [1.0, 1.7]


def test_create_sends_nothing_before_retry_after_has_passed(client: Client, api: FakeApi) -> None:
    api.script = [Reply(429, REFUSED, {"Retry-After": "17"}), Reply(200, CREATED)]

    client.create("m", {})

    assert api.gaps == [17.0]


def test_permanent_429_ends_after_ten_tries(client: Client, api: FakeApi) -> None:
    api.script = [Reply(429, REFUSED, {"Retry-After": "1"})]

    with pytest.raises(RateLimitError, match="No: Because"):
        client.create("m", {})

    assert len(api.sent) == 10
    assert api.gaps == sorted(api.gaps)


def test_connection_refused_ends_after_four_tries(client: Client, api: FakeApi) -> None:
    api.script = [connection_refused()]

    with pytest.raises(NotSentError, match="nothing was sent"):
        client.create("m", {})

    assert len(api.sent) == 4


def test_input_that_is_no_json_is_never_sent(client: Client, api: FakeApi) -> None:
    with pytest.raises(BadRequestError):
        client.create("m", {"guidance": float("nan")})

    assert api.sent == []


# Waiting


def test_wait_looks_on_the_schedule_and_stops_at_the_end(client: Client, api: FakeApi, clock: FakeClock) -> None:
    api.script = [Reply(200, RUNNING)] * 4 + [Reply(200, DONE)]

    prediction = client.wait(ID)

    assert prediction.output == (OUTPUT,)
    assert [round(seconds, 1) for seconds in clock.sleeps] == [1.0, 1.7, 2.9, 4.9, 8.4]
    assert len(api.sent) == 5


@pytest.mark.parametrize("body", [FAILED, {"status": "cancelled"}])
def test_wait_returns_a_prediction_that_ended_badly(body: Any, client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, body)]

    assert not client.wait(ID).succeeded
    assert len(api.sent) == 1


def test_wait_tells_of_each_look(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING), Reply(200, DONE)]
    polls: list[Poll] = []

    client.wait(ID, on_poll=polls.append)

    assert [(poll.number, poll.prediction.status) for poll in polls] == [(1, "processing"), (2, "success")]
    assert [round(poll.elapsed, 3) for poll in polls] == [1.0, 2.7]


def test_three_minutes_are_waited_for_by_default(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING)] * 20 + [Reply(200, DONE)]

    assert client.wait(ID).succeeded
    assert sum(api.gaps) > 180


@pytest.mark.parametrize("deadline", [1, 5, 60, 300])
def test_never_ending_prediction_ends_at_the_deadline(deadline: float, client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING)]
    start = api.clock.at

    with pytest.raises(DeadlineExceeded, match=f"prediction {ID} was still processing when the deadline") as caught:
        client.wait(ID, deadline_seconds=deadline)

    assert api.sent[-1].at == start + deadline - 0.5
    assert api.clock.at <= start + deadline
    assert (caught.value.prediction_id, caught.value.definite) == (ID, False)


def test_shortest_deadline_has_room_for_one_look_even_if_time_has_passed_a_little(
    client: Client, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.script = [Reply(200, DONE)]
    ticks = iter(range(1, 100))
    monkeypatch.setattr(api.clock, "now", lambda: api.clock.at + next(ticks) / 1000)

    assert client.wait(ID, deadline_seconds=1).succeeded


def test_slow_answers_let_no_request_start_after_the_deadline(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING, takes=4)]
    start = api.clock.at

    with pytest.raises(DeadlineExceeded):
        client.wait(ID, deadline_seconds=20)

    assert max(sent.at for sent in api.sent) < start + 20


def test_unknown_status_is_waited_on(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, {"status": "succeeded", "output": OUTPUT}), Reply(200, DONE)]

    client.wait(ID)

    assert len(api.sent) == 2


def test_retry_after_at_a_poll_is_honoured(client: Client, api: FakeApi) -> None:
    api.script = [Reply(429, REFUSED, {"Retry-After": "25"}), Reply(200, DONE)]

    client.wait(ID)

    assert api.gaps == [25.0]


def test_retry_after_beyond_the_deadline_ends_the_waiting_at_once(client: Client, api: FakeApi) -> None:
    api.script = [Reply(429, REFUSED, {"Retry-After": "60"})]
    start = api.clock.at

    with pytest.raises(
        DeadlineExceeded, match="the server asks to wait 60 s, but the deadline of 30 s leaves"
    ) as caught:
        client.wait(ID, deadline_seconds=30)

    assert api.clock.at == start + 1
    assert (caught.value.prediction_id, caught.value.definite) == (ID, False)


# Generate


def test_generate_creates_once_and_returns_the_finished_prediction(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, RUNNING), Reply(200, DONE)]

    prediction = client.generate("m", {"prompt": "x"})

    assert prediction == Prediction(ID, Status.SUCCESS, (OUTPUT,), predict_time=2.5)
    assert [line.split()[0] for line in api.lines] == ["POST", "GET", "GET"]


def test_generate_tolerates_success_without_metrics_and_extra_fields(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, {**CREATED, "x": 1}), Reply(200, {"status": "success", "output": OUTPUT, "x": {}})]

    assert client.generate("m", {}).output == (OUTPUT,)


def test_failed_prediction_is_raised_with_the_servers_words(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, FAILED)]

    with pytest.raises(PredictionFailed, match=r"^It failed: The reason$") as caught:
        client.generate("m", {})

    assert (caught.value.message, caught.value.details) == ("It failed", "The reason")
    assert (caught.value.prediction_id, caught.value.definite) == (ID, False)
    assert caught.value.prediction == Prediction(ID, Status.ERROR, message="It failed", details="The reason")
    assert len(api.sent) == 2


def test_cancelled_prediction_has_failed(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, {"status": "cancelled", "output": None})]

    with pytest.raises(PredictionFailed, match="the prediction ended with the status cancelled"):
        client.generate("m", {})


def test_generate_spends_one_deadline_on_creating_and_waiting(client: Client, api: FakeApi) -> None:
    api.script = [Reply(429, REFUSED, {"Retry-After": "20"}), Reply(200, CREATED), Reply(200, RUNNING)]
    start = api.clock.at

    with pytest.raises(DeadlineExceeded):
        client.generate("m", {}, deadline_seconds=30)

    assert api.sent[-1].at == start + 29.5


def test_trouble_after_the_create_creates_nothing_more(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(500, REFUSED)]

    with pytest.raises(ServerError) as caught:
        client.generate("m", {})

    assert [line.split()[0] for line in api.lines] == ["POST", "GET", "GET", "GET", "GET"]
    assert caught.value.prediction_id == ID


def test_answer_without_prediction_id_is_an_error_that_says_so(client: Client, api: FakeApi) -> None:
    api.script = [Reply(200, {"status": "success", "id": ID})]

    with pytest.raises(UnreadableAnswerError, match="predictionID"):
        client.generate("m", {})
