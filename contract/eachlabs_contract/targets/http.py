"""Sends requests to a server over HTTP."""

from typing import Final

from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, MaxRetryError

from eachlabs_contract.history import Answer, Request
from eachlabs_contract.targets.transport import NoAnswerError, is_address

TIMEOUT: Final = 35.0
"""Real seconds to wait for an answer: more than the 30 s that a webhook may take while a clock is moved."""

CONNECT_TIMEOUT: Final = 5.0
"""Real seconds to wait for a connection."""

CONNECTIONS: Final = 128
"""Connections kept open: enough for every thread of a race."""


class HttpTransport:
    """Sends requests over HTTP, and keeps connections open.

    :param root: scheme and host, such as ``http://127.0.0.1:8780``.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        timeout = Timeout(connect=CONNECT_TIMEOUT, read=TIMEOUT)
        self._pool = PoolManager(maxsize=CONNECTIONS, retries=Retry(0, redirect=False), timeout=timeout)

    @property
    def root(self) -> str:
        return self._root

    def send(self, request: Request) -> Answer:
        body = request.body or None
        url = request.path if is_address(request.path) else self._root + request.path
        headers = dict(request.headers)
        try:
            answer = self._pool.request(request.method, url, body, headers=headers, redirect=False)
        except HTTPError as error:
            raise NoAnswerError(_reason(error)) from None
        return Answer(answer.status, tuple(answer.headers.items()), answer.data)


def _reason(error: HTTPError) -> str:
    """Return the text of *error* without the object names that the library puts in front of it."""
    text = str(error.reason if isinstance(error, MaxRetryError) else error)
    return text.partition("): ")[2] if text.startswith(("HTTPConnection", "HTTPSConnection")) else text
