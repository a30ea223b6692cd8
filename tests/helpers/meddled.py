"""An emulator whose answers are changed on their way to the caller."""

import json
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from werkzeug.wrappers import Request, Response

from eachlabs_contract.targets.transport import WsgiApp
from helpers.judged import emulator

Edit = Callable[[Request, Response], object]


def meddled(edit: Edit, app: WsgiApp | None = None) -> WsgiApp:
    """Return an emulator whose answers, except those of its control plane, are changed by *edit*."""
    app = app or emulator()

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        environ["wsgi.input"] = BytesIO(request.get_data())
        if request.path.startswith("/__mock"):
            return app(environ, start_response)
        response = Response.from_app(app, dict(environ), buffered=True)
        edit(request, response)
        return response(environ, start_response)

    return wsgi


def saying(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Edit:
    """Return an edit that applies *change* to every JSON object."""

    def edit(_: Request, response: Response) -> None:
        if isinstance(said := response.get_json(silent=True), dict):
            say(response, change(said))

    return edit


def say(response: Response, document: object, status: int | None = None) -> None:
    """Replace the body of *response* with JSON."""
    response.data = json.dumps(document)
    response.content_type = "application/json"
    response.status_code = status or response.status_code


def instead(old: int, new: int, method: str = "") -> Edit:
    """Return an edit that replaces the status *old* with *new*."""

    def edit(request: Request, response: Response) -> None:
        if response.status_code == old and method in {"", request.method}:
            response.status_code = new

    return edit
