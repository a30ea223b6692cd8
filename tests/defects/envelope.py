"""Defects in what surrounds every exchange: keys, identifiers, the shape of answers."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from defects.toolkit import Defect, Document, inside, override, per_world
from defects.wsgi import answering, id_read_by, is_create, parsed, refuse, rewriting, saying, without
from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core.prediction import Prediction, Status
from eachlabs_mock.emulator.api_keys import Access
from eachlabs_mock.emulator.creation import ValidCreate
from eachlabs_mock.emulator.world import World
from eachlabs_mock.settings.server import Settings

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def _shows_no_key(request: Request) -> bool:
    return not request.headers.get("X-API-Key") and "Authorization" not in request.headers


def _forbidden(request: Request, response: Response) -> None:
    if response.status_code == 401 and _shows_no_key(request):
        response.status_code = 403


def _reads_need_no_key(application: Application) -> "WSGIApplication":
    def rewrite(request: Request) -> "WSGIEnvironment | None":
        if not id_read_by(request) or not _shows_no_key(request):
            return None
        known = application.emulator.store.get(id_read_by(request))
        return {"HTTP_X_API_KEY": "anybody", **({"HTTP_X_MOCK_WORLD": known.world} if known else {})}

    return rewriting(rewrite)(application)


class _Gullible(Access):
    def valid_key(self, shown: Sequence[str]) -> str:
        return next(filter(None, shown), "") or super().valid_key(shown)


def _any_key_is_good(application: Application) -> None:
    application.emulator._access = _Gullible(())


def _judges_before_it_looks_at_keys(application: Application) -> "WSGIApplication":
    judge = assemble(Settings(seed=7, log_format="off", rate_limit=None, max_in_flight=None)).wsgi

    def edit(request: Request, response: Response) -> None:
        if response.status_code == 401 and is_create(request):
            judged = Response.from_app(judge, {**request.environ, "HTTP_X_API_KEY": "anybody"}, buffered=True)
            if judged.status_code == 400:
                response.status_code, response.data = 400, judged.data

    return answering(edit)(application)


def _readable_by_everybody(application: Application) -> None:
    worlds, store, read = application.emulator.worlds, application.emulator.store, application.emulator.read

    def faulty(world: World, prediction_id: str) -> tuple[Prediction, Status]:
        known = store.get(prediction_id)
        return read((worlds.find(known.world) if known else None) or world, prediction_id)

    override(application.emulator, read=faulty)


def _nothing_is_unknown(request: Request, response: Response) -> None:
    if response.status_code == 404 and (prediction_id := id_read_by(request)):
        said = {"status": "processing", "predictionID": prediction_id, "message": "Prediction is being processed"}
        response.status_code, response.data = 200, json.dumps(said)


def _refused_in_html(_request: Request, response: Response) -> None:
    if response.status_code == 400:
        response.content_type = "text/html; charset=utf-8"
        response.data = "<!doctype html><title>400 Bad Request</title><h1>Bad Request</h1>"


def _without_details(status: int, said: Document) -> Document:
    return without(said, "details") if status >= 400 else said


def _failed(status: int, said: Document) -> Document:
    return {**said, "status": "failed"} if status >= 400 else said


def _objects_only(request: Request, response: Response) -> None:
    with suppress(ValueError):
        if response.status_code == 400 and not isinstance(parsed(request), dict):
            refuse(response, 500, "Internal server error")


def _snake_case(status: int, said: Document) -> Document:
    if status != 200 or said.get("message") != "Prediction created successfully":
        return said
    return {**without(said, "predictionID"), "prediction_id": said["predictionID"]}


def _same_again(application: Application) -> None:
    place, remembered = application.emulator.create, per_world()

    def faulty(world: World, order: ValidCreate) -> Prediction:
        earlier: dict[str, Prediction] = remembered.setdefault(world, {})
        work = repr((order.model.slug, order.input, order.webhook_url))
        if work not in earlier:
            earlier[work] = place(world, order)
        return earlier[work]

    override(application.emulator, create=faulty)


DEFECTS = (
    Defect("H01", "envelope.missing-key", "a missing key is answered 403", answering(_forbidden)),
    Defect("H02", "envelope.key-guards-predictions", "reads need no key", _reads_need_no_key),
    Defect("H03", "envelope.bad-key", "any key that says something is good", inside(_any_key_is_good)),
    Defect("H04", "envelope.key-before-body", "the body is judged before the key", _judges_before_it_looks_at_keys),
    Defect("H05", "envelope.other-key", "predictions are readable with anybody's key", inside(_readable_by_everybody)),
    Defect("H07", "envelope.unknown-id", "an unknown id is told to be processing", answering(_nothing_is_unknown)),
    Defect("H08", "envelope.error-body", "400 comes as HTML", answering(_refused_in_html)),
    Defect("H09", "envelope.error-body", "refusals lack details", saying(_without_details)),
    Defect("H10", "envelope.error-body", "refusals say failed", saying(_failed)),
    Defect("H12", "envelope.no-object", "a body that is no object ends in 500", answering(_objects_only)),
    Defect("H14", "envelope.created-body", "creates answer with prediction_id", saying(_snake_case)),
    Defect("H15", "envelope.ids-differ", "the same body again gets the earlier id", inside(_same_again)),
)
