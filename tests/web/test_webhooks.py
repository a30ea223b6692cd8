"""Webhooks: what is sent, when, how often, and who has to wait for it (nobody)."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from eachlabs_mock.core.planner import Progress
from eachlabs_mock.webhooks.egress import Egress, Outcome
from helpers.harness import UNKNOWN_ID, Api, MakeApi

HOOK = "http://127.0.0.1:9/hook"
FAIL = {"X-Mock-Fault": "fail"}
THANKS = Outcome(200, "thanks", "")

Receive = Callable[[str, dict[str, Any]], Outcome]


def receive_with(api: Api, monkeypatch: pytest.MonkeyPatch, receive: Receive) -> None:
    """Let *receive* stand in for the receivers of *api*."""

    def send(url: str, body: bytes, _headers: Mapping[str, str], _seconds: float) -> Outcome:
        return receive(url, json.loads(body))

    monkeypatch.setattr(api.app.dispatcher, "_send", send)


def delivered(api: Api) -> list[dict[str, Any]]:
    deliveries: list[dict[str, Any]] = api.get("/__mock/deliveries").json["deliveries"]
    return deliveries


def test_success_is_told_exactly_so(api: Api) -> None:
    made = api.created(webhook_url=HOOK)
    api.advance(2.5)

    assert api.receiver.received == [
        (
            HOOK,
            {
                "error": "",
                "exec_id": made,
                "flow_id": "",
                "output": f"http://localhost/outputs/{made}.webp",
                "status": "succeeded",
            },
        )
    ]


def test_failure_is_told_exactly_so(api: Api) -> None:
    made = api.created(webhook_url=HOOK, headers=FAIL)
    api.advance(2.5)

    assert api.receiver.payloads == [
        {
            "error": api.read(made).json["message"],
            "exec_id": made,
            "flow_id": "",
            "output": "",
            "status": "failed",
        }
    ]
    assert api.receiver.payloads[0]["error"]


def test_several_outputs_are_told_as_a_list(api: Api) -> None:
    made = api.created(webhook_url=HOOK, model="z-image-turbo-lora", num_images=2)
    api.advance(2.5)

    base = f"http://localhost/outputs/{made}"
    assert api.receiver.payloads[0]["output"] == [f"{base}-1.png", f"{base}-2.png"]


def test_output_is_the_one_a_poll_shows(api: Api) -> None:
    made = api.created(webhook_url=HOOK, output_format="jpg")
    api.advance(2.5)

    assert api.receiver.payloads[0]["output"] == api.read(made).json["output"]


def test_webhook_is_json_and_carries_no_secret_in_the_page_profile(api: Api) -> None:
    body = {"model": "qwen-image", "input": {"prompt": "p"}, "webhook_url": HOOK, "webhook_secret": "s"}
    api.post(body)
    api.advance(2.5)

    sent = {name.lower(): value for name, value in api.receiver.headers[0].items()}
    assert sent["content-type"] == "application/json"
    assert "x-webhook-secret" not in sent


@pytest.mark.parametrize("headers", [{}, FAIL])
def test_webhook_goes_out_at_the_instant_the_prediction_ends_and_not_before(api: Api, headers: dict[str, str]) -> None:
    api.created(webhook_url=HOOK, headers=headers)

    api.advance(2.499)
    assert api.receiver.received == []
    api.advance(0.001)
    assert len(api.receiver.received) == 1


@pytest.mark.parametrize(("headers", "status"), [({}, "success"), (FAIL, "error")])
def test_receiver_that_calls_back_during_the_delivery_sees_the_end(
    api: Api, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], status: str
) -> None:
    seen = []

    def receive(_url: str, payload: dict[str, Any]) -> Outcome:
        seen.append(api.read(payload["exec_id"]).json["status"])
        seen.append(api.create().status_code)
        return THANKS

    receive_with(api, monkeypatch, receive)
    api.created(webhook_url=HOOK, headers=headers)
    api.advance(100)

    assert seen == [status, 200]


def test_clock_shows_the_instant_of_the_end_during_the_delivery(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    instants = []

    def receive(_url: str, _payload: dict[str, Any]) -> Outcome:
        instants.append(api.clock.now() - start)
        return THANKS

    receive_with(api, monkeypatch, receive)
    start = api.clock.now()
    api.created(webhook_url=HOOK)
    api.advance(1)
    api.created(webhook_url=HOOK)
    api.advance(100)

    assert instants == [2500, 3500]


def test_webhook_that_a_delivery_makes_due_goes_out_in_the_same_advance(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def receive(url: str, _payload: dict[str, Any]) -> Outcome:
        told.append(url)
        if url == HOOK:
            api.created(webhook_url=f"{HOOK}/second")
        return THANKS

    receive_with(api, monkeypatch, receive)
    api.created(webhook_url=HOOK)
    api.advance(100)

    assert told == [HOOK, f"{HOOK}/second"]


def test_webhook_is_sent_once(make_api: MakeApi) -> None:
    api = make_api(rate_limit=None)
    made = api.created(webhook_url=HOOK)
    for _ in range(50):
        api.advance(1)
        api.read(made)

    assert len(api.receiver.received) == 1


@pytest.mark.parametrize("given", [{}, {"webhook_url": ""}, {"webhook_url": None}])
def test_nothing_is_sent_without_a_url(api: Api, given: dict[str, Any]) -> None:
    api.post({"model": "qwen-image", "input": {"prompt": "p"}, **given})
    api.advance(1000)

    assert api.receiver.received == []
    assert delivered(api) == []


def test_nothing_is_sent_for_a_prediction_that_never_ends(api: Api) -> None:
    api.created(webhook_url=HOOK, headers={"X-Mock-Fault": "stuck"})
    api.advance(10**7)

    assert api.receiver.received == []


def test_nothing_is_sent_for_a_refused_create(api: Api) -> None:
    api.create(webhook_url=HOOK, guidance=11)
    api.advance(1000)

    assert api.receiver.received == []


def test_each_prediction_is_told_to_its_own_url(api: Api) -> None:
    ids = {f"{HOOK}/{number}": api.created(webhook_url=f"{HOOK}/{number}") for number in range(5)}
    api.advance(3)

    assert {url: payload["exec_id"] for url, payload in api.receiver.received} == ids


def test_webhook_of_progress_counted_in_reads_falls_due_on_the_read_that_ends_it(make_api: MakeApi) -> None:
    api = make_api(progress=Progress("reads", 2))
    made = api.created(webhook_url=HOOK)

    api.read(made)
    api.advance(1000)
    assert api.receiver.received == []
    api.read(made)
    api.read(made)
    api.advance(0)
    assert [payload["status"] for payload in api.receiver.payloads] == ["succeeded"]


def test_webhook_of_immediate_progress_goes_out_at_once(make_api: MakeApi) -> None:
    api = make_api(progress=Progress("immediate"))
    api.created(webhook_url=HOOK)
    api.advance(0)

    assert len(api.receiver.received) == 1


@pytest.mark.parametrize("outcome", [Outcome(500, "no", ""), Outcome(302, "", ""), Outcome(None, "", "refused")])
def test_one_attempt_is_made_by_default(api: Api, outcome: Outcome) -> None:
    api.receiver.outcome = outcome
    api.created(webhook_url=HOOK)
    api.advance(1000)

    assert len(api.receiver.received) == 1


@pytest.mark.parametrize("status", [300, 302, 400, 404, 429, 500, 503])
def test_attempts_are_repeated_at_the_interval_until_there_are_enough(make_api: MakeApi, status: int) -> None:
    api = make_api(webhook_attempts=3, webhook_interval=10)
    api.receiver.outcome = Outcome(status, "no", f"HTTP {status}")
    api.created(webhook_url=HOOK)
    counts = []
    for seconds in (2.499, 0.001, 9.999, 0.001, 9.999, 0.001, 1000):
        api.advance(seconds)
        counts.append(len(api.receiver.received))

    assert counts == [0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_attempts_end_with_the_first_2xx(make_api: MakeApi, status: int) -> None:
    api = make_api(webhook_attempts=3)
    api.receiver.outcome = Outcome(status, "", "")
    api.created(webhook_url=HOOK)
    api.advance(1000)

    assert len(api.receiver.received) == 1


def test_repeated_attempts_carry_the_same_payload(make_api: MakeApi) -> None:
    api = make_api(webhook_attempts=3)
    api.receiver.outcome = Outcome(500, "no", "HTTP 500")
    api.created(webhook_url=HOOK)
    api.advance(1000)

    first, *others = api.receiver.payloads
    assert others == [first, first]


def test_attempts_are_recorded_as_they_went(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api(webhook_attempts=3, webhook_interval=10)
    outcomes = iter([Outcome(500, "no", "HTTP 500"), Outcome(None, "", "no answer"), Outcome(204, "", "")])
    receive_with(api, monkeypatch, lambda _url, _payload: next(outcomes))
    made = api.created(webhook_url=f"{HOOK}?token=1")
    api.advance(1000)

    (delivery,) = delivered(api)
    assert json.loads(delivery.pop("request"))["exec_id"] == made
    assert delivery == {
        "number": 1,
        "execution_id": made,
        "url": f"{HOOK}?token=1",
        "attempts": [
            {
                "status": "FAILED",
                "status_code": 500,
                "response": "no",
                "error_message": "HTTP 500",
                "created_at": "2026-02-05T00:00:02.500Z",
                "faults": [],
            },
            {
                "status": "FAILED",
                "status_code": None,
                "response": "",
                "error_message": "no answer",
                "created_at": "2026-02-05T00:00:12.500Z",
                "faults": [],
            },
            {
                "status": "SUCCESS",
                "status_code": 204,
                "response": "",
                "error_message": "",
                "created_at": "2026-02-05T00:00:22.500Z",
                "faults": [],
            },
        ],
    }


def test_recorded_request_is_what_was_sent(api: Api) -> None:
    api.created(webhook_url=HOOK)
    api.advance(3)

    assert json.loads(delivered(api)[0]["request"]) == api.receiver.payloads[0]


def test_deliveries_of_another_key_are_not_shown(api: Api) -> None:
    api.created(webhook_url=HOOK, key="somebody-else")
    api.advance(3, key="somebody-else")

    assert delivered(api) == []
    assert len(api.receiver.received) == 1


@pytest.mark.parametrize(("setting", "seconds"), [({}, 30.0), ({"webhook_timeout": 0.5}, 0.5)])
def test_receiver_is_given_the_timeout_as_set(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch, setting: dict[str, float], seconds: float
) -> None:
    api = make_api(**setting)
    given = []
    monkeypatch.setattr(api.app.dispatcher, "_send", lambda *call: given.append(call[3]) or THANKS)
    api.created(webhook_url=HOOK)
    api.advance(3)

    assert given == [seconds]


def test_deliveries_of_one_instant_run_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    all_there = threading.Barrier(10, timeout=10)

    def receive(_url: str, _payload: dict[str, Any]) -> Outcome:
        all_there.wait()  # breaks, and fails the test, unless ten stand here together
        return THANKS

    receive_with(api, monkeypatch, receive)
    for _ in range(10):
        api.created(webhook_url=HOOK)
    api.advance(3)

    assert [each["attempts"][0]["status"] for each in delivered(api)] == ["SUCCESS"] * 10


def test_receiver_that_hangs_delays_nobody(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api(progress=Progress("immediate"))
    hanging, released, other_told = threading.Event(), threading.Event(), threading.Event()

    def receive(url: str, _payload: dict[str, Any]) -> Outcome:
        if url == HOOK:
            hanging.set()
            released.wait(10)
        else:
            other_told.set()
        return THANKS

    receive_with(api, monkeypatch, receive)
    api.app.dispatcher.start()
    made = api.created(webhook_url=HOOK)

    assert hanging.wait(10)
    assert api.read(made).json["status"] == "success"
    api.created(webhook_url=f"{HOOK}/other")
    assert other_told.wait(10)
    assert not released.is_set()
    released.set()
    api.app.dispatcher.stop()


def test_defect_of_one_delivery_does_not_stop_the_next(make_api: MakeApi) -> None:
    api = make_api()
    api.receiver.outcome = Outcome(None, "", "ConnectionRefusedError")
    api.created(webhook_url=HOOK)
    api.advance(3)
    api.receiver.outcome = THANKS
    api.created(webhook_url=HOOK)
    api.advance(3)

    assert [each["attempts"][0]["status"] for each in delivered(api)] == ["FAILED", "SUCCESS"]


def forewarned() -> None:
    """Wait until the warnings of all creates so far are written."""
    for thread in threading.enumerate():
        if thread.name == "egress check":
            thread.join(10)


def test_host_beyond_this_machine_is_not_called_and_the_refusal_is_recorded(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.app.dispatcher, "_send", Egress(()).send)
    made = api.created(webhook_url="http://192.0.2.1/hook")
    api.advance(3)
    forewarned()

    (delivery,) = delivered(api)
    (attempt,) = delivery["attempts"]
    assert (delivery["execution_id"], attempt["status"], attempt["status_code"]) == (made, "FAILED", None)
    assert "--allow-webhook-host 192.0.2.1" in attempt["error_message"]


def test_log_warns_at_creation_of_a_host_that_will_not_be_called(api: Api) -> None:
    made = api.created(webhook_url="http://192.0.2.1/hook")
    forewarned()

    (warning,) = [line for line in api.log_lines() if line["event"] == "warning"]
    assert warning["execution_id"] == made
    assert "--allow-webhook-host 192.0.2.1" in warning["error"]


@pytest.mark.parametrize("url", ["", HOOK, "http://localhost/hook", "http://[::1]/hook"])
def test_log_does_not_warn_of_a_host_that_will_be_called(api: Api, url: str) -> None:
    api.created(webhook_url=url)
    forewarned()

    assert [line for line in api.log_lines() if line["event"] == "warning"] == []


def test_log_shows_an_attempt_without_the_secrets_of_its_url(api: Api) -> None:
    made = api.created(webhook_url="http://user:pass-word@127.0.0.1:9/hook?token=to-ken#frag")
    api.advance(3)

    (line,) = [line for line in api.log_lines() if line["event"] == "webhook"]
    assert (line["url"], line["status"], line["execution_id"]) == (HOOK, 200, made)
    assert not any(secret in api.log.getvalue() for secret in ("pass-word", "to-ken"))


class Redirecting(BaseHTTPRequestHandler):
    """Answers every POST with a redirect to itself."""

    paths: list[str]

    def do_POST(self) -> None:
        self.paths.append(self.path)
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_redirect_of_a_receiver_is_recorded_and_not_followed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.app.dispatcher, "_send", Egress(()).send)
    handler = type("Handler", (Redirecting,), {"paths": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        api.created(webhook_url=f"http://127.0.0.1:{server.server_port}/hook")
        api.advance(3)
        server.shutdown()
        thread.join()

    assert handler.paths == ["/hook"]
    assert delivered(api)[0]["attempts"][0]["status_code"] == 307


def test_deliveries_of_nobody_are_an_empty_list(api: Api) -> None:
    api.read(UNKNOWN_ID)

    assert api.get("/__mock/deliveries").json == {"deliveries": []}
