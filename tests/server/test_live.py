"""The main job over real sockets: our client, our server, real webhooks on the real clock."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from PIL import Image

from eachlabs_client import BadRequestError, Client, PredictionFailed
from eachlabs_client.waiting import SystemClock
from helpers.live_server import LiveServer
from helpers.receivers import receiving
from helpers.served import Served, serving


@pytest.fixture(scope="module")
def impatient() -> Iterator[Served]:
    """A server with quick predictions, which gives receivers a fifth of a second."""
    with serving(
        "--duration", "0.05", "--webhook-timeout", "0.2", "--rate-limit", "off", "--log-format", "json"
    ) as server:
        yield server


class HurriedClock(SystemClock):
    """A clock on which the client waits a fiftieth of what it means to."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 50)


def client_of(server: Served) -> Client:
    return Client(str(server.ready["base_url"]), "k", clock=HurriedClock())


@pytest.fixture
def client(live_server: LiveServer) -> Iterator[Client]:
    with Client(live_server.base_url, live_server.api_key, clock=HurriedClock()) as client:
        yield client


def deliveries(server: Served) -> dict[str, dict[str, object]]:
    _, body = server.call("GET", "/__mock/deliveries", X_API_Key="k")
    return {each["execution_id"]: each["attempts"][-1] for each in json.loads(body)["deliveries"]}


def logged(server: Served, event: str, execution_id: str) -> dict[str, str]:
    """Return the next log line about *event* of a prediction; wait for it."""
    assert server.process.stderr is not None
    lines = map(json.loads, server.process.stderr)
    return next(line for line in lines if (line["event"], line.get("execution_id")) == (event, execution_id))


def test_client_generates_and_downloads_a_real_image(client: Client, tmp_path: Path) -> None:
    prediction = client.generate("qwen-image", {"prompt": "a kite", "aspect_ratio": "4:3", "output_format": "png"})
    path = client.download(prediction, tmp_path / "kite.png")

    with Image.open(path) as image:
        assert (image.size, image.format) == ((1536, 1152), "PNG")


def test_client_shows_what_the_server_said_of_a_refusal(client: Client) -> None:
    with pytest.raises(BadRequestError) as refused:
        client.create("qwen-image", {"prompt": "a kite", "guidance": 11})

    assert refused.value.message == "Invalid input parameters"
    assert "guidance" in refused.value.details
    assert refused.value.definite


def test_client_raises_for_a_prediction_that_fails(client: Client) -> None:
    with pytest.raises(PredictionFailed) as failed:
        client.generate("qwen-image", {"prompt": "a kite [mock:fail]"})

    assert failed.value.message == "Prediction failed"


def test_output_is_served_at_the_address_the_client_used(live_server: LiveServer) -> None:
    base_url = live_server.base_url.replace("127.0.0.1", "localhost")
    with Client(base_url, live_server.api_key, clock=HurriedClock()) as client:
        (url,) = client.generate("qwen-image", {"prompt": "a kite"}).output

    assert url.startswith(live_server.url.replace("127.0.0.1", "localhost") + "/outputs/")
    with urlopen(url) as answer, Image.open(BytesIO(answer.read())) as image:  # noqa: S310  # our own server
        assert image.format == "WEBP"


def test_webhook_arrives_once_the_prediction_has_ended(impatient: Served) -> None:
    with receiving() as receiver, client_of(impatient) as client:
        prediction_id = client.create("qwen-image", {"prompt": "a kite"}, webhook_url=receiver.url)
        payload = receiver.next()

        prediction = client.get(prediction_id)

    assert prediction.status == "success"
    assert payload.pop("headers")["Content-Type"] == "application/json"
    assert payload == {
        "error": "",
        "exec_id": prediction_id,
        "flow_id": "",
        "output": prediction.output[0],
        "status": "succeeded",
    }


def test_receiver_may_read_the_prediction_while_it_is_called(impatient: Served) -> None:
    seen = []

    def look(request: BaseHTTPRequestHandler) -> None:
        with client_of(impatient) as client:
            seen.append(client.get(prediction_id).status)
        request.send_response(200)
        request.end_headers()
        answered.set()

    answered, created = threading.Event(), threading.Event()
    with receiving(lambda request: (created.wait(10), look(request))) as receiver, client_of(impatient) as client:
        prediction_id = client.create("qwen-image", {"prompt": "a kite"}, webhook_url=receiver.url)
        created.set()
        assert answered.wait(10)

    assert seen == ["success"]


@pytest.mark.parametrize(("status", "said"), [(500, "HTTP 500"), (302, "HTTP 302")], ids=["answers 500", "redirects"])
def test_receiver_that_does_not_accept_is_recorded(impatient: Served, status: int, said: str) -> None:
    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Location", "/elsewhere")
        request.end_headers()

    with receiving(respond) as receiver, client_of(impatient) as client:
        prediction_id = client.create("qwen-image", {"prompt": "a kite"}, webhook_url=receiver.url)
        assert logged(impatient, "webhook", prediction_id)["error"] == said

    attempt = deliveries(impatient)[prediction_id]
    assert (attempt["status"], attempt["status_code"], attempt["error_message"]) == ("FAILED", status, said)


def test_receiver_that_hangs_delays_nobody_else(impatient: Served) -> None:
    released = threading.Event()
    with receiving(lambda _: released.wait(10)) as hanging, receiving() as prompt, client_of(impatient) as client:
        client.create("qwen-image", {"prompt": "a kite"}, webhook_url=hanging.url)
        hanging.next()

        second = client.create("qwen-image", {"prompt": "a kite"}, webhook_url=prompt.url)

        assert prompt.next()["exec_id"] == second
        released.set()


@pytest.mark.slow
def test_log_warns_at_creation_of_a_webhook_that_will_not_be_sent() -> None:
    with serving("--log-format", "json") as server, client_of(server) as client:
        prediction_id = client.create("qwen-image", {"prompt": "a kite"}, webhook_url="http://192.0.2.1/hook")
        warning = logged(server, "warning", prediction_id)

    assert "--allow-webhook-host 192.0.2.1" in warning["error"]
