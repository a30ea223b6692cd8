"""A client of the control plane of one world."""

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]
"""Takes method, path, headers and body; returns HTTP status and body."""

OK = 200

CALL_TIMEOUT = 300.0
"""Real seconds until a call is given up. An advance waits for all webhooks on its way, so this is long."""


class ControlError(Exception):
    """The control plane refused a call; the text says which, why, and what would be right.

    :ivar status: the HTTP status: 400 for an invalid call, 408 for a wait that has timed out.
    :ivar field: the invalid field; empty: the call as a whole.
    :ivar body: the whole answer.
    """

    def __init__(self, call: str, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.field = str(body.get("field", ""))
        self.body = body
        super().__init__(f"{call} was answered {status}: {_reason(body)}")


class Control:
    """The control plane of the world of *api_key*.

    :param send: makes a call.
    :param token: the token of the control plane; empty: it has none.
    """

    def __init__(self, send: Send, api_key: str, token: str = "") -> None:
        self._send = send
        self._headers = {"X-API-Key": api_key, "X-Mock-Token": token, "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401  # JSON is Any
        """Make a call; return the JSON of its answer.

        :param path: below ``/__mock``.
        :raises ControlError: it was refused.
        :raises ConnectionError: no server answers.
        """
        path = f"/__mock{path}"
        sent = b"" if body is None else json.dumps(body).encode()
        status, answer = self._send(method, path, self._headers, sent)
        if status != OK:
            raise ControlError(f"{method} {path}", status, _document(answer))
        return json.loads(answer)


def over_http(url: str, timeout: float = CALL_TIMEOUT) -> Send:
    """Return a function that makes calls to the server at *url*.

    It uses the standard library: a test may have replaced `requests`, or given it a proxy.

    :param timeout: real seconds until a call is given up.
    """
    address = urlsplit(url)

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection(address.hostname or "", address.port, timeout=timeout)
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
    """Return the text of a problem document or of a refusal of the API, such as that of a key."""
    api = ": ".join(str(body[name]) for name in ("message", "details") if body.get(name))
    return str(body.get("detail") or api or dict(body))
