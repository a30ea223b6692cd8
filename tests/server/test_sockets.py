"""Sockets found among the files of a process, and callers who leave their answers unread."""

import select
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from eachlabs_mock.server.sockets import connection_to, drop_unread
from helpers import served as served_module
from helpers.served import serving

PATIENCE = 20
"""Real seconds after which a test gives up."""
TOLD = """
import socket, sys
from dataclasses import replace
from functools import partial
from eachlabs_mock.server import serve, sockets
from eachlabs_mock.__main__ import main
from eachlabs_mock.app import assemble

def listens(each):
    return each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)

def patience(each):
    return each.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

def telling(settings):
    application = assemble(settings)

    def wsgi(environ, start_response):
        if environ["PATH_INFO"] != "/told":
            return application.wsgi(environ, start_response)
        start_response("200 OK", [])
        return [b"%d" % patience(each) for each in sockets._sockets() if listens(each)]

    return replace(application, wsgi=wsgi)

serve.run_server = partial(serve.run_server, make=telling)
main(["serve", *sys.argv[1:]])
"""

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system does not drop such callers"
)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def caller(listener: socket.socket) -> Iterator[socket.socket]:
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        drop_unread(100)
        caller.connect(listener.getsockname())
        yield caller


def filled(listener: socket.socket) -> socket.socket:
    """Return the connection to a caller, who has been sent more than the system keeps."""
    connection = listener.accept()[0]
    connection.setblocking(False)
    with suppress(BlockingIOError):
        while connection.send(bytes(65_536)):
            pass
    return connection


@pytest.mark.usefixtures("caller")
def test_a_caller_who_reads_nothing_is_dropped(listener: socket.socket) -> None:
    with closing(filled(listener)) as connection:
        gone = select.poll()
        gone.register(connection, select.POLLERR)

        assert gone.poll(PATIENCE * 1000)
        with pytest.raises(TimeoutError):
            connection.send(b"more")


def test_a_caller_is_found_until_it_has_gone(listener: socket.socket, caller: socket.socket) -> None:
    host, port = caller.getsockname()
    with closing(listener.accept()[0]) as connection, closing(connection_to(f"{host}:{port}")) as found:
        assert found.getpeername() == connection.getpeername()

    with pytest.raises(ConnectionError, match=f"{port} has gone"):
        connection_to(f"{host}:{port}")


def test_the_server_gives_callers_a_minute_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_module, "COMMAND", [sys.executable, "-c", TOLD])

    with serving("--log-format", "off") as server:
        assert server.call("GET", "/told") == (200, b"60000")
