"""The checks of output files: each holds on the sound emulator, and each falls when its promise is broken."""

from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from werkzeug.wrappers import Request, Response

from defects.toolkit import Document, Plant, together
from defects.wsgi import OUTPUT, answering, asking, mending, rewriting, saying
from eachlabs_contract.checks.outputs import claims
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history.events import Exchange
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.verdict import Finding, Verdict
from eachlabs_mock.app import Application, assemble
from eachlabs_mock.settings.server import Settings
from helpers.judged import emulator, judged

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication

IDS = [each.claim.id for each in claims.CHECKS if each.claim.id != "outputs.count"]  # qwen-image makes one picture
OTHER_MODELS = ["z-image-turbo-lora", "flux-2-pro"]

Edit = Callable[[Image.Image], Image.Image]

pytestmark = pytest.mark.slow


def found(plant: Plant, claim: str) -> Finding:
    """Return what is found about *claim* where *plant* was at work."""
    return judged(claim, app=plant(assemble(Settings(seed=7, log_format="off"))))[claim]


def redrawn(edit: Edit, *, suffix: str = "", kind: str = "", **saving: Any) -> Plant:
    """The files that end in *suffix* show what *edit* makes of their picture, saved as *kind* if not as before."""

    def change(request: Request, response: Response) -> None:
        if request.path.startswith(OUTPUT) and request.path.endswith(suffix) and response.status_code == 200:
            picture, buffer = Image.open(BytesIO(response.data)), BytesIO()
            edit(picture).save(buffer, kind or picture.format, **saving)
            response.data = buffer.getvalue()

    return answering(change)


def filed(edit: Callable[[Request, Response], object]) -> Plant:
    """A file goes out as *edit* leaves it."""
    return answering(lambda request, response: edit(request, response) if request.path.startswith(OUTPUT) else None)


def given(edit: Callable[[Document], Document]) -> Plant:
    """A create is taken as though its input were what *edit* makes of it."""
    return asking(lambda document: {**document, "input": edit(document["input"])})


def as_it_is(picture: Image.Image) -> Image.Image:
    return picture


def low(picture: Image.Image) -> Image.Image:
    return picture.crop((0, 0, picture.width, picture.height - 4))


def named(extension: str, before: str = "") -> Plant:
    """Addresses that end in *before* end in *extension* instead."""
    return saying(lambda _status, said: _renamed(said, extension) if said.get("output", "").endswith(before) else said)


def _renamed(said: Document, extension: str) -> Document:
    return {**said, "output": said["output"].rpartition(".")[0] + extension} if "output" in said else said


def wanting_a_key(request: Request, response: Response) -> None:
    if "X-API-Key" not in request.headers:
        response.status_code = 401


def gone_after(times: int) -> Plant:
    fetched = count()

    def edit(_request: Request, response: Response) -> None:
        if next(fetched) >= times:
            response.status_code = 404

    return filed(edit)


def changing() -> Plant:
    fetched = count()
    return filed(lambda _request, response: setattr(response, "data", response.data + b"%d" % next(fetched)))


def found_too_early(_request: Request, response: Response) -> None:
    response.status_code = 200


def failing_without_a_file(_request: Request, response: Response) -> None:
    if response.status_code == 404:
        response.status_code = 500


def never_missing(_request: Request, response: Response) -> None:
    if response.status_code == 404:
        response.status_code, response.data = 200, b"nothing"


def any_file_of_its_own(application: Application) -> "WSGIApplication":
    """What comes of an address of a known prediction that has no such file is a failure."""
    known = application.emulator.store.get

    def fail(request: Request, response: Response) -> None:
        if response.status_code == 404 and known(request.path.removeprefix(OUTPUT)[:36]):
            response.status_code = 500

    return filed(fail)(application)


def cut_short(_request: Request, response: Response) -> None:
    response.data = response.data[:100]


def unmeasured(request: Request, response: Response) -> None:
    if request.method == "GET":
        response.headers["Content-Length"] = "7"


def of_another_type_to_head(request: Request, response: Response) -> None:
    if request.method == "HEAD":
        response.content_type = "text/html"


