import json
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests
from werkzeug.wrappers import Request, Response

from eachlabs_contract.spec.claim import Level
from eachlabs_contract.targets.receiver import Listener
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import Verdict
from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.core.prediction import TERMINAL, Prediction, Status
from eachlabs_mock.emulator.creation import ValidCreate
from eachlabs_mock.emulator.outbox import PendingAttempt
from eachlabs_mock.emulator.world import World
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.webhooks.egress import Outcome
from helpers.judged import emulator, judged

pytestmark = pytest.mark.slow

Tamper = Callable[[Application], None]
Post = Callable[[str, bytes, Mapping[str, str]], Outcome]
TAKEN = Outcome(204, "", "")


def faulty(tamper: Tamper) -> WsgiApp:
    application = assemble(Settings(seed=7, log_format="off"))
    tamper(application)
    return application.wsgi


def saying(**changes: object) -> Tamper:
    """Webhooks have other fields than they should."""

    def edit(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), **changes}).encode()

    return sending(lambda send, url, body, headers: send(url, edit(body), headers))


def sending(call: Callable[[Post, str, bytes, Mapping[str, str]], Outcome]) -> Tamper:
    """Webhooks are sent as *call* does it."""

    def tamper(application: Application) -> None:
        sound: Callable[..., Outcome] = application.dispatcher._send

        def wrong(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Outcome:
            return call(lambda *given: sound(*given, seconds), url, body, headers)

        application.dispatcher._send = wrong

    return tamper


def moved(millis: int) -> Tamper:
    """Webhooks are sent so much after the end."""

    def tamper(application: Application) -> None:
        put = application.dispatcher._put

        def wrong(world: World, at: Instant, due: PendingAttempt) -> None:
            put(world, max(at + millis, due.prediction.created_at), due)

        application.dispatcher._put = wrong  # type: ignore[method-assign]

    return tamper


def expecting(change: Callable[[Prediction], Prediction]) -> Tamper:
    """The webhook of a prediction goes out as though the prediction were another."""

    def tamper(application: Application) -> None:
        expect = application.dispatcher.expect
        application.dispatcher.expect = lambda world, prediction: expect(world, change(prediction))  # type: ignore[method-assign]

    return tamper


def latest_address_of_anybody(application: Application) -> None:
    latest: list[str] = [""]

    def change(prediction: Prediction) -> Prediction:
        latest[0] = latest[0] or prediction.webhook_url
        return prediction._replace(webhook_url=latest[0])

    expecting(change)(application)


def once_an_address(application: Application) -> None:
    told = set[str]()

    def call(send: Post, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        if url in told:
            return TAKEN
        told.add(url)
        return send(url, body, headers)

    sending(call)(application)


def again_at_a_read(application: Application) -> None:
    read, told = application.emulator.read, set[str]()

    def wrong(world: World, prediction_id: str) -> tuple[Prediction, Status]:
        prediction, status = read(world, prediction_id)
        if status in TERMINAL and prediction_id not in told:
            told.add(prediction_id)
            application.dispatcher.expect(world, prediction)
        return prediction, status

    application.emulator.read = wrong  # type: ignore[method-assign]


def only_at_a_read(application: Application) -> None:
    expect = application.dispatcher.expect
    application.dispatcher.expect = lambda *_: None  # type: ignore[method-assign]
    read, told = application.emulator.read, set[str]()

    def wrong(world: World, prediction_id: str) -> tuple[Prediction, Status]:
        prediction, status = read(world, prediction_id)
        if status in TERMINAL and prediction_id not in told:
            told.add(prediction_id)
            expect(world, prediction)
        return prediction, status

    application.emulator.read = wrong  # type: ignore[method-assign]


def gone_unless_taken(application: Application) -> None:
    """A prediction whose webhook was not taken is not there any more."""
    gone, read = set[str](), application.emulator.read

    def call(send: Post, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        outcome = send(url, body, headers)
        if not outcome.accepted:
            gone.add(json.loads(body)["exec_id"])
        return outcome

    def wrong(world: World, prediction_id: str) -> tuple[Prediction, Status]:
        if prediction_id in gone:
            raise ApiError("unknown_prediction", "Its webhook was not taken.")
        return read(world, prediction_id)

    application.emulator.read = wrong  # type: ignore[method-assign]
    sending(call)(application)


def posted(method: str, url: str, body: bytes, headers: Mapping[str, str], *, follow: bool = False) -> Outcome:
    with requests.request(method, url, data=body, headers=dict(headers), timeout=5, allow_redirects=follow) as answer:
        return Outcome(answer.status_code, "", "")


def refused_creates_tell() -> WsgiApp:
    """A create that is refused sends a webhook all the same."""
    sound = emulator()

    def app(environ: Any, start_response: Any) -> Any:
        body = Request(environ).get_data()
        environ["wsgi.input"].seek(0)
        response = Response.from_app(sound, environ, buffered=True)
        if response.status_code == 429 and b"webhook_url" in body:
            posted("POST", json.loads(body)["webhook_url"], b"{}", {})
        return response(environ, start_response)

    return app


def https_is_refused(application: Application) -> None:
    """Only http addresses are taken."""
    order = application.emulator.validate

    def wrong(world: World, raw: bytes, *more: Any) -> ValidCreate:
        if b'"https:' in raw:
            raise ApiError("invalid_body", "webhook_url: must be an http address.")
        return order(world, raw, *more)

    application.emulator.validate = wrong  # type: ignore[method-assign]


def test_the_emulator_keeps_every_promise_of_webhooks() -> None:
    found = judged("webhooks")

    firm = {each.verdict for each in found.values() if each.claim.level is not Level.CHOICE}
    assert firm == {Verdict.HOLDS}


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (saying(status="completed"), "webhooks.success"),
        (saying(output="http://127.0.0.1:1/another"), "webhooks.success"),
        (saying(flow_id=None), "webhooks.success"),
        (saying(exec_id="0190b5a6-0000-7000-8000-000000000000"), "webhooks.success"),
        (saying(status="failed", error="It failed.", output=""), "webhooks.success"),
        (saying(status="succeeded", error="", output="http://127.0.0.1/x"), "webhooks.failure"),
        (saying(error=""), "webhooks.failure"),
        (saying(output=None), "webhooks.failure"),
        (saying(exec_id="0190b5a6-0000-7000-8000-000000000000"), "webhooks.failure"),
        (sending(lambda _, *given: posted("PUT", *given)), "webhooks.request"),
        (sending(lambda send, url, body, _: send(url, body, {"Content-Type": "text/plain"})), "webhooks.request"),
        (sending(lambda send, *given: (send(*given), send(*given))[1]), "webhooks.once"),
        (again_at_a_read, "webhooks.once"),
        (moved(1000), "webhooks.at-the-end"),
        (moved(1), "webhooks.at-the-end"),
        (moved(-1), "webhooks.at-the-end"),
        (moved(-1000), "webhooks.after-read"),
        (only_at_a_read, "webhooks.at-the-end"),
        (latest_address_of_anybody, "webhooks.none-wanted"),
        (latest_address_of_anybody, "webhooks.own-address"),
        (latest_address_of_anybody, "webhooks.other-caller"),
        (sending(lambda send, url, *more: send(url.partition("?")[0], *more)), "webhooks.address-verbatim"),
        (https_is_refused, "webhooks.https-address"),
        (once_an_address, "webhooks.same-address"),
        (gone_unless_taken, "webhooks.failing-receiver"),
        (sending(lambda _, *given: posted("POST", *given, follow=True)), "webhooks.redirect"),
    ],
)
def test_webhook_that_is_another_than_documented_is_found(tamper: Tamper, claim: str) -> None:
    finding = judged(claim, app=faulty(tamper))[claim]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected


def test_webhook_of_a_refused_create_is_found() -> None:
    claim = "webhooks.refused-create"

    finding = judged(claim, app=refused_creates_tell())[claim]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected == "no webhook, since every create with a URL was refused"


@pytest.mark.parametrize("claim", ["success", "request", "redirect"])
def test_webhook_that_never_comes_says_nothing_about_its_content(claim: str) -> None:
    silent = faulty(expecting(lambda prediction: prediction._replace(webhook_url="")))

    finding = judged(f"webhooks.{claim}", app=silent)[f"webhooks.{claim}"]

    assert finding.verdict is Verdict.NOT_EXERCISED
    assert finding.reason == "no webhook arrived; another claim covers that"


@pytest.mark.parametrize(
    ("app", "claim", "observed"),
    [
        (emulator(), "webhooks.attempts", "attempts within an hour: 1"),
        (emulator(webhook_attempts=3), "webhooks.attempts", "attempts within an hour: 3"),
        (emulator(), "webhooks.null-address", "accepted"),
        (emulator(), "webhooks.extra-fields", "none"),
        (faulty(saying(created_at="now", metrics={})), "webhooks.extra-fields", "also created_at, metrics"),
    ],
)
def test_choice_about_webhooks_is_reported(app: WsgiApp, claim: str, observed: str) -> None:
    finding = judged(claim, app=app)[claim]

    assert (finding.verdict, finding.reason) == (Verdict.OBSERVED, observed)


def test_webhook_that_is_tried_again_until_it_is_taken_breaks_nothing() -> None:
    found = judged("webhooks", app=emulator(webhook_attempts=3))

    assert Verdict.BROKEN not in {each.verdict for each in found.values()}


def test_all_webhooks_of_one_instant_get_through_at_once() -> None:
    with Listener(("127.0.0.1", 0), BaseHTTPRequestHandler) as listener, ExitStack() as stack:  # which takes none yet
        for _ in range(100):
            stack.enter_context(socket.create_connection(listener.server_address[:2], timeout=0.5))
