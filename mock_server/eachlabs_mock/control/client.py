"""Calls of the control plane of one world, and its refusals as exceptions."""

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]
"""Takes method, path, headers and body; returns HTTP status and body."""

OK = 200

PATIENCE = 300.0
"""Real seconds until a call is given up. An advance waits for every webhook on its way, so it may take its time."""


class ControlError(Exception):
    """The control plane refused a call; the text says which, why, and what would be right.

    :ivar status: the HTTP status: 400 for what will not do, 408 for a wait in vain.
    :ivar field: the field it was about; empty: the call as a whole.
    :ivar body: all of the answer.
    """

    def __init__(self, call: str, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.field = str(body.get("field", ""))
        self.body = body
        super().__init__(f"{call} was answered {status}: {_reason(body)}")


class Control:
    """The control plane, as the owner of the world of *api_key* sees it.

    :param send: makes a call.
    :param token: what the control plane wants in `X-Mock-Token`; empty: nothing.
    """

    def __init__(self, send: Send, api_key: str, token: str = "") -> None:
        self._send = send
        self._headers = {"X-API-Key": api_key, "X-Mock-Token": token, "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  # JSON is Any
        """Return what a call is answered with.

        :param path: below ``/__mock``.
        :raises ControlError: it is refused.
        :raises ConnectionError: nobody answers.
        """
        path = f"/__mock{path}"
        sent = b"" if body is None else json.dumps(body).encode()
        status, answer = self._send(method, path, self._headers, sent)
        if status != OK:
            raise ControlError(f"{method} {path}", status, _document(answer))
        return json.loads(answer)


def over_http(url: str, patience: float = PATIENCE) -> Send:
    """Return what makes calls to the server at *url*, each given up after so many real seconds of *patience*.

    The standard library makes them: `requests` may be what a test has replaced, or told to use a proxy.
    """
    address = urlsplit(url)

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection(address.hostname or "", address.port, timeout=patience)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException) as error:
            raise ConnectionError(f"the emulator on {url} does not answer {method} {path}: {error!r}") from error
        finally:
            connection.close()

    return send


def _document(answer: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(answer)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": answer.decode(errors="replace")[:500]}


def _reason(body: Mapping[str, Any]) -> str:
    """Return the text of a problem document, or of a refusal of the API itself, such as that of a key."""
    api = ": ".join(str(body[name]) for name in ("message", "details") if body.get(name))
    return str(body.get("detail") or api or dict(body))
