"""Defects in the output files: their type, their size, their address."""

from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from defects.toolkit import Defect, Document, together, writing
from defects.wsgi import OUTPUT, answering, asking, mending, rewriting, saying
from eachlabs_mock.app import Application

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def _always_webp(request: Request, response: Response) -> None:
    if request.path.startswith(OUTPUT) and response.status_code in {200, 206}:
        response.content_type = "image/webp"


def _landscape(value: Any) -> object:
    return "16:9" if value == "9:16" else value


def _without_quality(document: Document) -> Document:
    quality = document["input"].get("output_quality")
    if type(quality) is not int or not 0 <= quality <= 100:  # that is for the emulator to refuse
        return document
    return {**document, "input": {**document["input"], "output_quality": 80}}


def _named_webp(said: Document) -> Document:
    return {**said, "output": said["output"].rpartition(".")[0] + ".webp"} if said.get("output") else said


def _found_by_its_id(application: Application) -> "WSGIApplication":
    def rewrite(request: Request) -> "WSGIEnvironment | None":
        prediction_id = request.path.removeprefix(OUTPUT).removesuffix(".webp")
        known = application.emulator.store.get(prediction_id) if request.path.startswith(OUTPUT) else None
        return {"PATH_INFO": OUTPUT + known.outputs[0]} if known else None

    return rewriting(rewrite)(application)


_called_webp = together(saying(lambda _status, said: _named_webp(said)), writing(_named_webp), _found_by_its_id)

DEFECTS = (
    Defect("O01", "outputs.format", "every file is said to be webp", answering(_always_webp)),
    Defect("O03", "outputs.aspect-ratio", "9:16 comes as 16:9", mending("aspect_ratio", _landscape)),
    Defect("O05", "outputs.extension", "every address ends in .webp", _called_webp),
    Defect("O06", "outputs.quality", "output_quality changes nothing", asking(_without_quality)),
)
