"""An emulator with somebody between it and its callers, who changes what it answers."""

import json
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from werkzeug.wrappers import Request, Response

from eachlabs_contract.targets.transport import WsgiApp
from helpers.judged import emulator

Edit = Callable[[Request, Response], object]


def meddled(edit: Edit, app: WsgiApp | None = None) -> WsgiApp:
    """Return an emulator whose every answer, but for those of its control plane, goes out as *edit* leaves it."""
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
    """Return an edit that makes of every JSON object what *change* makes of it."""

    def edit(_: Request, response: Response) -> None:
        if isinstance(said := response.get_json(silent=True), dict):
            say(response, change(said))

    return edit


def say(response: Response, document: object, status: int | None = None) -> None:
    """Make *response* a JSON one."""
    response.data = json.dumps(document)
    response.content_type = "application/json"
    response.status_code = status or response.status_code


def instead(old: int, new: int, method: str = "") -> Edit:
    """Return an edit that answers with the status *new* where the emulator has *old*."""

    def edit(request: Request, response: Response) -> None:
        if response.status_code == old and method in {"", request.method}:
            response.status_code = new

    return edit