@pytest.mark.parametrize("identity", IDS)
def test_claim_holds_on_the_sound_emulator(identity: str) -> None:
    finding = judged(identity)[identity]

    expected = {Verdict.OBSERVED} if finding.claim.level is Level.CHOICE else {Verdict.HOLDS}
    assert finding.verdict in expected, finding


@pytest.mark.parametrize("slug", OTHER_MODELS)
def test_no_claim_is_broken_by_a_sound_emulator_of_another_model(slug: str) -> None:
    with in_process(emulator(), slug) as target:
        findings = Runner(target, claims.CHECKS).run()

    assert [each for each in findings if each.verdict in {Verdict.BROKEN, Verdict.NOT_EXERCISED}] == []


BROKEN = [
    ("fetched-without-key", "a key is wanted", filed(wanting_a_key), "200 and a picture"),
    ("fetched-without-key", "the second fetch finds nothing", gone_after(1), "the same"),
    ("fetched-without-key", "each fetch brings other bytes", changing(), "the same"),
    ("fetched-without-key", "the file is cut short", filed(cut_short), "200 and a picture"),
    ("length", "Content-Length is wrong", filed(unmeasured), "the length of the body"),
    ("length", "HEAD tells another type", filed(of_another_type_to_head), "as with GET"),
    ("not-before-success", "there is a file at once", filed(found_too_early), "404, since the prediction still runs"),
    ("no-such-file", "nothing is ever missing", filed(never_missing), "404, since no prediction has this id"),
    ("no-such-file", "it fails without a file", filed(failing_without_a_file), "no prediction has this id"),
    ("no-such-file", "it fails without that file", any_file_of_its_own, "the prediction has no such file"),
    ("format", "jpg is sent as png", redrawn(as_it_is, suffix=".jpg", kind="PNG"), "JPEG bytes as image/jpeg"),
    ("format", "webp is sent as jpg", redrawn(as_it_is, suffix=".webp", kind="JPEG"), "WEBP bytes as image/webp"),
    (
        "format",
        "the type is image/jpg",
        filed(lambda _request, response: _retyped(response, "image/jpeg", "image/jpg")),
        "JPEG bytes as image/jpeg",
    ),
    ("format", "the default is png", given(lambda it: {"output_format": "png", **it}), "WEBP bytes"),
    ("extension", "jpg is called jpeg", named(".jpeg", before=".jpg"), ".jpg"),
    ("extension", "all is called bin", named(".bin"), ".webp"),
    ("aspect-ratio", "4:3 comes as 3:4", mending("aspect_ratio", lambda it: "3:4" if it == "4:3" else it), "4:3"),
    ("aspect-ratio", "all is square", mending("aspect_ratio", lambda _it: "1:1"), "16:9"),
    ("aspect-ratio", "four rows are missing", redrawn(low), "1:1"),
    ("aspect-ratio", "the default is square", given(lambda it: {"aspect_ratio": "1:1", **it}), "16:9"),
    ("longest-side", "all is 1600 pixels wide", redrawn(lambda it: it.resize((1600, 900))), "1536"),
    ("quality", "jpg ignores it", given(lambda it: _changed(it, "jpg", output_quality=80)), "jpg files that grow"),
    ("quality", "webp ignores it", given(lambda it: _changed(it, "webp", output_quality=80)), "webp files that grow"),
    (
        "quality",
        "0 is taken for nothing",
        given(lambda it: it if it.get("output_quality") else {**it, "output_quality": 80}),
        "webp files that grow",
    ),
    (
        "quality",
        "png loses by it",
        given(lambda it: _changed(it, "png", num_inference_steps=1) if it.get("output_quality") == 0 else it),
        "the same png",
    ),
    ("reproducible", "a seed of 0 is none", given(lambda it: _without(it, 0)), "seed 0"),
    ("reproducible", "every seed is none", given(lambda it: _without(it, it.get("seed"))), "seed 7"),
    ("seed-matters", "one seed for all", mending("seed", lambda _it: 1), "a picture other"),
    ("prompt-matters", "one prompt for all", mending("prompt", lambda _it: "A lighthouse"), "a picture other"),
]


def _retyped(response: Response, before: str, after: str) -> None:
    if response.mimetype == before:
        response.content_type = after


