"""Carries one request straight into a WSGI application of this process, and its answer back."""

import contextlib
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from eachlabs_contract.history import Answer, Request
from eachlabs_contract.targets.address import EXAMPLE_ROOT
from eachlabs_contract.targets.transport import NoAnswerError, WsgiApp, is_address


class WsgiTransport:
    """Straight into an application of this process: no socket, no server.

    :param root: what the application is told of its own address.
    """

    def __init__(self, app: WsgiApp, root: str = EXAMPLE_ROOT) -> None:
        self._app = app
        self._root = root

    @property
    def root(self) -> str:
        return self._root

    def send(self, request: Request) -> Answer:
        if is_address(request.path):
            raise NoAnswerError(f"{request.path} is not this application's, and nothing else is asked in process")
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
        except Exception as error:  # whatever it is, a server in front of it would hang up or say 500
            raise NoAnswerError(f"the application raised {error!r}") from error
