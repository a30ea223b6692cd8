"""Schemathesis over the document: its claims hold where they should, fall where they should, and are never empty."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from werkzeug.wrappers import Request, Response

from defects.catalogue import defect
from defects.plain_schemathesis import plain
from defects.toolkit import Document, Plant, judging, ruling
from defects.wsgi import answering, id_read_by, is_create, refuse, saying, without
from eachlabs_contract.checks import openapi as shape
from eachlabs_contract.checks.check import Check
from eachlabs_contract.checks.openapi import answers, creates, fuzzing, support
from eachlabs_contract.checks.openapi.fuzzing import BAD, GOOD, Fuzzer
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history.events import Exchange
from eachlabs_contract.history.events import Request as Asked
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec import model, openapi
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.spec.openapi import CREATE_OPERATION, READ_OPERATION
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.targets.transport import NoAnswerError, WsgiApp
from eachlabs_contract.verdict import Finding, Verdict
from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings
from helpers.judged import emulator, judged

pytestmark = pytest.mark.slow

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

QWEN = model.load_model()
ACCEPTING = openapi.accepting_document(QWEN)


@pytest.fixture
def _few_random_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the systematic cases do, which come first; what is not sent need not be made."""
    monkeypatch.setattr(creates, "times", lambda _session, count: count // 6)
    monkeypatch.setattr(answers, "times", lambda _session, count: count // 2)


def found(plant: Plant, claim: str) -> Finding:
    """Return what is found about *claim* where *plant* was at work."""
    return judged(claim, app=plant(assemble(Settings(seed=7, log_format="off"))))[claim]


def instead(of: int, status: int) -> Plant:
    """Whatever is answered with one status is answered with another."""

    def edit(_request: Request, response: Response) -> None:
        if response.status_code == of:
            response.status_code = status

    return answering(edit)


def on_reads(edit_one: Any) -> Plant:
    return answering(lambda request, response: edit_one(request, response) if id_read_by(request) else None)


def unsteered(app: WsgiApp) -> WsgiApp:
    """Return *app* without its control plane."""

    def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/__mock"):
            return Response(status=404)(environ, start_response)
        return app(environ, start_response)

    return wsgi


@pytest.mark.parametrize("check", shape.CHECKS, ids=lambda each: each.claim.id)
def test_claim_holds_on_the_sound_emulator(check: Check) -> None:
    finding = judged(check.claim.id)[check.claim.id]

    expected = Verdict.OBSERVED if check.claim.level is Level.CHOICE else Verdict.HOLDS
    assert finding.verdict is expected, finding


@pytest.mark.usefixtures("_few_random_cases")
def test_no_claim_is_broken_by_a_sound_emulator_of_another_model() -> None:
    with in_process(emulator(), "z-image-turbo-lora") as target:
        findings = Runner(target, creates.CHECKS).run()

    assert {each.verdict for each in findings} == {Verdict.HOLDS}


@pytest.mark.usefixtures("_few_random_cases")
def test_a_server_without_a_control_plane_is_tried_with_few_creates() -> None:
    app = unsteered(emulator(duration=0.001, rate_limit=None, max_in_flight=None))

    findings = judged("shape.valid-data-accepted", "shape.documented-answers", "shape.links", app=app)

    assert {each.verdict for each in findings.values()} == {Verdict.HOLDS}
    assert [each.requests for each in findings.values()] == [4, 19, 4]


def _found_any(request: Request, response: Response) -> None:
    said = {"status": "processing", "predictionID": id_read_by(request), "message": "Prediction is being processed"}
    if response.status_code == 404:
        response.status_code = 200
        response.data = b'{"status": "%(status)s", "predictionID": "%(predictionID)s", "message": "%(message)s"}' % {
            name.encode(): value.encode() for name, value in said.items()
        }


def _found_under_another_id(_status: int, said: Document) -> Document:
    is_read = said.get("message") != "Prediction created successfully" and "predictionID" in said
    return {**said, "predictionID": "5f0c2f3a-9d1b-4c0e-8a57-2b6f6c1d7e90"} if is_read else said


def _refusing_all(request: Request, response: Response) -> None:
    if is_create(request):
        refuse(response, 400, "No")


def _ten_more(schema: Document) -> None:
    schema["properties"]["num_inference_steps"]["maximum"] = 60


BROKEN = [
    ("valid-data-accepted", "guidance 10", ruling("guidance", exclusiveMaximum=10), "matches the schema of qwen-image"),
    ("invalid-data-refused", "422 for 400", instead(400, 422), ", since model: 0 is not of type"),
    ("invalid-data-refused", "400 ends in 500", instead(400, 500), ", since model: 0 is not of type"),
    ("documented-answers", "201 for 200", instead(200, 201), "one of the documented statuses, 200, 400, 401"),
    ("documented-answers", "no details", saying(lambda _, said: without(said, "details")), "a body as documented"),
    (
        "documented-answers",
        "JSON said to be text",
        answering(lambda _, response: setattr(response, "content_type", "text/plain")),
        "Content-Type: application/json",
    ),
    (
        "documented-answers",
        "no media type at all",
        answering(lambda _, response: response.headers.pop("Content-Type")),
        "Content-Type: application/json",
    ),
    (
        "documented-answers",
        "no JSON",
        answering(lambda _, response: setattr(response, "data", b"{")),
        "a body as documented",
    ),
    (
        "documented-answers",
        "a lasting 500",
        on_reads(lambda _, response: refuse(response, 500, "No")),
        "no server error",
    ),
    ("links", "any id is found", on_reads(_found_any), "404 or 400, since no create returned this id"),
    ("links", "another id in the body", saying(_found_under_another_id), "as in the path"),
    ("keys", "403 for 401", instead(401, 403), "401, since no key was sent"),
    ("keys", "bad keys are good", defect("H03").plant, "401, since the key is invalid"),
    ("methods", "405 is 200", instead(405, 200), "does not support PUT"),
]


@pytest.mark.usefixtures("_few_random_cases")
@pytest.mark.parametrize(
    ("claim", "plant", "expected"), [pytest.param(each[0], *each[2:], id=f"{each[0]}: {each[1]}") for each in BROKEN]
)
def test_claim_is_broken_where(claim: str, plant: Plant, expected: str) -> None:
    finding = found(plant, f"shape.{claim}")

    assert finding.verdict is Verdict.BROKEN, finding
    assert expected in finding.expected


@pytest.mark.usefixtures("_few_random_cases")
def test_what_is_wrong_with_a_body_is_told_as_what_came() -> None:
    finding = found(saying(lambda _, said: without(said, "details")), "shape.documented-answers")

    assert (finding.expected, finding.got) == ("a body as documented", "`details` is missing")


@pytest.mark.usefixtures("_few_random_cases")
def test_failure_shows_the_exchange() -> None:
    finding = found(judging(_ten_more), "shape.invalid-data-refused")

    (exchange,) = finding.evidence
    assert finding.expected == "400, since input.num_inference_steps: 51 is greater than the maximum of 50"
    assert isinstance(exchange, Exchange)
    assert (exchange.request.method, exchange.status) == ("POST", 200)
    assert b'"num_inference_steps": 51' in exchange.request.body


def test_success_that_can_be_read_once_breaks_the_links() -> None:
    finding = found(defect("L10").plant, "shape.links")

    assert finding.expected == "200, since an earlier request created this prediction"


def test_failed_prediction_may_be_read_with_422() -> None:
    def edit(_request: Request, response: Response) -> None:
        if response.status_code == 200 and b'"error"' in response.data:
            response.status_code = 422

    assert found(answering(edit), "shape.links").verdict is Verdict.HOLDS


def test_more_fields_are_reported_and_lawful() -> None:
    plant = saying(lambda _status, said: {**said, "region": "eu"})

    assert found(plant, "shape.documented-answers").verdict is Verdict.HOLDS
    assert "region" in found(plant, "shape.exact-fields").reason


def test_other_routes_are_reported() -> None:
    def edit(request: Request, response: Response) -> None:
        if request.path == "/v1/models":
            refuse(response, 401, "No")

    reason = found(answering(edit), "shape.other-routes").reason

    assert reason.startswith(
        "GET /models is answered 401, unlike the emulator's document; GET /model is answered 200, as in"
    )


# A green run that is empty


@pytest.mark.parametrize("claim", ["shape.valid-data-accepted", "shape.invalid-data-refused"])
def test_run_without_cases_is_no_green_one(claim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fuzzer, "of", lambda *_: [])

    finding = judged(claim)[claim]

    assert (finding.verdict, finding.reason) == (
        Verdict.NOT_EXERCISED,
        f"only 0 cases, where at least {40 if 'valid-data-accepted' in claim else 60} are needed",
    )


def test_links_without_accepted_creates_are_no_green_run() -> None:
    finding = found(answering(_refusing_all), "shape.links")

    assert (finding.verdict, finding.reason) == (
        Verdict.NOT_EXERCISED,
        "only 0 accepted creates, where at least 5 are needed",
    )


def test_links_of_predictions_that_never_end_are_no_green_run() -> None:
    assert "reads of ended predictions" in found(defect("L06").plant, "shape.links").reason


@pytest.mark.parametrize("claim", ["shape.links", "shape.documented-answers"])
@pytest.mark.usefixtures("_few_random_cases")
def test_server_that_hangs_up_shows_nothing(claim: str) -> None:
    def hang_up(request: Request, _response: Response) -> None:
        raise NoAnswerError(f"no answer to {request.method}")

    finding = found(answering(hang_up), claim)

    assert finding.verdict is Verdict.NOT_EXERCISED
    assert finding.reason.startswith("no answer came: ")


# Cases


def bodies(seed: int) -> list[object]:
    return [each.body for each in Fuzzer(ACCEPTING, seed).random(CREATE_OPERATION, GOOD, 10)]


def test_same_seed_makes_the_same_cases() -> None:
    assert bodies(1) == bodies(1)


def test_another_seed_makes_other_cases() -> None:
    assert bodies(1) != bodies(2)


def test_no_case_is_made_twice() -> None:
    made = [repr(each.body) for each in Fuzzer(ACCEPTING, 0).of(CREATE_OPERATION, GOOD, 30)]

    assert len(made) == len(set(made))


def test_good_cases_hold_characters_outside_the_basic_plane() -> None:
    prompts = [each["input"]["prompt"] for each in bodies(0) if isinstance(each, dict)]

    assert any(ord(character) > 0xFFFF for prompt in prompts for character in prompt)


def test_systematic_cases_hold_each_bound_and_the_value_beyond() -> None:
    fuzzer = Fuzzer(openapi.judging_document(QWEN), 0)
    given = [
        each.body["input"]
        for mode in (GOOD, BAD)
        for each in fuzzer.systematic(CREATE_OPERATION, mode)
        if _has_input(each)
    ]

    steps = {each["num_inference_steps"] for each in given if type(each.get("num_inference_steps")) is int}
    assert {0, 1, 50, 51} <= steps


def _has_input(case: Any) -> bool:
    return isinstance(case.body, dict) and isinstance(case.body.get("input"), dict)


def test_no_systematic_case_abuses_the_method() -> None:
    assert {each.method for each in Fuzzer(openapi.judging_document(QWEN), 0).systematic(READ_OPERATION, BAD)} == {
        "GET"
    }


@pytest.mark.parametrize(("thorough", "cases"), [(False, 60), (True, 600)])
def test_thorough_run_makes_ten_times_the_cases(thorough: bool, cases: int) -> None:  # noqa: FBT001  # a column of the table
    assert support.times(SimpleNamespace(thorough=thorough), 60) == cases  # type: ignore[arg-type]


def test_missing_answer_is_complained_of() -> None:
    case = Fuzzer(ACCEPTING, 0).reading("5f0c2f3a-9d1b-4c0e-8a57-2b6f6c1d7e90")
    exchange = Exchange("owner", Asked("GET", "/v1/prediction/x"), None, 0)

    with in_process(emulator()) as target:
        assert fuzzing.complaint(Session(target, "x", {}), case, exchange) == ("an answer", "")


def registered() -> tuple[list[str], list[str]]:
    """Return all that Schemathesis keeps for the whole process: checks and hooks."""
    return CHECKS.get_all_names(), [name for name, hooks in GLOBAL_HOOK_DISPATCHER._hooks.items() if hooks]


@pytest.mark.usefixtures("_few_random_cases")
def test_judging_leaves_nothing_behind_in_schemathesis() -> None:
    load_all_checks()
    before = registered()

    judged("shape.links", "shape.documented-answers")

    assert registered() == before


# The baseline


def test_plain_schemathesis_sees_a_refused_bound() -> None:
    app = ruling("guidance", exclusiveMaximum=10)(assemble(Settings(seed=7, log_format="off")))

    outcome = plain(app, max_examples=1)

    assert outcome.fails
    assert "ST202" in outcome.codes


def test_plain_schemathesis_leaves_nothing_behind() -> None:
    load_all_checks()
    before = registered()

    plain(emulator(), max_examples=1)

    assert registered() == before
