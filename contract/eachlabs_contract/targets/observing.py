"""Reads what an emulator's control plane shows of one world, and changes nothing there."""

from typing import Any

from eachlabs_contract.history.events import Headers, Request
from eachlabs_contract.history.journal import PARTS
from eachlabs_contract.targets import address
from eachlabs_contract.targets.control import PREFIX
from eachlabs_contract.targets.transport import NoAnswerError, Transport

OK = 200
REFUSALS = frozenset({400, 401, 403})


class NothingToSeeError(Exception):
    """No emulator shows a world there; the text says why, and what would help."""


def observed(url: str, headers: Headers) -> dict[str, Any]:
    """Return the answers of the control plane at *url*, as `eachlabs_contract.history.journal.read` takes them.

    :param url: the emulator's root, or the `/v1` below that.
    :param headers: those that choose the world: of its key, or `X-Mock-World`; and the token where there is one.
    :raises NothingToSeeError: there is none, or it refuses.
    """
    try:
        where = address.read(url)
    except ValueError as error:
        raise NothingToSeeError(str(error)) from None
    transport = _http(where.root)
    return {"source": url, **{name: _shown(transport, where.mount, name, headers) for name in PARTS}}


def _http(root: str) -> Transport:
    from eachlabs_contract.targets.http import HttpTransport  # noqa: PLC0415  # urllib3 takes its time; a saved journal needs none

    return HttpTransport(root)


def _shown(transport: Transport, mount: str, name: str, headers: Headers) -> dict[str, Any]:
    path = f"{mount}{PREFIX}/{name}"
    try:
        answer = transport.send(Request("GET", path, headers))
    except NoAnswerError as error:
        raise NothingToSeeError(f"no server answers at {transport.root}: {error}") from None
    document = answer.document
    if answer.status == OK and isinstance(document, dict):
        return document
    if answer.status in REFUSALS and isinstance(document, dict) and "detail" in document:
        raise NothingToSeeError(
            f"the control plane at {transport.root} refuses ({answer.status}): {document['detail']}"
        )
    raise NothingToSeeError(
        f"the server at {transport.root} shows no journal: {path} is answered {answer.status}; "
        "eachlabs-mock shows one, and the API itself does not"
    )
