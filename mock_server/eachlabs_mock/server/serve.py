"""The production server: one granian worker, a reserved port, a checked ready line and a clean shutdown."""

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

_LONGEST_REASON = 4000
"""Bytes of an error of the worker: a pipe accepts so many in one write."""

STOP_TIMEOUT = 4
"""Real seconds for calls in flight when the server stops."""

_SWITCH_INTERVAL = 0.001
"""Real seconds until a busy thread, such as a renderer, yields; with the default of 5 ms reads would wait longer."""

_GC_THRESHOLDS = (5_000, 10, 1_000)
"""For `gc.set_threshold`. With the defaults, a full store was searched every 15 seconds, and all calls waited for 0.1
seconds. Here cycles are short-lived, and records are in none."""

LOGGING: Mapping[str, object] = MappingProxyType(
    {  # granian logs to standard error: the first line of standard output is the ready line
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
        },
        "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
    }
)


Make = Callable[[Settings], Application]


class StartError(Exception):
    """The server cannot listen on its address, or cannot start with its settings; the text says why."""


class NeverReadyError(Exception):
    """The server did not become ready in time."""


def run_server(settings: Settings, out: TextIO, make: Make = assemble) -> None:
    """Serve until a signal ends it; write the ready line to *out*.

    :param make: makes the emulator.
    :raises StartError: the port is taken, the address is not this machine's, or the store cannot be kept in its file.
    :raises ModelFileError: a model file of the settings has an error.
    :raises ScenarioError: the scenario has an error.
    :raises NeverReadyError: the server did not become ready in time.
    """
    Catalog.load(shipped_models(), *settings.models)  # report errors in files here, before there is a worker
    load_scenario(settings.scenario, settings)
    settings = replace(settings, seed=fresh_seed() if settings.seed is None else settings.seed)
    reserved = reserve(settings.host, settings.port)
    address = Address(settings.host, reserved.getsockname()[1])
    lifeline, parent_end = os.pipe()
    reason, worker_end = os.pipe()
    multiprocessing.set_start_method("fork", force=True)  # the worker inherits settings and pipes
    announcer = Announcer(settings, address, out)
    # After the fork: a lock that a thread held during it would stay locked in the worker.
    os.register_at_fork(after_in_parent=announcer.start)
    _server(address).serve(
        target_loader=lambda: _worker(settings, make, (lifeline, parent_end), worker_end), wrap_loader=False
    )
    reserved.close()
    os.close(worker_end)
    if text := os.read(reason, _LONGEST_REASON):
        raise StartError(text.decode())
    if announcer.has_failed:
        raise NeverReadyError(f"the server did not become ready within {START_TIMEOUT:g} s")


def reserve(host: str, port: int) -> socket.socket:
    """Return a socket that reserves *port* of *host*, bound and not listening; port 0: a free one.

    granian listens with SO_REUSEPORT, so two servers on one port would both start and share the calls. A first bind
    without that option shows whether the port is taken; a second bind with it reserves the port until granian listens.

    :raises StartError: the port is taken, or the address is not of this machine.
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
        raise StartError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    return held


def _server(address: Address) -> MPServer:
    server = MPServer(
        "eachlabs-mock",
        address=address.host,
        port=address.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        websockets=False,
        workers=1,  # state is in the memory of the worker
        blocking_threads=1,  # it runs the event loop; calls run in threads of the application
        backpressure=4096,
        http=HTTPModes.http1,
        workers_kill_timeout=STOP_TIMEOUT,
        log_level=LogLevels.error,
        log_dictconfig=dict(LOGGING),
    )
    is_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    server.on_startup(lambda: _handle_hang_up(is_ignored=is_ignored))
    return server


def _handle_hang_up(*, is_ignored: bool) -> None:
    """Make SIGHUP end the server, or do nothing under nohup: granian would restart the worker, and lose its state."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN if is_ignored else signal.getsignal(signal.SIGTERM))


def _worker(settings: Settings, make: Make, parent: tuple[int, int], reason: int) -> Callable[..., object]:
    """Make the application in the process of the worker.

    :param parent: both ends of a pipe whose writing end closes when the parent ends.
    :param reason: the pipe for the reason why it cannot start.
    """
    lifeline, parent_end = parent
    os.close(parent_end)
    threading.Thread(target=_end_with_parent, args=(lifeline,), name="lifeline", daemon=True).start()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        application = make(settings)
    except StoreFileError as error:
        _refuse(str(error), reason)
    gc.freeze()  # all present objects are permanent
    gc.set_threshold(*_GC_THRESHOLDS)
    application.dispatcher.start()
    return OverRsgi(application.wsgi, application.at_once, settings.threads)


def _refuse(text: str, reason: int) -> NoReturn:
    """Write the reason why the worker cannot start, and end the server without a traceback of granian."""
    os.write(reason, text.encode()[:_LONGEST_REASON])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # instead of the handler that granian has set for the parent
    os.kill(os.getppid(), signal.SIGTERM)
    while True:
        signal.pause()


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)  # nothing is written: this returns when the parent has ended
    os._exit(1)
