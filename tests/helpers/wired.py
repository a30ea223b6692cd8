"""An emulator whose answers are sent as the header `X-Wire`, a `Transfer` in JSON, says. Also a command.

`python tests/helpers/wired.py FLAGS...` does what `eachlabs-mock serve FLAGS...` does.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from eachlabs_mock.app import Application, assemble
from eachlabs_mock.cli.serve import serve_command
from eachlabs_mock.core.reply import TRANSFER, Transfer
from eachlabs_mock.server import serve
from eachlabs_mock.settings.server import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@contextmanager
def serving(*flags: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve such an emulator in a child process; yield the process and its port."""
    command = [sys.executable, __file__, "--port", "0", "--rate-limit", "off", "--log-format", "off", *flags]
    same = {**os.environ, "PYTHONHASHSEED": "0"}  # two of them list what is in a set in one order
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=same) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["port"]
        finally:
            process.terminate()
            process.wait(10)


def wired(settings: Settings) -> Application:
    """Return such an emulator."""
    application = assemble(settings)

    def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = application.wsgi(environ, start_response)
        if wire := environ.get("HTTP_X_WIRE"):
            environ[TRANSFER] = Transfer(**json.loads(wire))
        return answer

    return replace(application, wsgi=wsgi)


if __name__ == "__main__":
    serve.run_server = partial(serve.run_server, make=wired)
    serve_command().main(sys.argv[1:])
