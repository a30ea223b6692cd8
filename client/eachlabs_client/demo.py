"""A demo of ten seconds: starts an emulator, creates predictions, receives webhooks and saves images.

It starts the emulator by its command and reads its ready line, as a user would. Run it with
`python -m eachlabs_client.demo`.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from sysconfig import get_path
from threading import Thread

import click
import requests

from . import (
    BadRequestError,
    Client,
    EachlabsError,
    Prediction,
    PredictionFailed,
    WebhookEvent,
    parse_webhook,
    succeeded,
)
from .waiting import SystemClock

KEY = "demo-key"
STEP_TIMEOUT = 20.0
"""Maximum seconds for a single step."""


@dataclass(frozen=True, slots=True)
class Example:
    """One prediction of the demo. *file* is empty for a prediction that fails."""

    title: str
    input: dict[str, object]
    file: str = ""


EXAMPLES = (
    Example(
        "wide webp",
        {"prompt": "A lighthouse on a basalt cliff at dusk, long exposure, gulls over the surf", "seed": 11},
        "lighthouse.webp",
    ),
    Example(
        "square jpg",
        {"prompt": "A red bicycle against a yellow wall", "aspect_ratio": "1:1", "output_format": "jpg", "seed": 23},
        "bicycle.jpg",
    ),
    Example(
        "tall png, by webhook",
        {
            "prompt": "春日茶会的海报、毛笔书法",
            "aspect_ratio": "9:16",
            "output_format": "png",
            "guidance": 3.5,
            "seed": 31,
        },
        "tea-poster.png",
    ),
    Example("a failure", {"prompt": "A lamp that refuses to be lit [mock:fail]"}),
)

REFUSED = {"prompt": "Too much guidance", "guidance": 11, "output_format": "jpeg"}


@click.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default="demo-output", help="Folder for the images."
)
def main(out: Path) -> None:
    """Start an emulator, create a few predictions, save their images and print a summary."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        with emulator() as ready, receiver() as (hook, events):
            _say(f"The emulator is ready on {ready['url']} (seed {ready['seed']}); no request leaves this machine.\n")
            _play(Client(ready["base_url"], KEY), hook, events, out)
            _say(_bill(f"{ready['url']}/__mock/ledger"))
    except (EachlabsError, OSError) as error:
        _say(f"The demo failed: {error}")
        raise SystemExit(1) from None


@contextmanager
def emulator() -> Iterator[dict[str, str]]:
    """Run an emulator on a free port; yield the content of its ready line."""
    installed = shutil.which("eachlabs-mock", path=os.pathsep.join([get_path("scripts"), os.environ.get("PATH", "")]))
    if installed is None:
        raise OSError("the command eachlabs-mock is not in the folder of this Python's scripts or on PATH")
    command = [installed, "serve", "--port", "0", "--seed", "2026", "--log-format", "off"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EACHLABS_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise OSError("the emulator did not start; its error is above")
            yield json.loads(line)
        finally:
            process.terminate()


@contextmanager
def receiver() -> Iterator[tuple[str, "Queue[WebhookEvent]"]]:
    """Listen for webhooks on a free port; yield the webhook URL and the queue of received events."""
    events: Queue[WebhookEvent] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server requires
            events.put(parse_webhook(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass  # the summary shows it

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/webhook", events
    finally:
        server.shutdown()


def _play(client: Client, hook: str, events: "Queue[WebhookEvent]", out: Path) -> None:
    clock = SystemClock()
    started = clock.now()
    ids = [client.create("qwen-image", example.input, webhook_url=hook) for example in EXAMPLES]
    _say(f"{len(ids)} predictions run at the same time; the client polls each of them.\n")
    for number, (example, prediction_id) in enumerate(zip(EXAMPLES, ids, strict=True), 1):
        prediction = client.wait(prediction_id, deadline_seconds=STEP_TIMEOUT)
        _say(f"{number}  {example.title:<22}{_outcome(client, example, prediction, out)}")
    received = {event.exec_id: event for event in (events.get(timeout=STEP_TIMEOUT) for _ in ids)}
    statuses = ", ".join(f"{number} {received[prediction_id].status}" for number, prediction_id in enumerate(ids, 1))
    _say(f"{len(ids) + 1}  {'an invalid input':<22}{_refusal(client)}")
    _say(f"\nWebhooks received: {statuses}. Total time {clock.now() - started:.1f} s.")


def _outcome(client: Client, example: Example, prediction: Prediction, out: Path) -> str:
    try:
        path = client.download(succeeded(prediction), out / example.file)
    except PredictionFailed as error:
        return f"failed, as requested: {error.message}: {error.details}"
    size = path.stat().st_size / 1000
    return f"{prediction.predict_time:g} s  {size:4.0f} kB  {path}"


def _refusal(client: Client) -> str:
    try:
        client.create("qwen-image", REFUSED)
    except BadRequestError as error:
        return f"HTTP {error.status}: {error.message}: {error.details}"
    raise EachlabsError("an invalid input was accepted")


def _bill(ledger_url: str) -> str:
    ledger = requests.get(ledger_url, headers={"X-API-Key": KEY}, timeout=STEP_TIMEOUT).json()
    return (
        f"The real service would have charged {ledger['total']} USD for {ledger['executions']} executions;"
        " failures and refused requests are free. The emulator charges nothing."
    )


def _say(text: str) -> None:
    click.echo(text)


if __name__ == "__main__":
    main()
