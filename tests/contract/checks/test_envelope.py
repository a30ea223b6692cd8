"""The checks of the envelope hold of the emulator, and each of them can fail."""

import json
from dataclasses import replace
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from eachlabs_contract.checks.envelope import claims
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import Finding, Verdict
from helpers.judged import emulator, judged
from helpers.meddled import Edit, instead, meddled, say, saying

ID = "25cd93ae-5046-462d-85ec-7c2ec5710321"
FIRM = [each for each in claims.CHECKS if each.claim.level is not Level.CHOICE]
REFUSAL = {"status": "error", "message": "No", "details": "No"}


@pytest.fixture(scope="module")
def sound() -> dict[str, Finding]:
    return judged("envelope")


@pytest.mark.parametrize("name", [each.claim.id for each in FIRM])
def test_the_emulator_keeps_every_promise_of_the_envelope(sound: dict[str, Finding], name: str) -> None:
    assert (sound[name].verdict, sound[name].got) == (Verdict.HOLDS, "")


# --- each check can fail ---


def _key(request: Request) -> str | None:
    return request.headers.get("X-API-Key")


def _found(request: Request, response: Response) -> None:
    if response.status_code == 404 and request.method == "GET":
        said = {"status": "processing", "predictionID": ID, "message": "Prediction is being processed"}
        say(response, said, 200)


def _nobody_forbidden(request: Request, response: Response) -> None:
    if _key(request) is None and response.status_code == 401:
        response.status_code = 403


def _empty_forbidden(request: Request, response: Response) -> None:
    if _key(request) == "" and response.status_code == 401:
        response.status_code = 400


def _bad_forbidden(request: Request, response: Response) -> None:
    if (_key(request) or "").startswith("invalid") and response.status_code == 401:
        response.status_code = 400


def _body_first(request: Request, response: Response) -> None:
    if request.get_data() in {b"", b"{", b"[]"} and request.method == "POST":
        say(response, REFUSAL, 400)


def _html(_: Request, response: Response) -> None:
    if response.status_code >= 400:
        response.data, response.content_type = "<h1>Bad Request</h1>", "text/html"


def _one_id(_: Request, response: Response) -> None:
    said = response.get_json(silent=True)
    if isinstance(said, dict) and "predictionID" in said and response.status_code == 200:
        say(response, {**said, "predictionID": ID})


def _refusing(when: Any) -> Edit:
    def edit(request: Request, response: Response) -> None:
        if when(request):
            say(response, REFUSAL, 400)

    return edit


def _redirecting(request: Request, response: Response) -> None:
    if request.path.endswith("//"):
        response.status_code = 308


def _leading_blank(request: Request) -> bool:
    return request.get_data()[:1].isspace()


FAULTS: dict[str, Edit] = {
    "envelope.missing-key": _nobody_forbidden,
    "envelope.empty-key": _empty_forbidden,
    "envelope.bad-key": _bad_forbidden,
    "envelope.key-guards-predictions": _nobody_forbidden,
    "envelope.key-before-body": _body_first,
    "envelope.other-key": _found,
    "envelope.header-case": instead(404, 401, "GET"),
    "envelope.created-body": saying(lambda said: {**said, "message": "OK"}),
    "envelope.created-id": saying(lambda said: {**said, "id": ID}),
    "envelope.ids-differ": _one_id,
    "envelope.unknown-id": _found,
    "envelope.near-id": _found,
    "envelope.strange-id": instead(404, 500, "GET"),
    "envelope.error-body": _html,
    "envelope.error-texts": saying(lambda said: {**said, "details": ""}),
    "envelope.content-type": _html,
    "envelope.malformed-json": instead(400, 422),
    "envelope.empty-body": instead(400, 422),
    "envelope.no-object": instead(400, 500),
    "envelope.odd-json": instead(400, 500),
    "envelope.json-spellings": _refusing(_leading_blank),
    "envelope.model-field": instead(400, 200),
    "envelope.input-field": instead(400, 200),
    "envelope.unknown-model": instead(404, 200, "POST"),
    "envelope.webhook-url": instead(400, 200),
    "envelope.never-redirects": _redirecting,
    "envelope.json-charset": _refusing(lambda request: "charset" in request.headers.get("Content-Type", "")),
    "envelope.accept": _html,
}
ELSEWHERE = {"envelope.refused-creates-nothing"}


def test_every_firm_check_is_shown_to_fail() -> None:
    assert {each.claim.id for each in FIRM} == FAULTS.keys() | ELSEWHERE


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_breaks_the_claim_about_it(name: str) -> None:
    finding = judged(name, app=meddled(FAULTS[name]))[name]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected
    assert finding.got
    assert finding.evidence


