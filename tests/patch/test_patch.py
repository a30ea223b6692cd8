"""`patched`: a Python program that calls by `requests` meets the emulator in its own process, and no network."""

import asyncio
import gc
import os
import socket
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import requests
import responses
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_client import Client
from eachlabs_mock.app import assemble
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.planner import Progress
from eachlabs_mock.models import ModelFileError
from eachlabs_mock.patch import Patched, Patcher, WebhookRequest, patched, receivers
from eachlabs_mock.patch.interception import BaseUrl, intercepted
from eachlabs_mock.patch.receivers import Receivers
from eachlabs_mock.settings import with_keywords
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.webhooks import auto_clock
from eachlabs_mock.webhooks.egress import Outcome
from helpers.harness import KEY, Api, Receiver

BASE = "https://api.eachlabs.ai/v1"
ROOT = "https://api.eachlabs.ai"
HOOK = "https://my-app.test/hook"
OTHER = "https://other.test/page"
WEBP = b"RIFF"

Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails every test in which a socket is connected, or a host looked up."""
    calls: list[object] = []

    def refuse(*call: object, **_: object) -> None:
        calls.append(call)
        raise OSError("there is no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield
    assert calls == []


@pytest.fixture
def mock() -> Iterator[Patched]:
    with patched(clock="manual") as entered:
        yield entered


def create(mock: Patched, *, webhook_url: str = "", base_url: str = "", **options: Any) -> requests.Response:
    body = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}, "webhook_url": webhook_url}
    headers = {"X-API-Key": mock.api_key, **options.pop("headers", {})}
    return requests.post(f"{base_url or mock.base_url}/prediction/", json=body, headers=headers, timeout=5, **options)


def created(mock: Patched, **options: Any) -> str:
    return str(create(mock, **options).json()["predictionID"])


def read(mock: Patched, prediction_id: str) -> dict[str, Any]:
    headers = {"X-API-Key": mock.api_key}
    body: dict[str, Any] = requests.get(
        f"{mock.base_url}/prediction/{prediction_id}", headers=headers, timeout=5
    ).json()
    return body


def output(mock: Patched) -> str:
    """Return the address of a finished output."""
    prediction_id = created(mock)
    mock.clock.advance(2.5)
    return str(read(mock, prediction_id)["output"])


class ClientTime:
    """The emulator's clock as the client's: its sleeps move it."""

    def __init__(self, mock: Patched) -> None:
        self._clock = mock.clock

    def now(self) -> float:
        return self._clock.now / 1000

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)


# Calls to the base


def test_prediction_succeeds_when_the_clock_is_advanced_by_its_duration(mock: Patched) -> None:
    prediction_id = created(mock)
    before = read(mock, prediction_id)["status"]

    mock.clock.advance(2.5)

    assert (before, read(mock, prediction_id)["status"]) == ("processing", "success")


def test_output_lies_at_the_host_that_was_called_and_downloads(mock: Patched) -> None:
    url = output(mock)

    image = requests.get(url, timeout=5)

    assert url.startswith("https://api.eachlabs.ai/outputs/")
    assert (image.status_code, image.headers["Content-Type"], image.content[:4]) == (200, "image/webp", WEBP)


def test_projects_own_client_generates_and_downloads(mock: Patched, tmp_path: Path) -> None:
    with Client(clock=ClientTime(mock)) as client:
        path = client.download(client.generate("qwen-image", {"prompt": "a lighthouse"}), tmp_path / "lighthouse.webp")

    assert path.read_bytes()[:4] == WEBP


def test_eight_threads_generate_and_download_at_once() -> None:
    with patched(progress="reads:2", rate_limit="off") as mock, ThreadPoolExecutor(8) as pool:

        def generate(_: int) -> bytes:
            prediction_id = created(mock)
            assert read(mock, prediction_id)["status"] == "processing"
            return requests.get(read(mock, prediction_id)["output"], timeout=5).content[:4]

        assert list(pool.map(generate, range(16))) == [WEBP] * 16


def test_a_session_with_default_headers_works(mock: Patched) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {mock.api_key}"

        answer = session.get(f"{BASE}/prediction/none", timeout=5)

    assert (answer.status_code, answer.json()["message"]) == (404, "Prediction not found")


def test_a_bad_key_is_refused(mock: Patched) -> None:
    answer = create(mock, headers={"X-API-Key": "invalid-key"})

    assert (answer.status_code, answer.reason) == (401, "Unauthorized")


def test_header_values_may_be_bytes(mock: Patched) -> None:
    assert create(mock, headers={"X-API-Key": b"invalid-key"}).status_code == 401


def test_limits_hold_and_say_how_long_to_wait() -> None:
    with patched(max_in_flight=1, clock="manual") as mock:
        create(mock)

        refused = create(mock)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3")


def test_query_reaches_the_emulator(mock: Patched) -> None:
    answer = requests.get(f"{mock.base_url}/model", params={"slug": "qwen-image"}, timeout=5)

    assert answer.json()["slug"] == "qwen-image"


@pytest.mark.parametrize("path", ["/", "/other", "/v2/prediction", "/v1/models/%2f"])
def test_unknown_path_on_the_host_is_the_emulators_404(mock: Patched, path: str) -> None:
    answer = requests.get(ROOT + path, headers={"X-API-Key": mock.api_key}, timeout=5)

    assert (answer.status_code, answer.json()["message"]) == (404, "Route not found")


def test_same_seed_gives_the_ids_of_a_server() -> None:
    with patched(seed=7, api_key=KEY) as mock:
        assert created(mock) == Api(seed=7).created()


def test_head_has_the_headers_of_the_image_and_no_body(mock: Patched) -> None:
    url = output(mock)

    head, image = requests.head(url, timeout=5), requests.get(url, timeout=5)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(image.content))


def test_part_of_an_image_can_be_had(mock: Patched) -> None:
    url = output(mock)

    part = requests.get(url, headers={"Range": "bytes=8-11"}, timeout=5)

    assert (part.status_code, part.content) == (206, b"WEBP")


def test_image_that_is_known_already_is_not_sent_again(mock: Patched) -> None:
    url = output(mock)
    etag = requests.get(url, timeout=5).headers["ETag"]

    again = requests.get(url, headers={"If-None-Match": etag}, timeout=5)

    assert (again.status_code, again.content) == (304, b"")


def test_image_can_be_streamed(mock: Patched) -> None:
    url = output(mock)

    with requests.get(url, stream=True, timeout=5) as answer:
        chunks = list(answer.iter_content(1000))

    assert [len(each) for each in chunks[:-1]] == [1000] * (len(chunks) - 1)
    assert b"".join(chunks) == requests.get(url, timeout=5).content


JSON = b'{"model": "qwen-image", "input": {"prompt": "x"}, "webhook_url": ""}'
BODIES: dict[str, Make] = {
    "bytes": lambda: JSON,
    "text": JSON.decode,
    "byte array": lambda: bytearray(JSON),
    "file": lambda: BytesIO(JSON),
    "chunks": lambda: iter([JSON[:9], JSON[9:]]),
    "chunks of text": lambda: iter([JSON.decode()]),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_body_arrives_however_it_is_given(mock: Patched, body: Make) -> None:
    headers = {"X-API-Key": mock.api_key, "Content-Type": "application/json"}

    answer = requests.post(f"{BASE}/prediction/", data=body(), headers=headers, timeout=5)

    assert answer.status_code == 200, answer.text


@given(st.lists(st.binary()), st.text().filter(lambda text: text not in {".", ".."}))
def test_path_and_body_arrive_as_they_were_sent(chunks: list[bytes], segment: str) -> None:
    seen: list[object] = []

    def app(environ: dict[str, Any], start_response: Make) -> list[bytes]:
        seen.append((environ["PATH_INFO"].encode("latin-1").decode(), environ["wsgi.input"].read()))
        start_response("204 NO CONTENT", [])
        return []

    with intercepted(app, [BaseUrl.parse(BASE)], ()):
        requests.post(f"{ROOT}/" + quote(segment, safe=""), data=iter(chunks), timeout=5)

    assert seen == [(f"/{segment}", b"".join(chunks))]


def test_answers_are_not_kept(mock: Patched) -> None:
    answer = create(mock)
    known = weakref.ref(answer)

    del answer
    create(mock)
    gc.collect()

    assert known() is None


# Which addresses are answered


@pytest.mark.parametrize(
    ("base", "called", "output_root"),
    [
        ("https://api.eachlabs.ai/v1/", "https://api.eachlabs.ai/v1", "https://api.eachlabs.ai/outputs/"),
        ("https://API.eachlabs.ai/v1", "https://api.eachlabs.ai/v1", "https://api.eachlabs.ai/outputs/"),
        ("https://api.eachlabs.ai/v1", "https://api.eachlabs.ai:443/v1", "https://api.eachlabs.ai:443/outputs/"),
        ("http://127.0.0.1:8780/v1", "http://127.0.0.1:8780/v1", "http://127.0.0.1:8780/outputs/"),
        ("http://[::1]:8780/v1", "http://[::1]:8780/v1", "http://[::1]:8780/outputs/"),
        ("https://gate.test/each/labs/v1", "https://gate.test/each/labs/v1", "https://gate.test/outputs/"),
    ],
)
def test_any_base_is_answered_and_its_outputs_too(base: str, called: str, output_root: str) -> None:
    with patched(base, progress="immediate") as mock:
        url = read(mock, created(mock, base_url=called))["output"]

        assert url.startswith(output_root)
        assert requests.get(url, timeout=5).status_code == 200


def test_several_bases_are_one_emulator_and_the_first_is_the_programs() -> None:
    with patched([BASE, "http://staging.test/v1"]) as mock:
        prediction_id = created(mock, base_url="http://staging.test/v1")

        assert (mock.base_url, read(mock, prediction_id)["status"]) == (BASE, "processing")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.eachlabs.ai/v1/models",
        "https://api.eachlabs.ai:8443/v1/models",
        "https://www.eachlabs.ai/v1/models",
        "https://api.eachlabs.ai.test/v1/models",
    ],
)
@pytest.mark.usefixtures("mock")
def test_another_origin_is_refused(url: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_neighbours_of_a_base_in_a_folder_are_refused() -> None:
    with patched("https://gate.test/each/v1"), pytest.raises(requests.ConnectionError):
        requests.get("https://gate.test/eachother", timeout=5)


@pytest.mark.usefixtures("mock")
def test_a_refusal_names_the_address_without_its_secrets_and_what_would_let_it_through() -> None:
    with pytest.raises(requests.ConnectionError) as caught:
        requests.get("https://me:secret@other.test/page?token=secret", timeout=5)

    assert str(caught.value) == (
        "GET https://other.test/page is refused: inside `patched`, only https://api.eachlabs.ai/v1 is answered; "
        "patched(passthrough=['https://other.test/']) passes this host through, passthrough=True all of them"
    )


@pytest.mark.parametrize("passthrough", [True, "https://other.test/", ["https://third.test/", "https://other.test/pa"]])
def test_what_may_pass_reaches_what_was_there_before(passthrough: bool | str | Sequence[str]) -> None:  # noqa: FBT001  # a column
    with responses.RequestsMock() as outer:
        outer.get(OTHER, body="from outside")

        with patched(passthrough=passthrough) as mock:
            assert create(mock).status_code == 200
            assert requests.get(OTHER, timeout=5).text == "from outside"


@pytest.mark.parametrize("passthrough", [False, [], "https://other.test/pages"])
def test_what_may_not_pass_is_refused(passthrough: bool | str | Sequence[str]) -> None:  # noqa: FBT001  # a column
    with patched(passthrough=passthrough), pytest.raises(requests.ConnectionError):
        requests.get(OTHER, timeout=5)


# Entering and leaving


def test_program_finds_base_and_key_in_its_environment(mock: Patched) -> None:
    assert (mock.base_url, os.environ["EACHLABS_BASE_URL"]) == (BASE, BASE)
    assert mock.api_key == os.environ["EACHLABS_API_KEY"] != ""


@pytest.mark.parametrize("before", [None, "something"])
def test_environment_is_put_back(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    for name in ("EACHLABS_BASE_URL", "EACHLABS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
        if before is not None:
            monkeypatch.setenv(name, before)

    with patched():
        pass

    assert [os.environ.get(name) for name in ("EACHLABS_BASE_URL", "EACHLABS_API_KEY")] == [before, before]


def test_other_variables_that_change_inside_stay_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_PROGRAM", "before")

    with patched():
        os.environ["OF_THE_PROGRAM"] = "after"

    assert os.environ["OF_THE_PROGRAM"] == "after"


def test_a_key_that_was_asked_for_is_the_programs() -> None:
    with patched(api_key="key-of-my-program") as mock:
        assert (mock.api_key, create(mock).status_code) == ("key-of-my-program", 200)


def test_no_thread_is_left_behind() -> None:
    before = threading.enumerate()

    with patched(webhooks=lambda _: None, clock="manual") as mock:
        created(mock, webhook_url=HOOK)
        mock.clock.advance(17)

    assert [each for each in threading.enumerate() if each not in before] == []


def test_requests_is_put_back() -> None:
    before = requests.adapters.HTTPAdapter.send

    with patched():
        assert requests.adapters.HTTPAdapter.send is not before

    assert requests.adapters.HTTPAdapter.send is before


@pytest.mark.usefixtures("mock")
def test_a_second_one_inside_is_refused() -> None:
    with pytest.raises(RuntimeError, match="only one can be"), patched():
        pytest.fail("this must not run")


@pytest.mark.usefixtures("mock")
def test_a_second_one_in_another_thread_is_refused() -> None:
    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(patched().__enter__).exception()

    assert isinstance(error, RuntimeError)


def test_a_refused_second_one_leaves_the_first_as_it_is(mock: Patched) -> None:
    with pytest.raises(RuntimeError), patched():
        pytest.fail("this must not run")

    assert create(mock).status_code == 200


def test_one_may_follow_another_and_knows_nothing_of_it() -> None:
    again = patched(seed=7)
    with again as first:
        prediction_id = created(first)

    with again as second:
        assert read(second, prediction_id)["message"] == "Prediction not found"


def test_an_entry_that_fails_leaves_nothing_patched(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("not JSON")
    before = requests.adapters.HTTPAdapter.send, dict(os.environ)

    with pytest.raises(ModelFileError), patched(models=tmp_path):
        pytest.fail("this must not run")

    assert (requests.adapters.HTTPAdapter.send, dict(os.environ)) == before
    with patched() as mock:
        assert create(mock).status_code == 200


def test_an_error_inside_comes_out_and_leaves_nothing_patched() -> None:
    before = requests.adapters.HTTPAdapter.send

    with pytest.raises(KeyError), patched():
        raise KeyError("of the program")

    assert requests.adapters.HTTPAdapter.send is before


# As a decorator


@patched(progress="immediate")
def status_of(model: str, *, prompt: str) -> int:
    """What a program does."""
    body = {"model": model, "input": {"prompt": prompt}}
    key = {"X-API-Key": os.environ["EACHLABS_API_KEY"]}
    return requests.post(
        f"{os.environ['EACHLABS_BASE_URL']}/prediction/", json=body, headers=key, timeout=5
    ).status_code


@patched()
async def status_of_async(model: str) -> int:
    await asyncio.sleep(0)
    return await asyncio.to_thread(status_of.__wrapped__, model, prompt="x")  # type: ignore[attr-defined]


def test_a_decorated_function_is_patched_and_returns_what_it_returns() -> None:
    assert [status_of("qwen-image", prompt="x"), status_of("none", prompt="x")] == [200, 404]


def test_a_decorated_async_function_is_patched_while_it_runs() -> None:
    assert asyncio.run(status_of_async("qwen-image")) == 200


def test_two_async_functions_at_once_are_refused() -> None:
    async def both() -> Sequence[object]:
        return await asyncio.gather(status_of_async("none"), status_of_async("none"), return_exceptions=True)

    first, second = asyncio.run(both())

    assert first == 404
    assert isinstance(second, RuntimeError)


def test_a_decorated_function_keeps_its_name_and_text() -> None:
    assert (status_of.__name__, status_of.__doc__) == ("status_of", "What a program does.")


def generator() -> Iterator[int]:
    yield 1


async def async_generator() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize("thing", [generator, async_generator, Api])
def test_what_would_work_outside_of_the_call_cannot_be_decorated(thing: Make) -> None:
    with pytest.raises(TypeError, match="use `with patched\\(\\):` inside it"):
        patched()(thing)


def test_a_coroutine_that_would_run_unpatched_is_refused() -> None:
    decorated = patched()(lambda: status_of_async.__wrapped__("qwen-image"))  # type: ignore[attr-defined]

    with pytest.raises(TypeError, match="decorate the async function"):
        decorated()


def test_decorating_without_parentheses_is_refused() -> None:
    with pytest.raises(TypeError, match=r"write @patched\(\)"):
        patched(status_of)  # type: ignore[arg-type]


# Time


def test_clock_moves_by_the_seconds_it_is_advanced(mock: Patched) -> None:
    before = mock.clock.now

    mock.clock.advance(17)

    assert mock.clock.now - before == 17_000


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan")])
def test_clock_is_not_turned_back(mock: Patched, seconds: float) -> None:
    before = mock.clock.now

    with pytest.raises(ValueError, match="is not a number from 0"):
        mock.clock.advance(seconds)

    assert mock.clock.now == before


def test_a_real_clock_can_be_advanced_too() -> None:
    with patched(duration=1000) as mock:
        prediction_id = created(mock)

        mock.clock.advance(1000)

        assert read(mock, prediction_id)["status"] == "success"


def test_with_the_auto_clock_the_second_poll_sees_the_end() -> None:
    with patched(clock="auto", duration=17) as mock:
        prediction_id = created(mock)

        assert [read(mock, prediction_id)["status"] for _ in range(2)] == ["processing", "success"]


# Webhooks


class Inbox:
    """A handler that keeps what it gets, and answers as told."""

    def __init__(self, answer: int | None = None) -> None:
        self.received: list[WebhookRequest] = []
        self._answer = answer

    def __call__(self, webhook: WebhookRequest) -> int | None:
        self.received.append(webhook)
        return self._answer

    @property
    def urls(self) -> list[str]:
        return [each.url for each in self.received]


def test_a_handler_gets_the_webhook_when_the_prediction_ends() -> None:
    inbox = Inbox()
    with patched(webhooks={HOOK: inbox}, clock="manual") as mock:
        prediction_id = created(mock, webhook_url=HOOK)

        mock.clock.advance(2.499)
        before = len(inbox.received)
        mock.clock.advance(0.001)

    [webhook] = inbox.received
    assert before == 0
    assert (webhook.url, webhook.headers["content-type"]) == (HOOK, "application/json")
    assert (webhook.json()["exec_id"], webhook.json()["status"]) == (prediction_id, "succeeded")


def test_a_handler_sees_the_instant_at_which_it_is_called() -> None:
    seen = []
    with patched(webhooks=lambda _: seen.append(mock.clock.now), clock="manual") as mock:
        start = mock.clock.now
        created(mock, webhook_url=HOOK)

        mock.clock.advance(17)

    assert seen == [start + 2_500]


def test_a_handler_may_call_the_api() -> None:
    seen = []
    with patched(webhooks=lambda hook: seen.append(read(mock, hook.json()["exec_id"])), clock="manual") as mock:
        created(mock, webhook_url=HOOK)

        mock.clock.advance(17)

    assert [each["status"] for each in seen] == ["success"]


def test_webhooks_go_out_by_themselves_when_the_clock_runs() -> None:
    arrived = threading.Event()
    with patched(webhooks=lambda _: arrived.set(), duration=0.001) as mock:
        created(mock, webhook_url=HOOK)

        assert arrived.wait(10)


def test_leaving_waits_for_a_handler_under_way() -> None:
    begun, finished = threading.Event(), []

    def handler(_: WebhookRequest) -> None:
        begun.set()
        while mock.app.dispatcher.is_running:
            threading.Event().wait(0.001)
        finished.append(os.environ["EACHLABS_BASE_URL"])

    with patched(webhooks=handler, duration=0.001) as mock:
        created(mock, webhook_url=HOOK)
        assert begun.wait(10)

    assert finished == [BASE]


def test_a_flask_application_can_receive() -> None:
    app, seen = Flask("of-the-user"), []

    @app.post("/hook")
    def hook() -> tuple[str, int]:
        seen.append((request.url, request.get_json()["status"]))
        return "thanks", 202

    with patched(webhooks={"https://my-app.test": app}, clock="manual") as mock:
        created(mock, webhook_url=f"{HOOK}?id=1")
        mock.clock.advance(17)

        [attempt] = mock.deliveries[0].attempts

    assert seen == [(f"{HOOK}?id=1", "succeeded")]
    assert (attempt.accepted, attempt.status_code, attempt.response, attempt.error) == (True, 202, "thanks", "")


def test_a_refused_webhook_is_tried_again() -> None:
    inbox = Inbox(503)
    with patched(webhooks=inbox, webhook_attempts=3, webhook_interval=10, clock="manual") as mock:
        created(mock, webhook_url=HOOK)

        mock.clock.advance(30)

        assert [each.error for each in mock.deliveries[0].attempts] == ["HTTP 503"] * 3


def sent(webhooks: object, url: str = HOOK) -> Outcome:
    return Receivers(webhooks).send(url, b"{}", {}, 30)  # type: ignore[arg-type]


def raising(_: WebhookRequest) -> None:
    raise ValueError("boom")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (None, Outcome(200, "", "")),
        (204, Outcome(204, "", "")),
        (302, Outcome(302, "", "HTTP 302")),
        (599, Outcome(599, "", "HTTP 599")),
    ],
)
def test_what_a_handler_returns_is_the_status(answer: int | None, outcome: Outcome) -> None:
    assert sent(Inbox(answer)) == outcome


@pytest.mark.parametrize("answer", ["ok", True, 199, 600, ("ok", 200)])
def test_what_is_no_status_is_a_failure_that_says_so(answer: object) -> None:
    error = sent(lambda _: answer).error

    assert "instead of an HTTP status from 200 to 599 or None" in error
    assert repr(answer) in error


def test_a_handler_that_raises_is_a_failure_in_its_words() -> None:
    assert sent(raising) == Outcome(None, "", f"the handler of {HOOK} raised ValueError: boom")


def test_a_url_without_a_receiver_is_a_failure_that_names_the_argument() -> None:
    assert sent(None) == Outcome(
        None,
        "",
        "no receiver is registered for https://my-app.test/hook; "
        "patched(webhooks={'https://my-app.test/hook': handler}) registers a handler",
    )


def test_a_handler_that_takes_too_long_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "real_remaining", lambda _: 0.0)

    assert sent(Inbox()) == Outcome(None, "", "no answer within 30 s")


def test_nothing_is_delivered_after_the_end() -> None:
    inbox = Inbox()
    closed = Receivers(inbox)

    closed.close(1)

    assert closed.send(HOOK, b"", {}, 30).error == "not delivered: the patch has ended"
    assert inbox.received == []


@pytest.mark.parametrize(
    ("registered", "url", "reached"),
    [
        (HOOK, HOOK, True),
        (HOOK, f"{HOOK}?id=1", True),
        (HOOK, f"{HOOK}/below", True),
        (HOOK, f"{HOOK}s", False),
        (f"{HOOK}/", HOOK, True),
        ("https://my-app.test", HOOK, True),
        ("https://my-app.test", "https://my-app.test.other/hook", False),
        ("https://my-app.test", "http://my-app.test/hook", False),
    ],
)
def test_a_receiver_gets_its_url_and_all_below_it(registered: str, url: str, reached: bool) -> None:  # noqa: FBT001  # a column
    inbox = Inbox()

    sent({registered: inbox}, url)

    assert inbox.urls == ([url] if reached else [])


def test_longest_registered_beginning_wins() -> None:
    site, hook = Inbox(), Inbox()

    sent({"https://my-app.test/": site, HOOK: hook})

    assert (site.urls, hook.urls) == ([], [HOOK])


async def an_async_handler(_: WebhookRequest) -> None: ...


def an_asgi_application(_scope: object, _receive: object, _send: object) -> None: ...


@pytest.mark.parametrize("receiver", ["text", an_async_handler, an_asgi_application, 7])
def test_what_cannot_receive_is_refused_at_once(receiver: object) -> None:
    with pytest.raises(TypeError, match=r"webhooks: .* nor"):
        patched(webhooks={HOOK: receiver})  # type: ignore[dict-item]


def test_what_is_registered_for_no_url_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"webhooks: '/hook' is not an http or https URL"):
        patched(webhooks={"/hook": Inbox()})


# Arguments


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "api.eachlabs.ai/v1",
        "ftp://api.eachlabs.ai/v1",
        "https:///v1",
        "https://api.eachlabs.ai",
        "https://api.eachlabs.ai/v2",
        "https://api.eachlabs.ai/v1?x=1",
        "https://api.eachlabs.ai:99999/v1",
        "https://[api/v1",
        "https://me@api.eachlabs.ai/v1",
    ],
)
def test_a_bad_base_is_refused_with_a_good_example(base_url: str) -> None:
    with pytest.raises(ValueError, match=r"base_url: .* is invalid; .* such as https://api\.eachlabs\.ai/v1"):
        patched(base_url)


def test_no_base_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one URL is needed"):
        patched([])


def test_a_prefix_that_begins_no_url_is_refused() -> None:
    with pytest.raises(ValueError, match=r"passthrough: 'other\.test' must start with http:// or https://"):
        patched(passthrough=["other.test"])


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("seed", 12345678901, 12345678901),
        ("duration", 0.25, 0.25),
        ("duration", "realistic", None),
        ("duration", None, None),
        ("start", "2026-02-05T00:00:00Z", 1_770_249_600_000),
        ("progress", "reads:3", Progress("reads", 3)),
        ("progress", Progress("immediate"), Progress("immediate")),
        ("rate_limit", "off", None),
        ("rate_limit", "5/1", Rate(5, 1000)),
        ("rate_limit", Rate(5, 1000), Rate(5, 1000)),
        ("retry_after", False, False),
        ("retry_after", "off", False),
        ("clock", "auto", "auto"),
        ("api_key", "mine", ("mine",)),
        ("api_key", ["mine", "yours"], ("mine", "yours")),
        ("models", Path("models"), (Path("models"),)),
        ("price", "flux-2-pro=0.03", (("flux-2-pro", Decimal("0.03")),)),
    ],
)
def test_a_setting_may_be_a_value_or_the_text_of_its_flag(name: str, value: object, expected: object) -> None:
    assert getattr(with_keywords(Settings(), {name: value}), name) == expected


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("duration", "soon", "duration: 'soon' is neither a number of seconds"),
        ("duration", [1], r"duration: \[1\] is not legal; pass a text such as '2.5'"),
        ("speed", None, "speed: None is not legal"),
        ("speed", 0, "speed: '0' is not a number from 0.001"),
        ("max_in_flight", 0, "max_in_flight: '0' is not a whole number of at least 1"),
        ("clock", "fast", "clock: 'fast' is not one of: real, manual, auto"),
        ("clock", None, "clock: None is not legal"),
        ("retry_after", 1, "retry_after: '1' is neither on nor off"),
        ("duration", True, "duration: True is not legal; pass a text such as '2.5'"),
    ],
)
def test_a_setting_that_will_not_do_is_refused_by_name(name: str, value: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        patched(**{name: value})  # type: ignore[arg-type]


def test_an_unknown_argument_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(TypeError, match="unknown setting 'durations'; did you mean duration"):
        patched(durations=1)


def test_whole_settings_may_be_given_and_changed() -> None:
    with patched(settings=Settings(seed=7, clock="manual"), log_format="off", duration=5) as mock:
        settings = mock.emulator.settings

    assert (settings.seed, settings.clock, settings.log_format, settings.duration) == (7, "manual", "off", 5)


def test_the_usual_settings_log_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with patched() as mock:
        create(mock)

    assert capfd.readouterr() == ("", "")


def test_without_its_library_the_import_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "responses", None)
    monkeypatch.delitem(sys.modules, "eachlabs_mock.patch.interception")

    with pytest.raises(ImportError, match=r"needs responses: run pip install '\.\[patch\]' in a checkout, or install"):
        import_module("eachlabs_mock.patch.interception")


def test_patched_returns_what_can_be_entered_again() -> None:
    assert isinstance(patched(), Patcher)


def test_leaving_takes_the_timers_of_an_auto_clock_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto_clock, "IDLE", 3_600)
    before = set(threading.enumerate())
    with patched(clock="auto") as mock:
        create(mock)
        timers = [each for each in set(threading.enumerate()) - before if isinstance(each, threading.Timer)]

    for each in timers:
        each.join(20)
    assert [each.finished.is_set() for each in timers] == [True]
    assert set(threading.enumerate()) <= before


def test_two_patches_of_one_seed_and_start_leave_the_same_behind() -> None:
    def life() -> bytes:
        with patched(clock="manual", seed=7, start="2026-02-05T00:00:00Z") as mock:
            create(mock)
            mock.clock.advance(3)
            state = requests.get("https://api.eachlabs.ai/__mock/state", headers={"X-API-Key": mock.api_key}, timeout=9)
        return state.content

    assert life() == life()


# The recipe for httpx


def test_httpx_reaches_an_emulator_through_its_wsgi_transport() -> None:
    receiver = Receiver()
    app = assemble(Settings(clock="manual", log_format="off"), send=receiver.send)
    transport = httpx.WSGITransport(app=app.wsgi)
    body = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}, "webhook_url": ""}

    with httpx.Client(transport=transport, base_url=BASE, headers={"X-API-Key": KEY}) as client:
        prediction_id = client.post("/prediction/", json=body).json()["predictionID"]
        world = app.emulator.worlds.visit(app.emulator.identify([KEY], "").name)
        app.dispatcher.advance(world, world.clock.now() + 2_500)
        url = client.get(f"/prediction/{prediction_id}").json()["output"]

        assert client.get(url).content[:4] == WEBP
