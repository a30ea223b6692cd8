"""The checks of a prediction's life hold of the emulator, and each of them can fail."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, Final

import pytest
from werkzeug.wrappers import Request, Response

from eachlabs_contract.checks.lifecycle import claims, support
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.verdict import Finding, Verdict
from eachlabs_mock.core.planner import Progress
from helpers.judged import emulator, judged
from helpers.meddled import Edit, meddled, say, saying

pytestmark = pytest.mark.slow

Said = dict[str, Any]

ID: Final = "25cd93ae-5046-462d-85ec-7c2ec5710321"
FIRM: Final = [each for each in claims.CHECKS if each.claim.level is not Level.CHOICE]
GONE: Final = {"status": "error", "message": "Not found", "details": "It was collected."}


@pytest.fixture(scope="module")
def sound() -> dict[str, Finding]:
    return judged("lifecycle")


@pytest.mark.parametrize("name", [each.claim.id for each in FIRM])
def test_the_emulator_keeps_every_promise_about_a_prediction(sound: dict[str, Finding], name: str) -> None:
    assert (sound[name].verdict, sound[name].got) == (Verdict.HOLDS, "")


# --- each check can fail ---


def _is_end(said: Said) -> bool:
    return "output" in said or (said["status"] == "error" and "predictionID" not in said)


def _processing(request: Request) -> Said:
    shown = request.path.rpartition("/")[2]
    return {"status": "processing", "predictionID": shown, "message": "Prediction is being processed"}


def _success(request: Request) -> Said:
    shown = request.path.rpartition("/")[2]
    output = f"http://127.0.0.1:8780/outputs/{shown}.webp"
    return {"status": "success", "predictionID": shown, "output": output, "metrics": {"predict_time": 17.0}}


def reads(change: Callable[[Request, Said, int, int], Said]) -> Edit:
    """Return an edit of reads, told how often the prediction was read, and how often its end, this time included."""
    times: Counter[str] = Counter()
    ends: Counter[str] = Counter()

    def edit(request: Request, response: Response) -> None:
        said = response.get_json(silent=True)
        if request.method == "GET" and isinstance(said, dict):
            times[request.path] += 1
            ends[request.path] += _is_end(said)
            say(response, change(request, said, times[request.path], ends[request.path]))

    return edit


def _always_running(request: Request, _said: Said, _times: int, _ends: int) -> Said:
    return _processing(request)


def _never_running(request: Request, said: Said, _times: int, _ends: int) -> Said:
    return said if _is_end(said) else _success(request)


def _first_read_running(request: Request, said: Said, times: int, _ends: int) -> Said:
    return _processing(request) if times == 1 else said


def _progress_in_reads(request: Request, said: Said, times: int, _ends: int) -> Said:
    return _success(request) if times > 12 else said


def _all_failing(_request: Request, said: Said, _times: int, ends: int) -> Said:
    return GONE if ends else said


def _fifth_read_running(request: Request, said: Said, _times: int, ends: int) -> Said:
    return _processing(request) if ends == 5 else said


def _all_end_together() -> Edit:
    ended: list[bool] = []

    def change(request: Request, said: Said, _times: int, ends: int) -> Said:
        ended.extend([True] * ends)
        return _success(request) if ended and not _is_end(said) else said

    return reads(change)


def _changing(name: str, value: Callable[[], object]) -> Edit:
    return reads(lambda _request, said, _times, ends: {**said, name: value()} if ends else said)


NUMBERS: Final = count(1)

FAULTS: dict[str, Edit] = {
    "lifecycle.vocabulary": saying(
        lambda said: {**said, "status": "queued"} if said["status"] == "processing" else said
    ),
    "lifecycle.processing-body": saying(lambda said: {**said, "message": "Wait"}),
    "lifecycle.success-body": saying(lambda said: {key: said[key] for key in said if key != "metrics"}),
    "lifecycle.one-address": saying(
        lambda said: {**said, "output": [said["output"]]} if isinstance(said.get("output"), str) else said
    ),
    "lifecycle.outputs-differ": _changing("output", lambda: "http://127.0.0.1:8780/outputs/last.webp"),
    "lifecycle.predict-time": _changing("metrics", lambda: {"predict_time": 17_000}),
    "lifecycle.ends": reads(_always_running),
    "lifecycle.succeeds": reads(_all_failing),
    "lifecycle.not-early": reads(_never_running),
    "lifecycle.on-time": reads(_first_read_running),
    "lifecycle.unread": reads(_first_read_running),
    "lifecycle.neighbours": _all_end_together(),
    "lifecycle.reading-changes-nothing": reads(_progress_in_reads),
    "lifecycle.with-webhook": reads(_never_running),
    "lifecycle.output-only-at-success": reads(_never_running),
    "lifecycle.ended-stays": reads(_fifth_read_running),
    "lifecycle.bytes-stay": _changing("served", lambda: next(NUMBERS)),
    "lifecycle.failure-body": saying(lambda said: {**said, "status": "failed"} if said["status"] == "error" else said),
    "lifecycle.failure-says-why": saying(lambda said: {**said, "details": ""}),
    "lifecycle.failure-on-time": reads(lambda _request, _said, _times, _ends: GONE),
    "lifecycle.failure-stays": _changing("details", lambda: f"Incident {next(NUMBERS)}"),
    "lifecycle.failure-alone": reads(_all_failing),
}


def test_every_firm_check_is_shown_to_fail() -> None:
    assert {each.claim.id for each in FIRM} == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_breaks_the_claim_about_it(name: str) -> None:
    finding = judged(name, app=meddled(FAULTS[name]))[name]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected
    assert finding.got
    assert finding.evidence


def _other_id(_request: Request, said: Said, _times: int, _ends: int) -> Said:
    return {**said, "predictionID": ID} if "predictionID" in said else said


def _gone_once_read(_request: Request, said: Said, _times: int, ends: int) -> Said:
    return GONE if ends > 1 else said


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("lifecycle.processing-body", _other_id),
        ("lifecycle.success-body", _other_id),
        ("lifecycle.ended-stays", _gone_once_read),
        ("lifecycle.failure-stays", _gone_once_read),
        ("lifecycle.on-time", _always_running),
        ("lifecycle.failure-body", _always_running),
    ],
)
def test_faults_of_the_same_kind_break_it_too(name: str, fault: Callable[[Request, Said, int, int], Said]) -> None:
    assert judged(name, app=meddled(reads(fault)))[name].verdict is Verdict.BROKEN


def test_a_broken_promise_reads_well() -> None:
    finding = judged("lifecycle.not-early", app=meddled(reads(_never_running)))["lifecycle.not-early"]

    assert finding.expected == "processing, since it takes 17 s and is 0 s old"
    assert finding.got.startswith('200 {"status": "success"')


# --- what is lawful ---


def _failed_reads_are_bad_requests(_: Request, response: Response) -> None:
    said = response.get_json(silent=True)
    if response.status_code == 200 and isinstance(said, dict) and said.get("status") == "error":
        response.status_code = 400


LAWFUL: dict[str, Edit] = {
    "extra fields": saying(lambda said: {**said, "queue": 3}),
    "an output of null": saying(lambda said: {"output": None, **said}),
    "failed reads answered 400": _failed_reads_are_bad_requests,
}


@pytest.mark.parametrize("name", LAWFUL)
def test_a_lawful_difference_breaks_no_claim(name: str) -> None:
    findings = judged("lifecycle", "laws", app=meddled(LAWFUL[name])).values()

    assert [(each.claim.id, each.got) for each in findings if each.verdict is Verdict.BROKEN] == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda _request, _response: None, "a failed prediction is read with HTTP 200"),
        (_failed_reads_are_bad_requests, "a failed prediction is read with HTTP 400"),
    ],
)
def test_the_status_of_a_failed_read_is_told(edit: Edit, told: str) -> None:
    name = "lifecycle.failed-read-status"
    finding = judged(name, app=meddled(edit))[name]

    assert (finding.verdict, finding.reason) == (Verdict.OBSERVED, told)


def test_a_prediction_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(support, "pause", lambda _seconds: None)
    with in_process(meddled(reads(_always_running))) as target:
        unmoved = replace(target, owner=replace(target.owner, control=None), second=None)
        (found,) = Runner(unmoved, [each for each in FIRM if each.claim.id == "lifecycle.ends"]).run()

    assert found.verdict is Verdict.BROKEN


def test_a_prediction_that_fails_says_nothing_about_success() -> None:
    finding = judged("lifecycle.success-body", app=meddled(reads(_all_failing)))["lifecycle.success-body"]

    assert (finding.verdict, finding.reason) == (Verdict.NOT_EXERCISED, "the prediction failed, as any prediction may")


def test_without_a_control_plane_what_can_be_seen_in_real_time_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "pause", lambda _seconds: None)
    app = emulator(progress=Progress("reads", 3), rate_limit=None, max_in_flight=None)
    with in_process(app) as target:
        unmoved = replace(target, owner=replace(target.owner, control=None), second=None)
        found = {each.claim.id.removeprefix("lifecycle."): each for each in Runner(unmoved, claims.CHECKS).run()}

    held = {name for name, each in found.items() if each.verdict is Verdict.HOLDS}
    assert held >= {"vocabulary", "processing-body", "success-body", "ends", "outputs-differ", "ended-stays"}
    assert {each.verdict for each in found.values()} == {Verdict.HOLDS, Verdict.SKIPPED}
