"""Tools to plant defects round a sound emulator: its requests are edited on the way in, its answers on the way out."""

import json
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from defects.toolkit import Document, Plant
from eachlabs_mock.app import Application

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CREATE = frozenset({"/v1/prediction", "/v1/prediction/"})
READ = "/v1/prediction/"
OUTPUT = "/outputs/"


def asking(edit: Callable[[Document], Document]) -> Plant:
    """A create is taken as though its body said what *edit* makes of it; the same object again: as it came."""
    return rewriting(lambda request: _edited(request, edit) if is_create(request) else None)


def mending(name: str, mend: Callable[[Any], object]) -> Plant:
    """A parameter of a create is taken as though its value were what *mend* makes of it."""

    def edit(document: Document) -> Document:
        given = document["input"]
        if name not in given or (mended := mend(given[name])) is given[name]:
            return document
        return {**document, "input": {**given, name: mended}}

    return asking(edit)


def rewriting(rewrite: Callable[[Request], "WSGIEnvironment | None"]) -> Plant:
    """A request of the API is taken as though its WSGI environment held what *rewrite* returns besides."""

    def plant(application: Application) -> "WSGIApplication":
        def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            request = _buffered(environ)
            more = rewrite(request) if is_public(request) else None
            return application.wsgi({**environ, **(more or {})}, start_response)

        return wsgi

    return plant


def answering(edit: Callable[[Request, Response], object]) -> Plant:
    """An answer of the API goes out as *edit* leaves it."""

    def plant(application: Application) -> "WSGIApplication":
        def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            request = _buffered(environ)
            if not is_public(request):
                return application.wsgi(environ, start_response)
            response = Response.from_app(application.wsgi, dict(environ), buffered=True)
            environ["wsgi.input"] = BytesIO(request.get_data())  # whoever edits may want to read it again
            edit(request, response)
            return response(environ, start_response)

        return wsgi

    return plant


def saying(edit: Callable[[int, Document], Document]) -> Plant:
    """An answer about predictions says what *edit* makes of its HTTP status and its body."""

    def change(request: Request, response: Response) -> None:
        said = response.get_json(silent=True)
        if request.path.startswith("/v1/prediction") and isinstance(said, dict):
            response.data = json.dumps(edit(response.status_code, said))

    return answering(change)


def refuse(response: Response, status: int, message: str) -> None:
    """Make *response* a refusal in the page's words."""
    response.status_code = status
    response.data = json.dumps({"status": "error", "message": message, "details": "See the documentation."})


def without(document: Document, *names: str) -> Document:
    """Return *document* without the fields called *names*."""
    return {name: value for name, value in document.items() if name not in names}


def parsed(request: Request) -> object:
    """Return the body of *request* read as JSON.

    :raises ValueError: it is none.
    """
    return json.loads(request.get_data().decode())


def is_create(request: Request) -> bool:
    """Say whether *request* is one for a new prediction."""
    return request.method == "POST" and request.path in CREATE


def id_read_by(request: Request) -> str:
    """Return the id of the prediction that *request* asks for; nothing where it asks for none."""
    prediction_id = request.path.removeprefix(READ).rstrip("/")
    is_read = request.method == "GET" and request.path.startswith(READ) and "/" not in prediction_id
    return prediction_id if is_read else ""


def is_public(request: Request) -> bool:
    """Say whether *request* is for the API or its outputs, not for the emulator's owner."""
    return not request.path.startswith("/__mock")


def _edited(request: Request, edit: Callable[[Document], Document]) -> "WSGIEnvironment | None":
    try:
        document = parsed(request)
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("input"), dict):
        return None
    edited = edit(document)
    if edited is document:  # every byte as it was sent: the way something is written may matter, too
        return None
    body = json.dumps(edited).encode()
    return {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _buffered(environ: "WSGIEnvironment") -> Request:
    """Return the request in *environ*, whose body the emulator can read after us."""
    request = Request(environ)
    body = request.get_data()
    environ["wsgi.input"] = BytesIO(body)
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return request
