"""Announces that the server is ready, once it has answered a readiness probe on its own port."""

import os
import signal
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TextIO

import orjson

from eachlabs_mock.console import LineWriter
from eachlabs_mock.core import real_deadline, real_remaining, real_sleep
from eachlabs_mock.resources import __version__
from eachlabs_mock.settings import Settings

START_TIMEOUT = 30.0
"""Real seconds until a server that is not ready is given up."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of the server."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The root URL, without `/v1`."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


class Announcer:
    """Waits in its own thread until the server at *address* is ready, and writes that to *out*.

    A terminal gets a banner, any other stream one line of JSON. A server that does not become ready is ended.
    """

    def __init__(self, settings: Settings, address: Address, out: TextIO) -> None:
        self._settings = settings
        self._address = address
        self._out = out
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
        self.has_failed = False

    def start(self) -> None:
        """Start the thread, unless it was started before."""
        if self._thread.ident is None:
            self._thread.start()

    def _run(self) -> None:
        if not becomes_ready(self._address):
            self.has_failed = True
            os.kill(os.getpid(), signal.SIGTERM)
            return
        form = _banner if self._out.isatty() else _ready_line
        LineWriter(self._out).write(form(self._settings, self._address) + "\n")  # it may have no reader


def becomes_ready(address: Address) -> bool:
    """Wait up to `START_TIMEOUT` until the server at *address* is ready; return whether it is."""
    deadline = real_deadline(START_TIMEOUT)
    while real_remaining(deadline):
        if _is_ready(address):
            return True
        real_sleep(0.01)
    return False


def _is_ready(address: Address) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104  # compared, not bound
    connection = HTTPConnection(host, address.port, timeout=START_TIMEOUT)
    try:
        connection.request("GET", "/__mock/health/ready")
        return connection.getresponse().status == 200  # noqa: PLR2004  # OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _ready_line(settings: Settings, address: Address) -> str:
    facts = {
        "event": "ready",
        "url": address.url,
        "base_url": f"{address.url}/v1",
        "port": address.port,
        "pid": os.getpid(),
        "seed": settings.seed,
        "profile": settings.profile,
        "version": __version__,
    }
    return orjson.dumps(facts).decode()


def _banner(settings: Settings, address: Address) -> str:
    return f"""\
eachlabs-mock {__version__} is ready on {address.url}
profile {settings.profile}, seed {settings.seed}, pid {os.getpid()}

  export EACHLABS_BASE_URL={address.url}/v1
  export EACHLABS_API_KEY=any-key

Documentation: {address.url}/v1/docs    Press Ctrl-C to stop."""
