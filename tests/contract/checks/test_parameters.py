"""The claims about parameters: they hold on the sound emulator, and each breaks on a server with a small fault."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app

from eachlabs_contract.checks.parameters.claims import CHECKS
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec.model import Model, load_model
from eachlabs_contract.targets.budget import Budget
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import Finding, Verdict, exit_code
from helpers.judged import emulator, judged

pytestmark = pytest.mark.slow

MODELS = ("qwen-image", "flux-2-flex", "flux-2-pro", "flux-2-klein-9b-base-text-to-image", "z-image-turbo-lora")
PARAMETERS = load_model().parameters
PLAIN = {"prompt": "x"}

Input = dict[str, Any]


def misreading(edit: Callable[[Input], Input | int]) -> WsgiApp:
    """An emulator that sees every input as *edit* makes it; where that gives a status instead, that is its answer."""
    app = emulator()

    def faulty(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/v1/prediction/":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
            edited = _edited(body, edit)
            if isinstance(edited, int):
                start_response(f"{edited} Planted", [("Content-Type", "application/json")])
                return [json.dumps({"status": "error", "message": "planted", "details": "planted"}).encode()]
            environ = {**environ, "wsgi.input": BytesIO(edited), "CONTENT_LENGTH": str(len(edited))}
        return app(environ, start_response)

    return faulty


def _edited(body: bytes, edit: Callable[[Input], Input | int]) -> bytes | int:
    try:
        document = json.loads(body, parse_constant=lambda _name: 1 / 0)
        edited = edit(document["input"])
    except (ValueError, TypeError, ZeroDivisionError):
        return body
    return edited if isinstance(edited, int) else json.dumps({**document, "input": edited}).encode()


def seeing(name: str, change: Callable[[Any], Any]) -> Callable[[Input], Input]:
    """An edit of the parameter *name* alone, where it is there."""
    return lambda given: {**given, name: change(given[name])} if name in given else given


def refusing(wanted: Callable[[Input], Any], status: int = 400) -> Callable[[Input], Input | int]:
    """An edit that answers *status* where the input is as *wanted*."""
    return lambda given: status if wanted(given) else given


def taking(wanted: Callable[[Input], Any]) -> Callable[[Input], Input | int]:
    """An edit that has an input taken, whatever it is, where it is as *wanted*."""
    return lambda given: PLAIN if wanted(given) else given


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


FAULTS: dict[str, tuple[Callable[[Input], Input | int], str]] = {
    "P01": (refusing(lambda it: it.get("guidance") == 10), "upper-bound-accepted"),
    "P01, the low end": (refusing(lambda it: it.get("num_inference_steps") == 1), "lower-bound-accepted"),
    "P02": (seeing("guidance", lambda it: 10 if is_whole(it) and it > 10 else it), "above-refused"),
    "P02, rounded": (
        seeing("guidance", lambda it: round(it, 6) if isinstance(it, float) and abs(it) < 20 else it),
        "above-refused",
    ),
    "P02, the low end": (
        seeing("guidance", lambda it: 0 if isinstance(it, float) and -0.1 < it < 0 else it),
        "below-refused",
    ),
    "P03": (refusing(lambda it: "guidance" in it and it["guidance"] == 0), "lower-bound-accepted"),
    "P05": (seeing("guidance", lambda it: 4 if it == "4" else it), "numeric-string-refused"),
    "P06": (seeing("num_inference_steps", lambda it: 1 if it is True else it), "boolean-number-refused"),
    "P07": (seeing("num_inference_steps", lambda it: 1 if it == 0 and is_whole(it) else it), "below-refused"),
    "P08": (seeing("num_inference_steps", lambda it: 50 if it == 51 else it), "above-refused"),
    "P09": (seeing("num_inference_steps", lambda it: int(it) if isinstance(it, float) else it), "fraction-refused"),
    "P11": (seeing("output_quality", lambda it: min(it, 100) if is_whole(it) else it), "above-refused"),
    "P11, 32 bits": (seeing("output_quality", lambda it: it % 2**32 if is_whole(it) else it), "above-refused"),
    "P12": (refusing(lambda it: it.get("seed") == 0 and "seed" in it), "any-seed-accepted"),
    "P13": (refusing(lambda it: is_whole(it.get("seed")) and it["seed"] != 0), "any-seed-accepted"),
    "P13, 32 bits": (refusing(lambda it: is_whole(it.get("seed")) and it["seed"] >= 2**31), "any-seed-accepted"),
    "P13, negative": (refusing(lambda it: is_whole(it.get("seed")) and it["seed"] < 0), "wide-seed-accepted"),
    "P15": (seeing("go_fast", lambda it: it is True or it == "true" or it), "string-boolean-refused"),
    "P16": (refusing(lambda it: any(ord(each) > 0xFFFF for each in str(it.get("prompt"))), 500), "any-text-accepted"),
    "P16, long": (refusing(lambda it: len(str(it.get("prompt"))) > 4_000), "any-text-accepted"),
    "P17": (lambda it: {**PLAIN, **it}, "required-missing-refused"),
    "P19": (taking(lambda it: it.get("aspect_ratio") in {"3:2", "2:3"}), "prose-option-refused"),
    "P21": (
        seeing("output_format", lambda it: {"JPG": "jpg", "jpeg": "jpg"}.get(it, it) if isinstance(it, str) else it),
        "undocumented-option-refused",
    ),
    "P21, trimmed": (
        seeing("aspect_ratio", lambda it: it.strip() if isinstance(it, str) else it),
        "undocumented-option-refused",
    ),
    "P22": (refusing(lambda it: it.get("output_format") == "png" and "output_quality" in it), "combinations-accepted"),
    "an option too few": (refusing(lambda it: it.get("aspect_ratio") == "3:4"), "options-accepted"),
    "a boolean too few": (refusing(lambda it: it.get("go_fast") is False), "booleans-accepted"),
    "a hole between the bounds": (refusing(lambda it: it.get("guidance") == 5), "range-accepted"),
    "null for absent": (lambda it: {name: each for name, each in it.items() if each is not None}, "null-refused"),
    "a list for its first item": (
        lambda it: {name: each[0] if isinstance(each, list) and each else each for name, each in it.items()},
        "wrong-type-refused",
    ),
    "a list for its text": (
        seeing("prompt", lambda it: str(it) if isinstance(it, int | float | list) else it),
        "wrong-type-refused",
    ),
    "a failure where the page is silent": (
        refusing(lambda it: not str(it.get("prompt", "x")).strip(), 500),
        "silence-answered",
    ),
    "a default of another value": (lambda it: {"num_inference_steps": 28, **it}, "defaults-mean-themselves"),
    "a rare combination": (
        refusing(lambda it: it.get("output_format") == "jpg" and it.get("num_inference_steps") == 1),
        "combinations-accepted",
    ),
}


def found(app: WsgiApp, slug: str = "qwen-image") -> dict[str, Finding]:
    """What each claim comes to, when no more may be paid for it than it says."""
    with in_process(app, slug) as target:
        runs = [Runner(replace(target, budget=Budget(each.executions)), [each]).run() for each in CHECKS]
    return {finding.claim.id: finding for run in runs for finding in run}


def verdicts(findings: Iterable[Finding], *wanted: Verdict) -> dict[str, str]:
    return {each.claim.id: each.reason or each.got for each in findings if each.verdict in wanted}


@pytest.mark.parametrize("slug", MODELS)
def test_every_claim_holds_on_the_sound_emulator_for_no_more_than_it_may_cost(slug: str) -> None:
    findings = found(emulator(), slug).values()

    assert verdicts(findings, Verdict.BROKEN, Verdict.NOT_EXERCISED, Verdict.SKIPPED) == {}
    assert exit_code(findings) == 0


def test_every_claim_says_something_about_the_model_of_the_page() -> None:
    assert [each.irrelevance(load_model()) for each in CHECKS] == [""] * len(CHECKS)


def test_a_claim_about_bounds_does_not_apply_to_a_model_without_any() -> None:
    claim = next(each for each in CHECKS if each.claim.id == "parameters.above-refused")

    with in_process(emulator(), "flux-2-pro") as target:
        (finding,) = Runner(target, [claim]).run()

    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert finding.reason == "the claim does not apply to the model flux-2-pro"
    assert exit_code([finding]) == 0


def test_a_claim_does_not_apply_to_a_model_without_its_parameter() -> None:
    claim = next(each for each in CHECKS if each.claim.id == "parameters.defaults-mean-themselves")

    assert claim.irrelevance(Model("seedless", {})) == "seedless has no parameter seed"


@pytest.mark.parametrize(("edit", "name"), FAULTS.values(), ids=FAULTS)
def test_a_fault_breaks_the_claim_about_it(edit: Callable[[Input], Input | int], name: str) -> None:
    finding = judged(f"parameters.{name}", app=misreading(edit))[f"parameters.{name}"]

    assert finding.verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("name", "edit", "expected"),
    [
        (
            "above-refused",
            seeing("guidance", lambda it: round(it, 3) if isinstance(it, float) and abs(it) < 20 else it),
            "400, since guidance is 10.000000000000002, above the documented maximum 10",
        ),
        (
            "upper-bound-accepted",
            refusing(lambda it: it.get("output_quality") == 100),
            "200, since output_quality is 100, the documented maximum",
        ),
        (
            "required-missing-refused",
            lambda it: {**PLAIN, **it},
            "400, since the required parameter prompt is missing",
        ),
        (
            "combinations-accepted",
            refusing(lambda it: it.get("output_format") == "png" and it.get("output_quality") == 80),
            "200, since each of these values is documented: ",
        ),
        (
            "defaults-mean-themselves",
            lambda it: {"guidance": 3.5, **it},
            "the same file, byte for byte, with guidance left out or set to the documented default 4",
        ),
        (
            "any-text-accepted",
            refusing(lambda it: "紙" in str(it.get("prompt")), 500),
            '200, since prompt is "紙の灯台 ガラスの海", Japanese',
        ),
    ],
)
def test_what_was_expected_says_which_value_and_why(
    name: str, edit: Callable[[Input], Input | int], expected: str
) -> None:
    finding = judged(f"parameters.{name}", app=misreading(edit))[f"parameters.{name}"]

    assert finding.expected.startswith(expected)


def test_drawn_inputs_alone_find_a_fault_and_name_the_simplest_input() -> None:
    app = misreading(seeing("num_inference_steps", lambda it: min(it, 50) if is_whole(it) else it))

    finding = judged("parameters.generated", app=app)["parameters.generated"]

    assert finding.expected == "400, since num_inference_steps violates its rule maximum: it is 51"
    assert json.loads(finding.evidence[-1].request.body)["input"] == {"prompt": "0", "num_inference_steps": 51}


def test_drawn_inputs_find_good_input_that_is_refused() -> None:
    app = misreading(refusing(lambda it: is_whole(it.get("seed")) and it["seed"] > 2**31))

    finding = judged("parameters.generated", app=app)["parameters.generated"]

    assert finding.expected.startswith("200, since each of these values is documented: ")


def test_a_server_of_changing_opinion_is_no_evidence_about_drawn_inputs() -> None:
    asked = count()

    finding = judged("parameters.generated", app=misreading(refusing(lambda _it: next(asked) == 20)))

    assert finding["parameters.generated"].verdict is Verdict.NOT_EXERCISED
    assert finding["parameters.generated"].reason == "the same input was accepted once and refused once"


def answering(edit: Callable[[int, bytes], tuple[int, bytes]]) -> WsgiApp:
    """An emulator whose answers to creates are *edit*ed: status and body."""
    app = emulator()

    def faulty(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != "/v1/prediction/":
            return app(environ, start_response)
        body, status, _ = run_wsgi_app(app, environ, buffered=True)
        edited, content = edit(int(status.split()[0]), b"".join(body))
        start_response(f"{edited} Planted", [("Content-Type", "application/json")])
        return [content]

    return faulty


def test_a_refusal_without_details_breaks_the_claim_about_its_body_alone() -> None:
    app = answering(lambda status, body: (status, body.replace(b'"details"', b'"detail"')))

    findings = judged("parameters", app=app).values()

    assert verdicts(findings, Verdict.BROKEN).keys() == {"parameters.refusal-body"}
    broken = next(each for each in findings if each.verdict is Verdict.BROKEN)
    assert broken.got == "`details` is missing"


def test_an_answer_without_an_id_breaks_the_claim_about_its_body() -> None:
    app = answering(lambda status, body: (status, body.replace(b'"predictionID"', b'"prediction_id"')))

    finding = judged("parameters.acceptance-body", app=app)["parameters.acceptance-body"]

    assert finding.expected == "the answer to a create: status, message and predictionID"
    assert finding.got == "`predictionID` is missing"


def test_a_refusal_that_says_200_is_no_acceptance_and_no_refusal() -> None:
    app = answering(lambda status, body: (200, body) if status == 400 else (status, body))

    findings = judged("parameters.above-refused", "parameters.upper-bound-accepted", app=app)

    assert findings["parameters.above-refused"].verdict is Verdict.BROKEN
    assert findings["parameters.upper-bound-accepted"].verdict is Verdict.HOLDS


def test_a_refusal_that_takes_a_slot_is_found() -> None:
    app = emulator()

    def leaking(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer, status, headers = run_wsgi_app(app, {**environ, "wsgi.input": BytesIO(body)}, buffered=True)
        if status.startswith("400"):
            spent = json.dumps({"model": "qwen-image", "input": PLAIN}).encode()
            leak = {**environ, "wsgi.input": BytesIO(spent), "CONTENT_LENGTH": str(len(spent))}
            run_wsgi_app(app, leak, buffered=True)
        start_response(status, list(headers))
        return answer

    finding = judged("parameters.refused-creates-nothing", app=leaking)["parameters.refused-creates-nothing"]

    assert finding.expected == "200 for valid input 1 of 10, since the inputs before were refused"


@pytest.mark.parametrize("name", ["refused-creates-nothing", "defaults-mean-themselves"])
def test_what_another_claim_is_about_is_not_concluded_here(name: str) -> None:
    app = misreading(lambda it: PLAIN if "seed" not in it else 400)

    finding = judged(f"parameters.{name}", app=app)[f"parameters.{name}"]

    assert finding.verdict is Verdict.NOT_EXERCISED
    assert finding.reason.endswith("another claim covers that")


def test_files_that_differ_by_themselves_show_nothing_about_defaults() -> None:
    asked = count()
    app = misreading(lambda it: {**it, "seed": next(asked)})

    finding = judged("parameters.defaults-mean-themselves", app=app)["parameters.defaults-mean-themselves"]

    assert finding.reason == "the same input and seed give different files; another claim covers that"


def test_files_that_are_not_there_show_nothing_about_defaults() -> None:
    app = emulator()

    def fileless(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        lost = environ["PATH_INFO"].startswith("/outputs/")
        return app({**environ, "PATH_INFO": "/nowhere"} if lost else environ, start_response)

    finding = judged("parameters.defaults-mean-themselves", app=fileless)["parameters.defaults-mean-themselves"]

    assert finding.reason == "the output file could not be fetched; another claim covers that"


def test_two_defaults_that_only_together_make_another_file_are_found() -> None:
    both = {"guidance", "go_fast"}
    app = misreading(lambda it: {**it, "prompt": "another"} if both <= it.keys() else it)

    finding = judged("parameters.defaults-mean-themselves", app=app)["parameters.defaults-mean-themselves"]

    assert finding.expected == (
        "the same file, byte for byte, with every parameter left out or set to the documented defaults"
    )


def is_silent_about(given: Input) -> bool:
    """Whether the page says nothing about an input: another server may well refuse it."""
    text, steps = given.get("prompt"), given.get("num_inference_steps")
    blank_or_odd = isinstance(text, str) and (
        not text.strip() or any(each < " " and each not in "\t\n\r" for each in text)
    )
    return blank_or_odd or (isinstance(steps, float) and steps.is_integer()) or not given.keys() <= PARAMETERS.keys()


LAWFUL: dict[str, WsgiApp] = {
    "it refuses where the page is silent": misreading(refusing(is_silent_about)),
    "it takes an empty prompt": misreading(seeing("prompt", lambda it: "x" if it == "" else it)),
    "its answers say more": answering(
        lambda status, body: (status, json.dumps({**json.loads(body), "request_id": "x"}).encode())
    ),
}


@pytest.mark.parametrize("app", LAWFUL.values(), ids=LAWFUL)
def test_a_lawful_difference_is_not_held_against_a_server(app: WsgiApp) -> None:
    assert verdicts(judged("parameters", app=app).values(), Verdict.BROKEN, Verdict.NOT_EXERCISED) == {}


def test_a_server_that_stumbles_now_and_then_breaks_nothing() -> None:
    asked = count()
    app = misreading(refusing(lambda _it: next(asked) % 9 == 4, 503))

    assert verdicts(judged("parameters", app=app).values(), Verdict.BROKEN, Verdict.NOT_EXERCISED) == {}


def test_without_a_control_plane_fewer_rows_are_sent_and_the_claims_still_hold() -> None:
    app = emulator(rate_limit=None, max_in_flight=None, duration=0.0)

    def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        hidden = environ["PATH_INFO"].startswith("/__mock")
        return app({**environ, "PATH_INFO": "/nowhere"} if hidden else environ, start_response)

    findings = judged("parameters", app=bare)

    assert verdicts(findings.values(), Verdict.BROKEN, Verdict.NOT_EXERCISED) == {}
    assert verdicts(findings.values(), Verdict.SKIPPED).keys() == {"parameters.refused-creates-nothing"}
    assert findings["parameters.above-refused"].conclusive == 9
    assert sum(each.requests for each in findings.values()) < 400


def test_a_blank_text_is_reported_and_not_judged() -> None:
    finding = judged("parameters.empty-text")["parameters.empty-text"]

    assert finding.verdict is Verdict.OBSERVED
    assert finding.reason == (
        'answered 400: prompt is "", empty or blank; accepted: prompt is " ", empty or blank; 2 more like it'
    )
