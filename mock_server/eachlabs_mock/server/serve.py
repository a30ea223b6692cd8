"""The production server: one granian worker, a port that is surely ours, a ready line that is true, a clean end."""

import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NoReturn, TextIO

from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer

from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core import fresh_seed
from eachlabs_mock.faults import load_scenario
from eachlabs_mock.models import Catalog, shipped_models
from eachlabs_mock.server.readiness import START_TIMEOUT, Address, Announcer
from eachlabs_mock.server.rsgi import OverRsgi
from eachlabs_mock.settings import Settings
from eachlabs_mock.stores import StoreFileError

_LONGEST_WORDS = 4000
"""Bytes; a pipe takes so many at once."""

GRACE = 4
"""Real seconds that calls in flight are given when the server stops."""

_TURN = 0.001
"""Real seconds after which a thread at work, say on a picture, lets the others on; at Python's own 5 ms polls wait."""

_COLLECTED = (5_000, 10, 1_000)
"""Objects made from one search for cycles to the next; such searches among the next older; and those from one of all to
the next. With Python's own figures a full store was searched every quarter of a minute, and for a tenth of a second
nobody was answered. Cycles die young here, records are in none."""

LOGGING: Mapping[str, object] = MappingProxyType(
    {  # granian's own words belong on standard error: the first line of standard output is the ready line
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
        },
        "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
    }
)


Make = Callable[[Settings], Application]


class PortTakenError(Exception):
    """The address cannot be listened on; the text says why, and what would help."""


class WorkerRefusedError(Exception):
    """The worker cannot serve with these settings; the text says why."""


class NeverReadyError(Exception):
    """The server was given up, since it did not answer that it is ready."""


def run_server(settings: Settings, out: TextIO, make: Make = assemble) -> None:
    """Serve until a signal ends it, and tell *out* when it is ready.

    :param make: makes the emulator.
    :raises PortTakenError: the port is taken, or the address is not this machine's.
    :raises ModelFileError: a model file of the settings has an error.
    :raises ScenarioError: so has the scenario.
    :raises WorkerRefusedError: its store cannot be kept in its file.
    :raises NeverReadyError: it never became ready.
    """
    Catalog.load(shipped_models(), *settings.models)  # an error in a file is told here, not by a dead worker
    load_scenario(settings.scenario, settings)
    settings = replace(settings, seed=fresh_seed() if settings.seed is None else settings.seed)
    reserved = reserve(settings.host, settings.port)
    address = Address(settings.host, reserved.getsockname()[1])
    lifeline, parent_end = os.pipe()
    last_words, worker_end = os.pipe()
    multiprocessing.set_start_method("fork", force=True)  # settings and pipe reach the worker by being there
    announcer = Announcer(settings, address, out)
    # Not before the fork: a thread that holds a lock just then would leave it locked in the worker for ever.
    os.register_at_fork(after_in_parent=announcer.start)
    _server(address).serve(
        target_loader=lambda: _worker(settings, make, (lifeline, parent_end), worker_end), wrap_loader=False
    )
    reserved.close()
    os.close(worker_end)
    if told := os.read(last_words, _LONGEST_WORDS):
        raise WorkerRefusedError(told.decode())
    if announcer.has_failed:
        raise NeverReadyError(f"the server did not become ready within {START_TIMEOUT:g} s")


def reserve(host: str, port: int) -> socket.socket:
    """Return a socket that holds *port* of *host* for this process, bound and not listening; port 0 picks a free one.

    granian listens with SO_REUSEPORT, so that two of them on one port would both start, and share the calls. A bind
    without it tells whether anybody listens there; the second one, with it, keeps the port ours until granian listens.

    :raises PortTakenError: somebody listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            port = probe.getsockname()[1]
        held = socket.socket(family)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError as error:
        raise PortTakenError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    return held


def _server(address: Address) -> MPServer:
    server = MPServer(
        "eachlabs-mock",
        address=address.host,
        port=address.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        websockets=False,
        workers=1,  # state lies in the worker's memory
        blocking_threads=1,  # it calls the event loop; those that work on calls are the application's own
        backpressure=4096,
        http=HTTPModes.http1,
        workers_kill_timeout=GRACE,
        log_level=LogLevels.error,
        log_dictconfig=dict(LOGGING),
    )
    is_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    server.on_startup(lambda: _heed_a_hang_up(is_ignored=is_ignored))
    return server


def _heed_a_hang_up(*, is_ignored: bool) -> None:
    """Let a hang-up end the server, or, under nohup, do nothing: granian would begin anew, and lose all there is."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN if is_ignored else signal.getsignal(signal.SIGTERM))


def _worker(settings: Settings, make: Make, parent: tuple[int, int], last_words: int) -> Callable[..., object]:
    """Make the application, in the worker's process.

    :param parent: both ends of the pipe whose other end ends with the parent.
    :param last_words: where to say why it cannot.
    """
    lifeline, parent_end = parent
    os.close(parent_end)
    threading.Thread(target=_end_with_parent, args=(lifeline,), name="lifeline", daemon=True).start()
    sys.setswitchinterval(_TURN)
    try:
        application = make(settings)
    except StoreFileError as error:
        _refuse(str(error), last_words)
    gc.freeze()  # what is there by now stays
    gc.set_threshold(*_COLLECTED)
    application.dispatcher.start()
    return OverRsgi(application.wsgi, application.at_once, settings.threads)


def _refuse(reason: str, last_words: int) -> NoReturn:
    """Say why there will be no server, and have it ended in good order: granian would have its own words for less."""
    os.write(last_words, reason.encode()[:_LONGEST_WORDS])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # or else the one that granian sets for the parent
    os.kill(os.getppid(), signal.SIGTERM)
    while True:
        signal.pause()


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)  # nothing is ever written: this returns when the parent is gone, however it went
    os._exit(1)
