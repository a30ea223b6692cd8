"""The Flask application: headers, log and journal of every request, and the answers to unknown routes and errors."""

from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Flask, Request, Response, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import MapAdapter

from eachlabs_mock.core import JSON, ApiError
from eachlabs_mock.web.call import MAX_DOCUMENT, Call
from eachlabs_mock.web.handlers import Handlers
from eachlabs_mock.web.problem import Problem
from eachlabs_mock.web.routes import as_response


class _AnyQuery(Request):
    """A request whose query may have any bytes: those that are not UTF-8 are replaced, as percent-encoded ones are."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        text = self.query_string.decode("utf-8", "replace")
        return ImmutableMultiDict(parse_qsl(text, keep_blank_values=True, errors="replace"))


class _Json(DefaultJSONProvider):
    """JSON by orjson, which is ten times as fast as the standard library; other threads wait meanwhile."""

    def dumps(self, obj: object, **_: object) -> str:
        return orjson.dumps(obj, option=orjson.OPT_SORT_KEYS).decode()


class _AnyHost(Flask):
    """Routes by path and method only, like the lane: a `Host` header that is not a host name is no error."""

    request_class = _AnyQuery
    json_provider_class = _Json

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        return self.url_map.bind("", path_info=request.path, default_method=request.method)


def make_flask_app(handlers: Handlers, *blueprints: Blueprint) -> Flask:
    """Return a Flask application with *blueprints*. Every answer has the common headers, every error a JSON body."""
    app = _AnyHost("eachlabs_mock", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_DOCUMENT
    app.url_map.merge_slashes = False  # a redirect would turn a POST into a GET in most clients
    for blueprint in blueprints:
        app.register_blueprint(blueprint)

    @app.before_request
    def begin() -> None:
        g.call = Call(request.environ)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.extend(handlers.common_headers(g.call))
        if request.method == "OPTIONS":
            if not response.content_length:
                del response.headers["Content-Type"]  # Flask labels its empty answer as HTML
            response.headers.extend(handlers.preflight_headers(g.call, response.headers.get("Allow", "")))
        # The journal does not keep the bytes of outputs.
        is_shown = g.call.route != "output" or response.mimetype == JSON
        body = response.get_data() if is_shown else b""
        handlers.note(g.call, response.status_code, body, response.headers.get("Retry-After", ""))
        return response

    @app.errorhandler(Exception)
    def refuse(error: Exception) -> Response:
        refusal = handlers.refusal(g.call, _api_error(error) if isinstance(error, HTTPException) else error)
        if not request.path.startswith("/__mock/"):
            return as_response(handlers.refused(refusal))
        problem = Problem(HTTPStatus(refusal.refusal.status), refusal.details).response()
        problem.headers.extend(refusal.headers)
        return problem

    return app


def _api_error(error: HTTPException) -> ApiError:
    match error:
        case NotFound():
            return ApiError("unknown_route", _route_advice(request.path))
        case MethodNotAllowed():
            allow = ", ".join(sorted(error.valid_methods or ()))
            advice = f"{request.method} is not allowed here; allowed methods: {allow}."
            return ApiError("wrong_method", advice, headers=(("Allow", allow),))
        case RequestEntityTooLarge():
            return ApiError("body_too_large", f"The body has more than {MAX_DOCUMENT} bytes.")
        case _:
            return ApiError("bad_request", str(error.description))


def _route_advice(path: str) -> str:
    shown = path[:200]
    if not path.startswith(("/v1/", "/__mock/")) and current_app.url_map.bind("").allowed_methods(f"/v1{path}"):
        return f"Unknown route {shown}. The base URL ends in /v1; did you mean /v1{shown}?"
    listing = "/__mock/openapi.json" if path.startswith("/__mock/") else "/v1/docs"
    return f"Unknown route {shown}. GET {listing} lists the routes."
