"""Sends requests directly to a WSGI application in this process."""

import contextlib
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from eachlabs_contract.history import Answer, Request
from eachlabs_contract.targets.address import EXAMPLE_ROOT
from eachlabs_contract.targets.transport import NoAnswerError, WsgiApp, is_address


class WsgiTransport:
    """Calls an application in this process, without a socket or a server.

    :param root: scheme and host that the application sees as its own.
    """

    def __init__(self, app: WsgiApp, root: str = EXAMPLE_ROOT) -> None:
        self._app = app
        self._root = root

    @property
    def root(self) -> str:
        return self._root

    def send(self, request: Request) -> Answer:
        if is_address(request.path):
            raise NoAnswerError(
                f"{request.path} is outside this application, and a check in process sends no other requests"
            )
        builder = EnvironBuilder(
            path=request.path,
            method=request.method,
            base_url=self._root,
            headers=list(request.headers),
            data=request.body,
        )
        with contextlib.closing(builder):
            chunks, status, headers = self._run(builder.get_environ())
        return Answer(int(status.split()[0]), tuple(headers.items()), b"".join(chunks))

    def _run(self, environ: dict[str, Any]) -> tuple[Iterable[bytes], str, Headers]:
        try:
            return run_wsgi_app(self._app, environ, buffered=True)
        except Exception as error:  # a server in front of it would close the connection or answer 500
            raise NoAnswerError(f"the application raised {error!r}") from error