def _creating_what_it_refuses() -> WsgiApp:
    app = emulator()

    def edit(request: Request, response: Response) -> None:
        if request.method == "POST" and response.status_code == 400:
            body = {
                "model": "qwen-image",
                "input": {"prompt": "x"},
                "webhook_url": json.loads(request.data)["webhook_url"],
            }
            data = json.dumps(body).encode()
            more = {"wsgi.input": BytesIO(data), "CONTENT_LENGTH": str(len(data))}
            Response.from_app(app, {**request.environ, **more}, buffered=True)

    return meddled(edit, app)


def test_a_refused_create_that_works_all_the_same_is_seen() -> None:
    name = "envelope.refused-creates-nothing"
    finding = judged(name, app=_creating_what_it_refuses())[name]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected.startswith("one webhook, about ")


def test_a_broken_promise_reads_well() -> None:
    finding = judged("envelope.unknown-id", app=meddled(_found))["envelope.unknown-id"]

    assert finding.expected == "404 or 400, since no create was answered with this id"
    assert finding.got.startswith('200 {"status": "processing"')


# --- what is lawful ---


def _bad_request_for_unknown(request: Request, response: Response) -> None:
    if response.status_code == 404 and "/prediction" in request.path:
        response.status_code = 400


def _plain_errors_beside_the_routes(_: Request, response: Response) -> None:
    if response.status_code in {405, 413}:
        response.data, response.content_type = "Method Not Allowed", "text/plain"


def _no_bearer(request: Request, response: Response) -> None:
    if "Authorization" in request.headers and _key(request) is None:
        say(response, REFUSAL, 401)


def _no_slash(request: Request, response: Response) -> None:
    if request.path == "/v1/prediction" and request.method == "POST" and _key(request):
        response.data, response.content_type, response.status_code = "Not Found", "text/plain", 404


LAWFUL: dict[str, Edit] = {
    "400 for what is unknown": _bad_request_for_unknown,
    "extra fields": saying(lambda said: {**said, "queue": 3}),
    "plain errors for wrong methods": _plain_errors_beside_the_routes,
    "no bearer tokens": _no_bearer,
    "no POST without the slash": _no_slash,
    "a charset in Content-Type": lambda _, response: response.headers.set(
        "Content-Type", "application/json; charset=utf-8"
    ),
    "no X-Request-Id": lambda _, response: response.headers.remove("X-Request-Id"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAWFUL)
def test_a_lawful_difference_breaks_no_claim(name: str) -> None:
    findings = judged("envelope", "laws", app=meddled(LAWFUL[name])).values()

    assert [(each.claim.id, each.got) for each in findings if each.verdict is Verdict.BROKEN] == []


@pytest.mark.slow
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_stumbles_now_and_then_breaks_no_claim(status: int) -> None:
    numbers = count(1)

    def edit(_: Request, response: Response) -> None:
        if next(numbers) % 7 == 0:
            response.data, response.status_code = b"", status

    findings = judged("envelope", "laws", app=meddled(edit)).values()

    assert [(each.claim.id, each.got) for each in findings if each.verdict is Verdict.BROKEN] == []


@pytest.mark.parametrize(
    ("name", "edit", "told"),
    [
        ("bearer", None, "a bearer token is accepted"),
        ("bearer", _no_bearer, "a bearer token is refused"),
        ("unknown-model-status", None, "an unknown model is answered 404"),
        ("unknown-model-status", _bad_request_for_unknown, "an unknown model is answered 400"),
        ("request-id", None, "answers carry X-Request-Id, and echo the caller's"),
        ("request-id", LAWFUL["no X-Request-Id"], "answers carry no X-Request-Id"),
        ("extra-fields", None, "undocumented fields: none"),
        ("extra-fields", LAWFUL["extra fields"], "undocumented fields: queue"),
        ("slashes", None, "a POST without the slash is answered 200, a read with one 200"),
        ("slashes", _no_slash, "a POST without the slash is answered 404, a read with one 200"),
    ],
)
def test_where_the_page_is_silent_a_difference_is_told(name: str, edit: Edit | None, told: str) -> None:
    finding = judged(f"envelope.{name}", app=meddled(edit) if edit else emulator())[f"envelope.{name}"]

    assert (finding.verdict, finding.reason) == (Verdict.OBSERVED, told)


def test_nothing_is_promised_about_bad_keys_where_none_is_known() -> None:
    with in_process(emulator()) as target:
        runner = Runner(replace(target, bad_key=None), claims.CHECKS)
        found = {each.claim.id: each for each in runner.run()}

    assert found["envelope.bad-key"].verdict is Verdict.SKIPPED
    assert found["envelope.key-before-body"].verdict is Verdict.HOLDS
    assert found["envelope.key-guards-predictions"].verdict is Verdict.HOLDS
