"""The public routes of the API, one per operation, so that 405 and `Allow` are right."""

import io
from collections.abc import Mapping
from typing import NoReturn

from flask import Blueprint, Response, g, jsonify, request, send_file
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable

from eachlabs_mock.core import MILLIS, ApiError, Reply
from eachlabs_mock.faults import Route
from eachlabs_mock.settings import Settings
from eachlabs_mock.web import docs
from eachlabs_mock.web.call import Call
from eachlabs_mock.web.handlers import UNSNIFFED, Handlers, Operation
from eachlabs_mock.web.openapi import openapi_document
from eachlabs_mock.web.output_cache import OutputCache

PAGE_MODEL = "qwen-image"
"""The model whose page the profile follows; the docs page lists it first."""

MOST_MODELS = 500
DEFAULT_MODELS = 50
MOST_DIGITS = 1000  # of a number in a query; int() refuses a few thousand
A_DAY = 86_400  # seconds; the bytes of an output never change


class PublicApi:
    """The routes under `/v1` and `/outputs`."""

    def __init__(self, handlers: Handlers, output_cache: OutputCache) -> None:
        self._handlers = handlers
        self._emulator = handlers.emulator
        self._profile = handlers.profile
        self._output_cache = output_cache

    def blueprint(self) -> Blueprint:
        """Return the routes, for an application to mount."""
        routes = Blueprint("api", __name__)
        for rule, method, view in (
            ("/v1/prediction/", "POST", self.create),
            ("/v1/prediction", "POST", self.create),  # strict_slashes=False gives no 405 without the slash
            ("/v1/prediction/run", "POST", self.run),
            ("/v1/prediction/<prediction_id>", "GET", self.read),
            ("/v1/models", "GET", self.models),
            ("/v1/model", "GET", self.model),
            ("/v1/openapi.json", "GET", self.contract),
            ("/v1/docs", "GET", self.docs_page),
            ("/outputs/<name>", "GET", self.output),
        ):
            routes.add_url_rule(rule, view_func=view, methods=[method], strict_slashes=False)
        return routes

    def create(self) -> Response:
        """`POST /v1/prediction/`."""
        return self._answer("create", self._handlers.create)

    def read(self, prediction_id: str) -> Response:
        """`GET /v1/prediction/{id}`."""
        return self._answer("read", self._handlers.read, prediction_id)

    def run(self) -> NoReturn:
        """`POST /v1/prediction/run`: a route of the live profile only, so 404 here and not 405."""
        raise NotFound

    def models(self) -> Response:
        """`GET /v1/models`; needs no key, like the real service."""
        return self._answer("models", self._models)

    def model(self) -> Response:
        """`GET /v1/model?slug=`."""
        return self._answer("models", self._model)

    def _models(self, call: Call) -> Reply:
        limit = _whole(request.args.get("limit"), DEFAULT_MODELS, 1, MOST_MODELS)
        offset = _whole(request.args.get("offset"), 0, 0, None)
        if limit is None or offset is None:
            return self._catalogue_refused(call, 400, f"invalid {'limit' if limit is None else 'offset'} parameter")
        models = self._emulator.catalog.search(request.args.get("name"), limit, offset)
        return Reply(200, self._profile.models(models))

    def _model(self, call: Call) -> Reply:
        slug = request.args.get("slug")
        if not slug:
            return self._catalogue_refused(call, 400, "slug parameter is required")
        model = self._emulator.catalog.get(slug)
        if model is None:
            return self._catalogue_refused(call, 404, "Failed to fetch model: model not found")
        return Reply(200, self._profile.model(model))

    def contract(self) -> Response:
        """`GET /v1/openapi.json`: the OpenAPI document of the profile in force."""
        return jsonify(openapi_document(self._emulator.settings.profile, f"{_call().public_base}/v1"))

    def docs_page(self) -> Response:
        """`GET /v1/docs`."""
        models = self._emulator.catalog.search(None, MOST_MODELS, 0)
        models.sort(key=lambda model: model.slug != PAGE_MODEL)
        settings = self._emulator.settings
        page = docs.render(settings.profile, f"{_call().public_base}/v1", models, _limits(settings))
        return Response(page, headers=[UNSNIFFED, ("Content-Security-Policy", docs.POLICY)])

    def output(self, name: str) -> Response:
        """`GET /outputs/{name}`: the image; Werkzeug handles range and conditional requests."""
        return self._answer("output", lambda call: self._output(call, name), name[:36])

    def _output(self, call: Call, name: str) -> Reply:
        prediction, index = self._emulator.output(name)
        call.world = self._emulator.worlds.find(prediction.world)
        image = self._output_cache.image(prediction, index)
        content = io.BytesIO(image.content)
        try:
            return as_reply(send_file(content, image.media_type, conditional=True, etag=image.etag, max_age=A_DAY))
        except RequestedRangeNotSatisfiable as error:
            header = ("Content-Range", f"bytes */{error.length}")
            advice = f"The output has {error.length} bytes."
            raise ApiError("unsatisfiable_range", advice, headers=(header,)) from None

    def _answer(self, route: Route, operation: Operation, subject: str = "") -> Response:
        call = _call()
        call.route, call.subject = route, subject
        return as_response(self._handlers.answer(call, operation))

    def _catalogue_refused(self, call: Call, status: int, text: str) -> Reply:
        call.refusal = text
        return Reply(status, self._profile.catalogue_refused(text))


def as_response(reply: Reply) -> Response:
    """Return *reply* as a Flask response."""
    content_type = (("Content-Type", reply.content_type),) if reply.content_type else ()
    response = Response(reply.body, reply.status, [*content_type, *reply.headers])
    if not content_type:
        del response.headers["Content-Type"]  # Flask adds a default one
    return response


def as_reply(response: Response) -> Reply:
    """Return a Flask response as a reply."""
    response.direct_passthrough = False  # else it has a file, not its content
    own = {"content-type", "content-length"}
    headers = tuple((name, value) for name, value in response.headers if name.lower() not in own)
    return Reply(response.status_code, response.get_data(), headers, response.content_type or "")


def _call() -> Call:
    call: Call = g.call
    return call


def _whole(text: str | None, default: int, low: int, high: int | None) -> int | None:
    """Return the number in *text*; None where it is not a number from *low* to *high*."""
    if text is None:
        return default
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < MOST_DIGITS else -1
    return value if value >= low and (high is None or value <= high) else None


def _limits(settings: Settings) -> Mapping[str, str]:
    rate = settings.rate_limit
    return {
        "Requests per key": f"{rate.limit} per {rate.period / MILLIS:g} s" if rate else "no limit",
        "Predictions in flight per key": str(settings.max_in_flight or "no limit"),
        "Webhook timeout": f"{settings.webhook_timeout:g} s",
    }