def _changed(given_input: Document, output_format: str, **more: object) -> Document:
    return {**given_input, **more} if given_input.get("output_format", "webp") == output_format else given_input


def _without(given_input: Document, seed: object) -> Document:
    return {name: each for name, each in given_input.items() if name != "seed" or each != seed}


@pytest.mark.parametrize(
    ("claim", "plant", "expected"), [pytest.param(each[0], *each[2:], id=f"{each[0]}: {each[1]}") for each in BROKEN]
)
def test_claim_is_broken_where(claim: str, plant: Plant, expected: str) -> None:
    finding = found(plant, f"outputs.{claim}")

    assert finding.verdict is Verdict.BROKEN, finding
    assert expected in finding.expected


def test_failure_names_what_came_in_words() -> None:
    finding = found(redrawn(as_it_is, suffix=".jpg", kind="PNG"), "outputs.format")

    assert finding.got.startswith("200 image/jpeg, ")
    assert finding.got.endswith(" bytes, PNG of 1536x864")


def test_failure_shows_the_way_from_the_create_to_the_file() -> None:
    finding = found(redrawn(low), "outputs.aspect-ratio")

    way = [(each.caller, each.request.path.split("/")[1]) for each in finding.evidence if isinstance(each, Exchange)]
    assert way == [("owner", "v1"), ("owner", "v1"), ("nobody", "outputs")]


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(saying(lambda _status, said: {**said, "output": "https://cdn.example/x"}), id="elsewhere"),
        pytest.param(saying(lambda _status, said: {**said, "status": "error"}), id="failed"),
        pytest.param(saying(lambda _status, said: {**said, "predictionID": ""}), id="without an id"),
    ],
)
def test_nothing_is_concluded_where_there_is_no_file_to_fetch(plant: Plant) -> None:
    assert found(plant, "outputs.aspect-ratio").verdict is Verdict.NOT_EXERCISED


@pytest.mark.parametrize("claim", ["outputs.not-before-success", "outputs.no-such-file"])
def test_no_address_is_guessed_that_does_not_follow_from_the_id(claim: str) -> None:
    real: list[str] = []

    def rename(_status: int, said: Document) -> Document:
        root, found_it, name = said.get("output", "").partition("/outputs/")
        real.extend([name] if found_it else [])
        return {**said, "output": f"{root}/outputs/file"} if found_it else said

    def find(request: Request) -> Any:
        return {"PATH_INFO": f"{OUTPUT}{real[-1]}"} if request.path.startswith(OUTPUT) else None

    finding = found(together(saying(rename), rewriting(find)), claim)

    assert finding.verdict is Verdict.NOT_EXERCISED
    assert "does not contain the id" in finding.reason


@pytest.mark.parametrize("extension", ["", ".webp?signature=a.b"])
def test_an_address_need_not_have_an_extension(extension: str) -> None:
    assert found(named(extension, before=".webp"), "outputs.extension").verdict is Verdict.HOLDS


def test_sizes_are_reported() -> None:
    reason = judged("outputs.sizes")["outputs.sizes"].reason

    assert reason.startswith("1:1 is 1536x1536; 16:9 is 1536x864")


def test_missing_etag_and_refused_range_are_reported() -> None:
    def edit(request: Request, response: Response) -> None:
        response.headers.pop("ETag", None)
        if "Range" in request.headers:
            response.status_code = 416

    reason = found(filed(edit), "outputs.http").reason

    assert reason == "HEAD is answered 200; there is no ETag; a range is answered 416"


def test_head_may_be_refused() -> None:
    def edit(request: Request, response: Response) -> None:
        if request.method == "HEAD":
            response.status_code = 405

    assert found(filed(edit), "outputs.length").verdict is Verdict.HOLDS


def test_prediction_that_does_not_fail_when_told_to_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "fail_next", lambda *_: None)

    assert judged("outputs.not-before-success")["outputs.not-before-success"].verdict is Verdict.NOT_EXERCISED


def test_pictures_are_counted() -> None:
    with in_process(emulator(), "z-image-turbo-lora") as target:
        (finding,) = Runner(target, [each for each in claims.CHECKS if each.claim.id == "outputs.count"]).run()

    assert finding.verdict is Verdict.HOLDS, finding
