"""Lawful variants: servers that differ from ours where the page is silent; no judge may hold it against one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from defects.toolkit import Document, Plant, inside, override, together, writing
from defects.wsgi import answering, asking, id_read_by, is_create, is_public, refuse, rewriting, saying
from eachlabs_contract.targets.open import KEY, SECOND_KEY
from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.settings.server import Settings

if TYPE_CHECKING:  # the standard library has these for type checkers only
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def as_it_is(application: Application) -> "WSGIApplication":
    """A plant that changes nothing."""
    return application.wsgi


@dataclass(frozen=True, slots=True)
class Variant:
    """A lawful server that differs from ours.

    :param settings: of the emulator.
    :param plant: what differs besides.
    :param claims: ids and groups of those where a slip of the judge would show.
    """

    name: str
    claims: tuple[str, ...]
    settings: Document = field(default_factory=dict)
    plant: Plant = as_it_is

    def serve(self) -> "WSGIApplication":
        """Return such a server, new."""
        return self.plant(assemble(Settings(**{"seed": 7, "log_format": "off", **self.settings})))


def _instead(of: int, status: int, concerns: Callable[[Request], object]) -> Plant:
    """Where a request *concerns* this, it is answered with another status."""

    def edit(request: Request, response: Response) -> None:
        if response.status_code == of and concerns(request):
            response.status_code = status

    return answering(edit)


def _forbidden(application: Application) -> "WSGIApplication":
    known = application.emulator.store.get
    return _instead(404, 403, lambda request: known(id_read_by(request)))(application)


def _failed_read(_request: Request, response: Response) -> None:
    said = response.get_json(silent=True)
    if response.status_code == 200 and isinstance(said, dict) and said.get("status") == "error":
        response.status_code = 400


def _indented(_request: Request, response: Response) -> None:
    if response.mimetype == "application/json":
        response.data = json.dumps(response.get_json(), indent=2, sort_keys=True)


def _no_null(document: Document) -> Document:
    return {**document, "webhook_url": " "} if document.get("webhook_url", "") is None else document


def _with_a_prompt(document: Document) -> Document:
    is_empty = document["input"].get("prompt") == ""
    return {**document, "input": {**document["input"], "prompt": " "}} if is_empty else document


def _smaller(document: Document) -> Document:
    sizes = {"1:1": "512x512", "16:9": "640x360", "9:16": "360x640", "4:3": "640x480", "3:4": "480x640"}
    ratio = document["input"].get("aspect_ratio", "16:9")
    size = sizes.get(ratio) if isinstance(ratio, str) else None
    return {**document, "input": {**document["input"], "image_size": size}} if size else document


def _more(said: Document) -> Document:
    told = {**said, "created_at": "2026-02-05T00:00:00Z", "region": "eu", "logs": None}
    return {**told, "metrics": {**told["metrics"], "cost": 0.025}} if "metrics" in told else told


def _dressed(_request: Request, response: Response) -> None:
    response.headers.extend({"Server": "nginx", "Set-Cookie": "a=b", "X-RateLimit-Remaining": "99", "Via": "1.1 edge"})
    if response.mimetype == "application/json":
        response.content_type = "application/json; charset=utf-8"


def _bare(_request: Request, response: Response) -> None:
    kept = {"content-type", "content-length", "allow", "retry-after"}
    for name in {each for each, _ in response.headers if each.lower() not in kept}:
        del response.headers[name]


def _no_head(request: Request, response: Response) -> None:
    if request.method == "HEAD":
        response.status_code = 405


def _no_bearer(request: Request) -> "WSGIEnvironment | None":
    return {"HTTP_AUTHORIZATION": ""} if "Authorization" in request.headers else None


def _slash_wanted(request: Request) -> "WSGIEnvironment | None":
    return {"PATH_INFO": "/v1/nothing"} if request.method == "POST" and request.path == "/v1/prediction" else None


def _models_want_a_key(request: Request, response: Response) -> None:
    if request.path in {"/v1/model", "/v1/models"} and not request.headers.get("X-API-Key"):
        refuse(response, 401, "Invalid or missing API key")


def _all_leave_with_the_first(application: Application) -> None:
    store, admit = application.emulator.store, application.emulator.store.admit

    def faulty(world: str, now: Instant, rate: Rate | None, **more: Any) -> int:
        latest = store.arrivals(world)[-1:]
        goes_on = rate and latest and now < latest[0] + rate.period
        began = latest[0] if goes_on else now
        wait = admit(world, began, rate, **more)
        return wait and wait - (now - began)

    override(store, admit=faulty)


_KEYS = {"api_key": (KEY, SECOND_KEY)}
_ODD_START = {"start": 1_770_249_637_300}  # within a minute, not at its beginning
_WINDOW = ("limits.window-ends", "limits.window-moves", "limits.window-lasts", "limits.retry-after-window")
_MORE = together(saying(lambda _status, said: _more(said)), writing(_more))

VARIANTS: tuple[Variant, ...] = (
    Variant("400 for an unknown model", ("envelope",), plant=_instead(404, 400, is_create)),
    Variant("400 for an unknown id", ("envelope", "lifecycle"), plant=_instead(404, 400, id_read_by)),
    Variant(
        "an empty prompt passes",
        ("parameters.any-text-accepted", "parameters.required-missing-refused"),
        plant=asking(_with_a_prompt),
    ),
    Variant(
        "unknown fields are refused", ("parameters.unknown-field", "envelope.unknown-fields"), {"strict_input": True}
    ),
    Variant("no Retry-After", ("limits.refusal", "limits.retry-after-form"), {"retry_after": False}),
    Variant("a window that begins with its first request", _WINDOW, plant=inside(_all_leave_with_the_first)),
    Variant("a window by the minutes of the clock", _WINDOW, {"window": "fixed", **_ODD_START}),
    Variant("refused requests count", (*_WINDOW, "limits.slots-after-cap"), {"count_refused": True}),
    Variant("a list of keys", ("envelope", "limits.second-caller"), _KEYS),
    Variant("Bearer is refused", ("envelope",), plant=rewriting(_no_bearer)),
    Variant("models want a key", ("envelope",), plant=answering(_models_want_a_key)),
    Variant("a create wants its slash", ("envelope",), plant=rewriting(_slash_wanted)),
    Variant("more fields everywhere", ("envelope.created-body", "lifecycle", "webhooks"), plant=_MORE),
    Variant("more headers", ("envelope", "outputs.format"), plant=answering(_dressed)),
    Variant("hardly any header", ("envelope", "outputs.format", "outputs.http"), plant=answering(_bare)),
    Variant("smaller pictures", ("outputs.aspect-ratio", "outputs.longest-side"), plant=asking(_smaller)),
    Variant("indented JSON", ("envelope.created-body", "lifecycle.success-body"), plant=answering(_indented)),
    Variant("403 for another's id", ("envelope.other-key",), plant=_forbidden),
    Variant("404 for a wrong method", ("envelope.wrong-method",), plant=_instead(405, 404, is_public)),
    Variant("no HEAD of files", ("outputs.http", "outputs.length"), plant=answering(_no_head)),
    Variant("a failure is read with 400", ("lifecycle",), plant=answering(_failed_read)),
    Variant("a null webhook_url is refused", ("webhooks.null-address",), plant=asking(_no_null)),
    Variant("three attempts at a webhook", ("webhooks",), {"webhook_attempts": 3}),
    Variant("files that expire", ("lifecycle", "outputs.fetched-without-key"), {"output_expiry": 3600.0}),
)


def variant(name: str) -> Variant:
    """Return the variant called *name*."""
    return next(each for each in VARIANTS if each.name == name)
